/**
 * The order of one rank between two streams of micro-batches that meet: the near one, whose first stage is the closer,
 * and the far one. In the middle of a step the forward of one runs beside the backward of the other, and each hides the
 * other's expert exchange. Weight gradients run apart only while the pipeline fills and drains.
 *
 * With q ranks on the way between the ends of the streams, at distance r from the outer end:
 *
 *     2 (q - r - 1) x F near
 *     (r + 1)       x F near, F far
 *     (q - r - 1)   x B far (input gradient), W, F far
 *     (n - 2 q + r + 1) x (F near beside B far), (F far beside B near)
 *     (q - r - 1)   x B far, (F far beside B near)
 *     (r + 1)       x B far, B near; of these, the second half input gradients
 *     (q - r - 1)   x W, B near (input gradient)
 *     (r + 1)       x W
 *
 * for n micro-batches a stream. The innermost rank runs its first pair one after the other.
 * @source dualpipe-readme @source deepseek-v3-2024 section 3.2.1
 */

import { orderWriter } from "./order.ts";
import type { Lack } from "./schedule.ts";

export interface DualRank {
  /** Ranks from the outer end of the streams to where they meet. */
  readonly depth: number;
  /** Distance of this rank from the outer end. */
  readonly distance: number;
  /** Micro-batches of each stream. */
  readonly each: number;
  /** Chunks of this rank that the near and the far stream pass. */
  readonly near: number;
  readonly far: number;
  /** First micro-batch of the stream that passes a chunk. */
  firstOf(chunk: number): number;
}

export function dualOrder({ depth, distance, each, near, far, firstOf }: DualRank): Int32Array {
  const rank = orderWriter(2, each, firstOf);
  const outward = depth - distance - 1;
  const inward = distance + 1;
  const late: number[] = [];
  const inputGradient = (chunk: number): void => {
    rank.add("inputGradient", chunk);
    late.push(chunk);
  };
  const weightGradient = (): void => rank.add("weightGradient", late.shift() ?? near);
  const pair = (forward: number, backward: number): void => {
    rank.add("forwardBeside", forward);
    rank.add("backward", backward);
  };
  times(2 * outward, () => rank.add("forward", near));
  times(inward, () => {
    rank.add("forward", near);
    rank.add("forward", far);
  });
  times(outward, () => {
    inputGradient(far);
    weightGradient();
    rank.add("forward", far);
  });
  times(each - 2 * depth + inward, (index) => {
    if (index === 0 && outward === 0) {
      rank.add("forward", near);
      rank.add("backward", far);
    } else pair(near, far);
    pair(far, near);
  });
  times(outward, () => {
    rank.add("backward", far);
    pair(far, near);
  });
  times(2 * inward, (index) => {
    const chunk = index % 2 === 0 ? far : near;
    if (index < inward) rank.add("backward", chunk);
    else inputGradient(chunk);
  });
  times(outward, () => {
    weightGradient();
    inputGradient(near);
  });
  times(inward, weightGradient);
  return rank.order();
}

/** The streams meet before the first backward only with two micro-batches a rank. */
export function tooFew(least: number, microBatches: number): Lack | undefined {
  if (microBatches >= least) return undefined;
  const need = `at least ${least} micro-batches, two for each pipeline rank, but a step has ${microBatches}`;
  return { need, hint: "a larger globalBatch, or fewer pipeline ranks" };
}

function times(count: number, run: (index: number) => void): void {
  for (let index = 0; index < count; index++) run(index);
}
