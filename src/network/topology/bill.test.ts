import { describe, expect, it } from "vitest";
import { clusterOf } from "../../catalog/cluster-of.ts";
import { fabrics } from "../../catalog/fabrics/index.ts";
import { nodes } from "../../catalog/nodes/index.ts";
import { clusterTopology } from "../cluster-topology.ts";
import { billOfMaterials, billTotals } from "./index.ts";

describe("bill of materials", () => {
  const cluster = clusterOf({ node: nodes.get("hgx-h100"), nodes: 127 });
  const bill = billOfMaterials(clusterTopology(cluster));

  it("of 127 nodes of H100 is the published one: 48 switches of 64 ports, 61 W and 1,688 dollars an accelerator", () => {
    const fabric = bill.switches.filter(({ place }) => place === "fabric");
    expect(fabric.map(({ name, count }) => [name, count])).toEqual([
      ["leaf", 32],
      ["spine", 16],
    ]);
    const totals = billTotals(bill, "infiniband");
    expect(totals.types.map(({ type }) => type)).toEqual(["qm9700", "qm9700"]);
    expect(Math.abs(totals.power / 1016 / 61 - 1)).toBeLessThan(0.05);
    expect(Math.abs(totals.priceLow / 1016 / 1688 - 1)).toBeLessThan(0.02);
    expect(totals.excluded).toEqual([
      "price of 2032 optical ends of port-leaf, and its cables",
      "price of 2048 optical ends of leaf-spine, and its cables",
    ]);
  });

  it("has line rates, and copper has no modules", () => {
    expect(bill.cables.find(({ name }) => name === "leaf-spine")?.bandwidth).toBe(50e9);
    const copper = billOfMaterials(clusterTopology(cluster), ["port-leaf"]);
    expect(copper.cables.find(({ name }) => name === "port-leaf")?.optics).toBe(0);
    expect(billTotals(copper, "infiniband").power).toBeLessThan(billTotals(bill, "infiniband").power);
  });

  it("joins the rails of a fabric, which differ by their number alone", () => {
    const fabric = { ...fabrics.get("infiniband-ndr"), topology: "rail-only" as const, tiers: 1, oversubscription: [] };
    const rails = billOfMaterials(clusterTopology(clusterOf({ node: nodes.get("hgx-h100"), nodes: 64, fabric })));
    const lines = rails.switches.filter(({ place }) => place === "fabric");
    expect(lines.map(({ name, count, portsUsed }) => [name, count, portsUsed])).toEqual([["rail leaf", 8, 64]]);
  });

  it("names what it does not know", () => {
    const fabric = { ...fabrics.get("ethernet-25g"), tiers: 1, oversubscription: [] };
    const small = billOfMaterials(clusterTopology(clusterOf({ node: nodes.get("rtx-4090-box"), nodes: 4, fabric })));
    const totals = billTotals(small, "ethernet");
    expect([totals.power, totals.priceHigh]).toEqual([0, 0]);
    expect(totals.excluded[0]).toBe("power and price of 1 x leaf");
  });
});
