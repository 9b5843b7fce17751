/**
 * Time of several attention calls of one rank that follow each other on two streams, as Transformer Engine runs the
 * chunks of a sequence, or in one launch, as kernels for documents of unequal length do: the tail of one is filled by
 * the next, so that only the longest costs more than its work.
 *
 *     T = start and tail of the longest + sum of work
 *
 * @source transformer-engine-context
 */

import type { Seconds } from "../../../base/quantity.ts";
import type { AttentionShape, Kernels } from "../../../compute/index.ts";
import type { PassTimes } from "../exchange.ts";
import type { CoreCall } from "./method.ts";

/** Both passes of these calls on one rank. */
export function callTimes(kernels: Kernels, calls: readonly CoreCall[]): PassTimes {
  return {
    forward: jointTime((shape) => kernels.attention(shape), calls),
    backward: jointTime((shape) => kernels.attentionBackward(shape), calls),
  };
}

function jointTime(attention: (shape: AttentionShape) => Seconds, calls: readonly CoreCall[]): Seconds {
  let work = 0;
  let beside = 0;
  for (const { shape, count } of calls) {
    if (count <= 0) continue;
    const one = attention(shape);
    const each = workTime(attention, shape, one);
    work += count * each;
    beside = Math.max(beside, one - each);
  }
  return work + beside;
}

/** What one more call of the shape adds where others fill its tail. */
export function workTime(
  attention: (shape: AttentionShape) => Seconds,
  shape: AttentionShape,
  one: Seconds = attention(shape),
): Seconds {
  return attention({ ...shape, sequences: 2 * shape.sequences }) - one;
}
