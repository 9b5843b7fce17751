/**
 * How far a row may be used: rows that no scenario says, rows a constant was read from, rows of machines whose curves
 * were fitted on other sizes of the same table, and runs that something is wrong with.
 */

import type { Draft } from "../converter.ts";
import { type RawRow, textOf } from "../raw.ts";

type Rule = readonly [id: RegExp, reason: string];

const skipped: readonly Rule[] = [
  [/^vidur-a100-dgx-.*(16r-8pernode|2r-1pernode|8r-4pernode)/, "the network between the nodes is unknown and slow"],
  [/^vidur-.*pairwise/, "bridged pairs in a host that is not described; tables of two machines are one file"],
  [/^stas-4node/, "neither the accelerators nor the network are stated"],
  [/^stas-h200-8-message-aggregation/, "one rate over a thousand calls and over one: no size of a call"],
  [/^mooncake-/, "the accelerator is not stated"],
  [/^nccl-tests-333/, "kernels on symmetric memory are not modelled"],
  [/^deepep-v2-/, "version 2 of the kernels, on few multiprocessors, is not modelled"],
];

/** Why no scenario can say a row. */
export function skipReason({ id }: RawRow): string | undefined {
  return skipped.find(([pattern]) => pattern.test(id))?.[1];
}

/** Goodput of ports, trees over EFA, loss of long rings, in-switch rates, all-to-all over nodes, the pace of launches. */
const informing: readonly RegExp[] = [
  /^coreweave-/,
  /^stas-h200-32-efa/,
  /^nccl-1229/,
  /^nccl-1368/,
  /^nccl-1455/,
  /^stas-h200-8-/,
  /^stas-h200-nvls/,
  /^simai-/,
  /^vidur-.*all-reduce/,
];

const otherSizes = "curves of this machine were fitted on other sizes of the same table";

const calibrated: readonly Rule[] = [
  [/^aic-nccl-(a100|h100|h200|b200|gb200|l40s)-/, otherSizes],
  [/^aic-custom-/, otherSizes],
  [/^aic-(deepep|trtllm)-/, "constants of these kernels were fitted on other token counts of the same table"],
  [/^vidur-.*send-recv-2r-2pernode/, otherSizes],
];

const anomalies: readonly Rule[] = [
  [
    /^nccl-tests-175/,
    "a report of a shortfall: 86 GB/s between the nodes where four such ports give 93 to 95 elsewhere; the cause was not found",
  ],
  [
    /^nccl-tests-232/,
    "a report of a shortfall: one GPU per node uses its nearest port, not all four, and a forced tree fills slowly",
  ],
];

export function standingOf({ id, workload }: RawRow): Pick<Draft, "use" | "anomaly" | "calibration"> {
  const found = (rules: readonly Rule[]): string | undefined => rules.find(([pattern]) => pattern.test(id))?.[1];
  const [anomaly, calibration] = [found(anomalies), found(calibrated)];
  const fit = informing.some((pattern) => pattern.test(id)) && !/custom/.test(textOf(workload.library));
  return {
    use: fit ? "fit" : "judge",
    ...(anomaly === undefined ? {} : { anomaly }),
    ...(calibration === undefined ? {} : { calibration }),
  };
}
