/**
 * Contiguous partition: layers in a row over stages in a row, so that the longest stage, or the sum of all, is least.
 *
 *     best(s, l) = min over k <= l of best(s - 1, k) (+ or max) cost(s, k, l)
 */

import type { Seconds } from "../../base/quantity.ts";

/** Time of a stage that holds the layers [start, end); infinite where it cannot. */
export type StageCost = (stage: number, start: number, end: number) => Seconds;

/** Stages [stage, stage + stages) of all, which hold the layers [layer, layer + layers). */
export interface PartitionRange {
  readonly stage: number;
  readonly stages: number;
  readonly layer: number;
  readonly layers: number;
  /** Stages of the whole pipeline. */
  readonly all: number;
}

/** Layers of each stage under the least total (`sum`), or the least largest stage (`max`); nothing where none can be. */
export function partition(range: PartitionRange, cost: StageCost, by: "sum" | "max"): number[] | undefined {
  const { stages, layers } = range;
  const width = layers + 1;
  let before = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  before[0] = 0;
  const cuts = new Int32Array(stages * width);
  for (let stage = 0; stage < stages; stage++) {
    const after = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
    for (let start = 0; start <= layers; start++) {
      const sofar = before[start]!;
      if (sofar === Number.POSITIVE_INFINITY) continue;
      for (let end = start + leastLayers(range.stage + stage, range.all); end <= layers; end++) {
        const own = cost(range.stage + stage, range.layer + start, range.layer + end);
        if (own === Number.POSITIVE_INFINITY && end > start) break;
        const total = by === "sum" ? sofar + own : Math.max(sofar, own);
        if (total >= after[end]!) continue;
        after[end] = total;
        cuts[stage * width + end] = start;
      }
    }
    before = after;
  }
  if (before[layers] === Number.POSITIVE_INFINITY) return undefined;
  const counts = new Array<number>(stages).fill(0);
  for (let [stage, end] = [stages - 1, layers]; stage >= 0; stage--) {
    const start = cuts[stage * width + end]!;
    counts[stage] = end - start;
    end = start;
  }
  return counts;
}

/** The first and the last stage may hold the embedding or the head alone. */
export function leastLayers(stage: number, stages: number): number {
  return stage === 0 || stage === stages - 1 ? 0 : 1;
}

/** Each time is asked for many times: one table a stage. */
export function tabled(cost: StageCost, stages: number, layers: number): StageCost {
  const width = layers + 1;
  const table = new Float64Array(stages * width * width).fill(Number.NaN);
  return (stage, start, end) => {
    const at = (stage * width + start) * width + end;
    const found = table[at]!;
    if (!Number.isNaN(found)) return found;
    const time = cost(stage, start, end);
    table[at] = time;
    return time;
  };
}
