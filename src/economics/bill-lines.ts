/** A bill as lines, in the order in which one would order: machines, fabric, storage, racks, power. */

import { formatQuantity } from "../base/quantity.ts";
import type { Bill, MachinesBill } from "./bill.ts";
import type { Facility, GroupFacility } from "./facility.ts";
import type { Line } from "./line.ts";

export function billLines({ machines, storage, facility }: Bill): readonly Line[] {
  const places = machines.map((group, index): readonly Line[] => {
    const place = facility.groups[index];
    if (place === undefined) throw new Error("a facility without one of its groups");
    return ofPool(group, placeLines(group, place));
  });
  return [
    ...machines.flatMap((group) => ofPool(group, [...machineLines(group), ...fabricLines(group)])),
    ...storageLines(storage),
    ...places.flat(),
    ...siteLines(facility),
  ];
}

function ofPool({ pool }: MachinesBill, lines: readonly Line[]): readonly Line[] {
  return pool === undefined ? lines : lines.map((line) => ({ ...line, pool }));
}

function machineLines({ cluster: { node, nodes, accelerators }, spares }: MachinesBill): readonly Line[] {
  const { accelerator, nics } = node;
  return [
    { item: "accelerators", amount: accelerators, unit: "1", note: `${accelerator.label}, in the nodes` },
    { item: "nodes", amount: nodes, unit: "1", note: node.label },
    ...(spares === undefined
      ? []
      : [
          {
            item: "spare nodes",
            amount: spares,
            unit: "1",
            note: "stand by; switches and cables are without them",
          } as const,
        ]),
    { item: "network ports", amount: nodes * nics.count, unit: "1", note: `${nics.name ?? "ports"}, in the nodes` },
  ];
}

function fabricLines({ fabric, fabricUnknown }: MachinesBill): readonly Line[] {
  if (fabric === undefined) {
    return [{ item: "switches, cables and optics", amount: "unknown", unit: "1", note: fabricUnknown ?? "" }];
  }
  const { switches, cables, totals } = fabric;
  const types = new Map(totals.types.map(({ group, type }) => [group, type]));
  const optics = cables.reduce((sum, cable) => sum + cable.optics, 0);
  const boxes = switches.filter(({ place }) => place !== "node");
  return [
    ...boxes.map(({ name, count, portsUsed, radix }): Line => {
      const ports = radix === undefined ? `${portsUsed}` : `${portsUsed} of ${radix}`;
      const type = types.get(name);
      const taken = type === undefined ? "no such switch in the catalog" : `taken as ${type}`;
      return { item: `switches, ${name}`, amount: count, unit: "1", note: `${taken}, ${ports} ports used` };
    }),
    ...cables
      .filter(({ medium }) => medium === "fabric" || medium === "long-haul")
      .map(({ name, medium, count, bandwidth }): Line => {
        const note = `${medium}, ${formatQuantity(bandwidth, "bytesPerSecond")} each way`;
        return { item: `cables, ${name}`, amount: count, unit: "1", note };
      }),
    { item: "optical modules", amount: optics, unit: "1", note: "one at each end of a cable that is no copper" },
    ...(boxes.length === 0 ? [] : [switchPrice(totals)]),
  ];
}

function switchPrice({ priceLow, priceHigh, excluded }: NonNullable<MachinesBill["fabric"]>["totals"]): Line {
  const switches = excluded.filter((words) => /price of/.test(words) && !words.includes("optical"));
  const unknown = switches.map((words) => words.replace(/^.*price of /, ""));
  const optics = excluded.some((words) => words.includes("optical"));
  const without = [...unknown, ...(optics ? ["optics and cables"] : [])];
  const note = without.length === 0 ? "street prices" : `without ${without.join(", ")}: no dated public price`;
  const amount = priceHigh === 0 ? "unknown" : ([priceLow, priceHigh] as const);
  return { item: "price, switches", amount, unit: "USD", note };
}

function placeLines({ cluster: { node }, fabric }: MachinesBill, place: GroupFacility): readonly Line[] {
  const rated = node.power === "unknown" ? `no rated power of ${node.label}` : `rated ${watts(node.power)} a node`;
  const lacking = (fabric?.totals.excluded ?? []).filter((words) => words.startsWith("power"));
  const without =
    lacking.length === 0
      ? ""
      : `, without ${lacking.map((words) => words.replace(/^power (and price )?of /, "")).join(", ")}`;
  return [
    { item: "racks", amount: place.racks, unit: "1", note: place.rackBasis },
    { item: "power, nodes", amount: place.machines, unit: "W", note: rated },
    { item: "power, fabric", amount: place.network, unit: "W", note: `switches and optics, typical${without}` },
  ];
}

/** What the store must do is known where checkpoints go to one; what it is made of never is. */
function storageLines(storage: Bill["storage"]): readonly Line[] {
  if (typeof storage === "string") return [{ item: "storage", amount: "unknown", unit: "B", note: storage }];
  const { checkpoint, write, read } = storage;
  const rate = (item: string, amount: number | undefined): readonly Line[] =>
    amount === undefined ? [] : [{ item, amount, unit: "B/s", note: "of all nodes together, sustained" }];
  const asked = write === undefined ? "as fast as the nodes write; " : "";
  return [
    {
      item: "storage, one checkpoint",
      amount: checkpoint,
      unit: "B",
      note: `${asked}how many are kept and its devices are not in the scenario`,
    },
    ...rate("storage, write", write),
    ...rate("storage, read", read),
  ];
}

function siteLines({ storage, cooling, site, powerUsageEffectiveness: pue, excluded }: Facility): readonly Line[] {
  const unknown = "known with economics.powerUsageEffectiveness of the site";
  return [
    {
      item: "power, storage",
      amount: storage,
      unit: "W",
      note: storage === "unknown" ? "known with economics.storagePower" : "given",
    },
    {
      item: "power, cooling and distribution",
      amount: cooling,
      unit: "W",
      note: pue === "unknown" ? unknown : `(PUE - 1) x equipment, PUE ${pue}`,
    },
    { item: "power, site", amount: site, unit: "W", note: `without ${excluded.join(", ")}` },
  ];
}

function watts(power: number): string {
  return formatQuantity(power, "watts");
}
