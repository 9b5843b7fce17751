/**
 * 1F1B with the backward in two: a rank begins with some forwards, then runs the gradient of an input, the weight
 * gradient of a micro-batch some way back, and one more forward in turn; the weight gradients left over come last, when
 * it would wait.
 * @source qi-2023-zero-bubble section 2
 */

import { orderWriter } from "./order.ts";
import type { ScheduleShape } from "./schedule.ts";

/**
 * @param warmup forwards before the first backward.
 * @param delay micro-batches by which weight gradients lag behind.
 */
export function splitBackwardOrder(
  { chunks, microBatches }: ScheduleShape,
  { warmup, delay }: { readonly warmup: number; readonly delay: number },
): Int32Array {
  const rank = orderWriter(chunks, microBatches);
  for (let index = 0; index < warmup; index++) rank.add("forward", 0);
  for (let index = 0; index < microBatches; index++) {
    rank.add("inputGradient", 0);
    if (index >= delay) rank.add("weightGradient", 0);
    rank.add("forward", 0);
  }
  for (let index = 0; index < delay; index++) rank.add("weightGradient", 0);
  return rank.order();
}
