/** What to order, the figures of each node and link that an inspection checks, and what owning it costs. */

import type { Cluster } from "../catalog/cluster.ts";
import {
  type Bill,
  billLines,
  itemText,
  type Line,
  lackingText,
  type Owning,
  owningLines,
} from "../economics/index.ts";
import type { CostLine, Figure, OrderLine } from "./specification.ts";

export interface Order {
  readonly order: readonly OrderLine[];
  readonly figures: readonly Figure[];
  readonly notCovered: readonly string[];
}

/** The bill as a specification has it: what is counted is ordered, all else is a figure. */
export function orderOf(bill: Bill): Order {
  const lines = billLines(bill);
  const counted = lines.filter(({ unit }) => unit === "1");
  const measured = lines.filter(({ unit, item }) => unit !== "1" && unit !== "USD" && item !== "storage");
  const { facility, machines } = bill;
  const pue = facility.powerUsageEffectiveness;
  return {
    order: counted.map((line) => ({ item: itemText(line), count: numberOf(line), note: line.note })),
    figures: [
      ...machines.flatMap(({ cluster }) => nodeFigures(cluster)),
      ...measured.map((line): Figure => {
        return { of: line.pool ?? "site", what: line.item, value: numberOf(line), unit: line.unit, sources: [] };
      }),
      {
        of: "site",
        what: "power usage effectiveness",
        value: pue === "unknown" ? null : pue,
        unit: "1",
        sources: pue === "unknown" ? [] : ["pue-survey"],
      },
    ],
    notCovered: [
      ...lines.filter(({ amount }) => amount === "unknown").map((line) => `${itemText(line)}: ${line.note}`),
      ...machines.flatMap(({ fabric }) => (fabric?.totals.excluded ?? []).map((what) => `${what}: no public source`)),
      ...facility.excluded.map((what) => `power of ${what}`),
    ],
  };
}

function numberOf({ amount, item }: Line): number | null {
  if (typeof amount === "object") throw new Error(`${item} is a range: no count and no figure`);
  return amount === "unknown" ? null : amount;
}

/** Capital, an hour of one accelerator by part, and where owning and renting cost the same. */
export function costLines(owning: Owning): readonly CostLine[] {
  return owningLines(owning).map(({ item, amount, unit, note }): CostLine => {
    const [low, high] = typeof amount === "object" ? amount : [amount, amount];
    const known = low !== "unknown" && high !== "unknown";
    return { item, low: known ? low : null, high: known ? high : null, unit, note };
  });
}

/** What a cost leaves out, each with the key that gives it. */
export function notCosted({ lacking }: Owning): readonly string[] {
  return lacking.map((each) => `cost of ${lackingText(each)}`);
}

function nodeFigures({ node, fabric }: Cluster): readonly Figure[] {
  const { accelerator, scaleUp, nics, host } = node;
  const of = node.name;
  const { sources } = node;
  const watts = (value: number | "unknown"): number | null => (value === "unknown" ? null : value);
  return [
    {
      of: accelerator.name,
      what: "memory",
      value: accelerator.memory.capacity,
      unit: "B",
      sources: accelerator.sources,
    },
    {
      of: accelerator.name,
      what: "memory bandwidth",
      value: accelerator.memory.bandwidth,
      unit: "B/s",
      sources: accelerator.sources,
    },
    {
      of: accelerator.name,
      what: "bf16 dense peak",
      value: accelerator.peak.bf16 ?? null,
      unit: "flop/s",
      sources: accelerator.sources,
    },
    {
      of: accelerator.name,
      what: "power limit",
      value: watts(accelerator.power),
      unit: "W",
      sources: accelerator.sources,
    },
    { of, what: "accelerators", value: node.acceleratorsPerNode, unit: "1", sources },
    { of, what: "scale-up domain", value: scaleUp.domain, unit: "accelerators", sources },
    {
      of,
      what: "scale-up bandwidth of one accelerator, one direction",
      value: scaleUp.bandwidth,
      unit: "B/s",
      sources,
    },
    { of, what: "network ports", value: nics.count, unit: "1", sources },
    { of, what: "bandwidth of one network port, one direction", value: nics.bandwidth, unit: "B/s", sources },
    { of, what: "link of one accelerator to its host, one direction", value: host?.link ?? null, unit: "B/s", sources },
    { of, what: "rated power", value: watts(node.power), unit: "W", sources },
    { of: fabric.name, what: "latency of one hop", value: fabric.hopLatency, unit: "s", sources: fabric.sources },
    ...fabric.oversubscription.map(
      (ratio, tier): Figure => ({
        of: fabric.name,
        what: `oversubscription above tier ${tier + 1}`,
        value: ratio,
        unit: "1",
        sources: fabric.sources,
      }),
    ),
  ];
}
