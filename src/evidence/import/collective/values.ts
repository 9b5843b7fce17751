/** What a row measured: times and bus bandwidths, each with its size and with what differs from the row as a whole. */

import type { Assumption, EvidenceRecord, Measured, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { numberOf, type RawRow, textOf } from "../raw.ts";

type Entry = RawRow["measured"][number];
type Readings = Pick<EvidenceRecord, "measured" | "unconverted">;

/** Ranks, nodes and ranks of one node. */
export interface Point {
  readonly ranks: number;
  readonly nodes: number;
  readonly perNode: number;
}

/** Of the row as a whole, or of its first value where every value has its own. */
export function basePoint(row: RawRow): Point {
  return pointOf(row, row.measured[0]);
}

function pointOf({ system, workload, plan }: RawRow, entry: Entry | undefined): Point {
  const ranks = numberOf(entry?.extra.ranks) ?? numberOf(workload.ranks) ?? numberOf(system.count) ?? 0;
  const nodes = numberOf(entry?.extra.nodes) ?? numberOf(system.nodes) ?? 1;
  const eight = /^8-GPU/.test(textOf(system.accelerator)) ? 8 : undefined;
  const stated = numberOf(plan.ranks_per_node) ?? numberOf(system.per_node) ?? eight ?? ranks;
  return { ranks, nodes, perNode: Math.min(stated, ranks) };
}

const operations: Readonly<Record<string, string>> = {
  all_reduce: "all-reduce",
  all_gather: "all-gather",
  reduce_scatter: "reduce-scatter",
  alltoall: "all-to-all",
  send_recv: "send-receive",
};

/** `all_gather/reduce_scatter/all_reduce` is a ratio for all three: the first stands for them. */
export function operationOf({ workload }: RawRow, entry: Entry | undefined): string | undefined {
  const named = textOf(entry?.extra.collective) || textOf(workload.collective);
  return operations[named.split(/[ /,]/)[0] ?? ""];
}

/** The algorithm that a value, or without one the row, was forced to. */
export function algorithmOf({ workload }: RawRow, entry: Entry | undefined): string | undefined {
  const own = `${textOf(entry?.extra.algo)} ${textOf(entry?.extra.collective)}`;
  const text = entry === undefined ? textOf(workload.algo) : own;
  if (/default/i.test(text)) return undefined;
  if (/NVLSTree/i.test(text)) return "nvls-tree";
  if (/NVLS off|ring/i.test(text)) return "ring";
  if (/NVLS/.test(text)) return "nvls";
  return /tree/i.test(text) ? "tree" : undefined;
}

/** Where only a plateau is stated: every curve is flat there. */
const plateau = 2 ** 33;

function bytesOf(entry: Entry): number {
  return numberOf(entry.extra.message_bytes) ?? plateau;
}

export function sizesOf(row: RawRow): {
  readonly sizes: readonly string[];
  readonly assumptions: readonly Assumption[];
} {
  const entries = row.measured.filter((entry) => metricOf(row, entry) !== undefined);
  const sizes = [...new Set(entries.map(bytesOf))].sort((a, b) => a - b).map(sizeText);
  const open = entries.some((entry) => entry.extra.message_bytes === undefined);
  const why = "the source states what large messages reach, not their size";
  return { sizes, assumptions: open ? [assume("workload.sizes", sizeText(plateau), why)] : [] };
}

/** `64 MiB` where it is whole, else bytes. */
export function sizeText(bytes: number): string {
  const units: readonly (readonly [string, number])[] = [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ];
  const unit = units.find(([, factor]) => bytes >= factor && bytes % factor === 0);
  return unit === undefined ? `${bytes} B` : `${bytes / unit[1]} ${unit[0]}`;
}

export function readingsOf(row: RawRow): Readings {
  const measured: Measured[] = [];
  const unconverted: { metric: string; reason: string }[] = [];
  const base = basePoint(row);
  for (const entry of row.measured) {
    const value = metricOf(row, entry);
    if (value === undefined) unconverted.push({ metric: entry.metric, reason: whyNot(entry) });
    else measured.push({ ...value, primary: true, at: placeOf(row, entry, base) });
  }
  return { measured, unconverted };
}

/** Size, and what differs from the row as a whole. */
function placeOf(row: RawRow, entry: Entry, base: Point): Section {
  const own = pointOf(row, entry);
  const operation = operationOf(row, entry);
  const algorithm = algorithmOf(row, entry);
  return {
    size: sizeText(bytesOf(entry)),
    ...(own.ranks === base.ranks ? {} : { ranks: own.ranks }),
    ...(own.nodes === base.nodes ? {} : { nodes: own.nodes }),
    ...(own.nodes > 1 && base.nodes === 1 ? { perNode: own.perNode } : {}),
    ...(operation === operationOf(row, row.measured[0]) ? {} : { operation }),
    ...(algorithm === undefined ? {} : { algorithm }),
  };
}

const bandwidths: ReadonlySet<string> = new Set(["busbw", "busbw_peak", "busbw_typical", "busbw_expected"]);

function metricOf(row: RawRow, entry: Entry): Pick<Measured, "metric" | "value"> | undefined {
  const { metric, value, unit } = entry;
  if (metric === "time") return { metric: "time", value: `${value} ${unit}` };
  if (bandwidths.has(metric)) return { metric: "busBandwidth", value: `${value} ${unit}` };
  if (metric !== "fraction_of_ideal_busbw" || pointOf(row, entry).nodes < 2) return undefined;
  return { metric: "busBandwidth", value: `${ofIdeal(row, entry).toPrecision(4)} GB/s` };
}

/** GB/s of a port at its best, and ports of one node, of the ratio tables. @source simai-ratios */
const [portBest, ports] = [48.5, 8];

/** Bus bandwidth from a part of the ideal: all ports of a node for rings, one's own for what leaves the node. */
function ofIdeal(row: RawRow, entry: Entry): number {
  const { ranks } = pointOf(row, entry);
  const exchange = operationOf(row, entry) === "all-to-all";
  return entry.value * portBest * (exchange ? (ranks - 1) / (ranks - ports) : ports);
}

function whyNot({ metric }: Entry): string {
  if (metric === "busbw_dips_below") return "what a disturbed run falls to at times";
  if (metric === "fraction_of_ideal_busbw") return "one node: the ideal is a rate of its links that is not stated";
  if (metric.startsWith("per_nic")) return "a rate of one port, not of a call";
  return "no metric of this name";
}
