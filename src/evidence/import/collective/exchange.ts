/**
 * Rows of expert exchanges: tokens a rank, by direction. A size is what the tokens of one rank weigh on the wire; times
 * of normal kernels include the notification before them. Published bandwidths count the bytes to all ranks (one node)
 * or nodes that a token reaches, the own one included, and are turned into the time they mean.
 */

import { reachedParts, wireBytesPerElement } from "../../../network/index.ts";
import type { EvidenceRecord, Measured, Section } from "../../record.ts";
import { assume, type Drafted } from "../converter.ts";
import { numberOf, type RawRow, textOf } from "../raw.ts";
import { groupOf, machineOf } from "./machine.ts";
import { basePoint, sizeText } from "./values.ts";

type Entry = RawRow["measured"][number];
type Direction = "dispatch" | "combine";
type Kernels = "deepep" | "deepep-low-latency" | "nvlink-two-sided";

export function isExchange({ workload }: RawRow): boolean {
  return textOf(workload.collective).startsWith("moe_alltoall");
}

export function exchangeDraft(row: RawRow): Drafted {
  const machine = machineOf(row);
  if ("skip" in machine) return machine;
  const point = basePoint(row);
  const sizes = [...new Set(row.measured.filter(isTimed).map((entry) => sizeOf(row, entry)))].sort((a, b) => a - b);
  const limit = numberOf(row.workload.top_groups);
  return {
    use: "judge",
    cluster: machine.cluster,
    workload: {
      kind: "collective",
      operation: "all-to-all",
      sizes: sizes.map(sizeText),
      exchange: {
        kernels: kernelsOf(row),
        experts: expertsOf(row),
        topK: numberOf(row.workload.top_k) ?? 8,
        hidden: hiddenOf(row),
        precision: precisionOf(row, "dispatch"),
        ...(limit === undefined ? {} : { nodeLimit: limit }),
      },
      group: groupOf({ ...point, perNode: point.ranks / point.nodes }),
    },
    inferred: machine.inferred,
    assumptions: [
      ...machine.assumptions,
      ...(row.workload.experts === undefined
        ? [assume("workload.exchange.experts", expertsOf(row), "those of the model whose other dimensions are stated")]
        : []),
    ],
  };
}

export function exchangeReadings(row: RawRow): Pick<EvidenceRecord, "measured" | "unconverted"> {
  const measured = row.measured.filter(isTimed).map(
    (entry): Measured => ({
      metric: "time",
      value: `${Number(microseconds(row, entry).toPrecision(6))} us`,
      primary: true,
      at: placeOf(row, entry),
    }),
  );
  const others = row.measured.filter((entry) => !isTimed(entry));
  return {
    measured,
    unconverted: others.map(({ metric }) => ({ metric, reason: "a setting, not a measurement" })),
  };
}

function isTimed({ metric }: Entry): boolean {
  return /dispatch|combine/.test(metric);
}

function placeOf(row: RawRow, entry: Entry): Section {
  const direction = directionOf(entry);
  const multiprocessors = numberOf(entry.extra.sms);
  return {
    size: sizeText(sizeOf(row, entry)),
    direction,
    precision: precisionOf(row, direction),
    ...(multiprocessors === undefined ? {} : { multiprocessors }),
  };
}

const directionOf = ({ metric }: Entry): Direction => (/combine/.test(metric) ? "combine" : "dispatch");
const hiddenOf = ({ workload }: RawRow): number => numberOf(workload.hidden) ?? 7168;
const expertsOf = ({ workload }: RawRow): number => numberOf(workload.experts) ?? 256;

function kernelsOf({ workload }: RawRow): Kernels {
  const name = textOf(workload.collective);
  if (/low-latency/.test(name)) return "deepep-low-latency";
  return /TwoSided/.test(name) ? "nvlink-two-sided" : "deepep";
}

function precisionOf({ workload }: RawRow, direction: Direction): "bf16" | "fp8" | "nvfp4" {
  if (direction === "combine") return "bf16";
  return /nvfp4/.test(textOf(workload.precision)) ? "nvfp4" : "fp8";
}

function tokensOf({ workload }: RawRow, entry: Entry): number {
  return (
    numberOf(entry.extra.tokens_per_rank) ?? numberOf(entry.extra.tokens) ?? numberOf(workload.tokens_per_rank) ?? 0
  );
}

function sizeOf(row: RawRow, entry: Entry): number {
  return tokensOf(row, entry) * hiddenOf(row) * wireBytesPerElement(precisionOf(row, directionOf(entry)));
}

function microseconds(row: RawRow, entry: Entry): number {
  if (entry.unit !== "GB/s") return entry.value + (numberOf(entry.extra.notify_us) ?? 0);
  const { ranks, nodes } = basePoint(row);
  const shape = { experts: expertsOf(row), topK: numberOf(row.workload.top_k) ?? 8 };
  const limit = numberOf(row.workload.top_groups) ?? Number.POSITIVE_INFINITY;
  const parts = nodes === 1 ? reachedParts(shape, ranks) : Math.min(reachedParts(shape, nodes), limit);
  return (sizeOf(row, entry) * parts) / entry.value / 1e3;
}
