import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterOf, nodes, sources } from "../catalog/index.ts";
import {
  type Bill,
  billLines,
  billOf,
  lackingText,
  type OwnerTerms,
  type Owning,
  owningLines,
  owningOf,
} from "./index.ts";

function billAt(node: string, count: number, spares = 0): Bill {
  return billOf({
    machines: [{ cluster: clusterOf({ node: nodes.get(node), nodes: count }), spares }],
    storage: "not asked",
    site: { powerUsageEffectiveness: 1.3 },
  });
}

const rent = 3.99 / 3600;
const owned = (bill: Bill, terms: OwnerTerms = {}): Owning => owningOf({ bill, terms, powerMean: 1050, rent });

describe("owning", () => {
  /** Estimates of 2026-04 for younger clouds; they hold what is left out here: cables, storage, staff. @see inferencex */
  it.each([
    ["hgx-h100", 1.69],
    ["hgx-h200", 1.74],
    ["hgx-b200", 2.34],
  ])("of %s costs within 20 %% of what analysts estimate", (node, published) => {
    const { total, capital, lacking } = owned(billAt(node, 128));
    const [low, likely, high] = total === "unknown" ? [0, 0, 0] : total;
    expect(likely / published, JSON.stringify(capital)).toBeGreaterThan(0.8);
    expect(likely / published).toBeLessThan(1.2);
    expect(low).toBeLessThanOrEqual(likely);
    expect(high).toBeGreaterThanOrEqual(likely);
    expect(lacking.map(({ key }) => key)).toContain("economics.ownership.staffPerYear");
  });

  it("of MI300X stays well below, and says that nobody prices its network and rates its nodes", () => {
    const { total, lacking } = owned(billAt("mi300x-8", 128));
    expect(Number(total[1]) / 1.4).toBeLessThan(0.8);
    expect(lacking.map(({ what }) => what)).toEqual(expect.arrayContaining(["network", "hosting"]));
  });

  it("has a rent, a share of use and a price of a node at which it costs what renting does", () => {
    const bill = billAt("hgx-h100", 128, 2);
    const terms = fc.record({
      node: fc.double({ min: 5e4, max: 2e6, noNaN: true }),
      network: fc.double({ min: 0, max: 1e8, noNaN: true }),
      rate: fc.double({ min: 0, max: 0.3, noNaN: true }),
      salvage: fc.double({ min: 0, max: 0.5, noNaN: true }),
      maintenance: fc.double({ min: 0, max: 0.1, noNaN: true }),
      staffPerYear: fc.double({ min: 0, max: 1e7, noNaN: true }),
    });
    fc.assert(
      fc.property(terms, (given) => {
        const { evenNode = Number.NaN, evenShare = Number.NaN, perHour, rentPerHour } = owned(bill, given);
        const hourly = Number(rentPerHour);
        expect((evenShare * (hourly - perHour.energy) + perHour.energy) / perHour.total).toBeCloseTo(1, 9);
        if (evenNode <= 0) return;
        expect(owned(bill, { ...given, node: evenNode }).perHour.total / hourly).toBeCloseTo(1, 9);
      }),
      { numRuns: 50 },
    );
  });

  it("counts spares as owned and as accelerators", () => {
    const terms = { node: 300_000, network: 0, storage: 0 };
    expect(owned(billAt("hgx-h100", 100, 28), terms).accelerators).toBe(128 * 8);
    expect(owned(billAt("hgx-h100", 100, 28), terms).perHour.capital).toBeCloseTo(
      owned(billAt("hgx-h100", 128), terms).perHour.capital,
      12,
    );
  });

  it("has no total where nobody prices the nodes, says what is estimated, and still what a node may cost", () => {
    const owning = owned(billAt("gb200-nvl72", 18));
    expect(owning.total).toBe("unknown");
    expect(owning.evenNode).toBeGreaterThan(0);
    expect(owning.lacking.map(lackingText).join("; ")).toContain(
      "nodes: no dated public price of GB200 NVL72 compute tray (4 GPUs of 72); analysts' estimate of $2M to $3.1M for 72",
    );
    expect(owningLines(owning).find(({ item }) => item === "an hour owned, at least")?.amount).toBe("unknown");
    expect(owned(billAt("gb200-nvl72", 18), { node: 150_000 }).total).not.toBe("unknown");
  });

  it.each(nodes.entries.map(({ name }) => name))("of %s is counted, and its parts add up", (name) => {
    const bill = billAt(name, 4, 1);
    const { perHour, accelerators, total } = owned(bill);
    const each = nodes.get(name).acceleratorsPerNode;
    expect(accelerators).toBe(5 * each);
    const amounts = billLines(bill).map(({ item, amount }) => [item, amount]);
    expect(Object.fromEntries(amounts)).toMatchObject({ accelerators: 4 * each, nodes: 4, "spare nodes": 1 });
    const { total: sum, ...parts } = perHour;
    expect(Object.values(parts).reduce((all, part) => all + part, 0)).toBeCloseTo(sum, 12);
    if (total !== "unknown") expect(total[1]).toBe(sum);
  });

  it("takes terms from named sources, and none where the scenario gives them", () => {
    const { taken } = owned(billAt("hgx-h100", 4));
    for (const { reason } of taken) {
      const key = /\[(.*)\]$/.exec(reason)?.[1];
      expect(key === undefined ? reason.includes("assumed") : key in sources, reason).toBe(true);
    }
    const all = { years: 4 * 365 * 86_400, rate: 0.05, salvage: 0, hostingPerMonth: 0.1, energy: 1e-8 };
    expect(owned(billAt("hgx-h100", 4), all).taken).toEqual([]);
  });
});
