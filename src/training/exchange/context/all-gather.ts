/**
 * All-gather: every rank gathers all keys and values, then attends with its own queries; backward gathers them again
 * and reduces and scatters their gradients. Nothing of it is under computation. Grouped queries and the square of the
 * core keep it cheap where sequences are long.
 * @source llama3-2024 section 3.3.2 @source transformer-engine-context
 */

import { collectiveSeconds } from "../../../network/index.ts";
import { nothing } from "../exchange.ts";
import { type ContextMethod, type ContextWork, type CoreCall, localBytes } from "./method.ts";
import { windowCalls, windowOf } from "./window.ts";

export const allGather: ContextMethod = {
  name: "all-gather",
  summary: "all keys and values are gathered before the core, their gradients reduced and scattered after",
  problem: () => undefined,
  bytes(work) {
    const once = (work.ranks - 1) * localBytes(work).keyValue;
    return { forward: once, backward: 2 * once };
  },
  calls: gatherCalls,
  cut: ({ shape, ranks }) => ({ shape, ranks }),
  pass(work) {
    const whole = work.ranks * localBytes(work).keyValue;
    // Gathered chunks are put in order and the range of each call copied; backward does so again, clears the
    // gradients, adds those of both calls and orders them for the reduction.
    return { forwardBytes: 4 * whole, backwardBytes: 10 * whole, forwardKernels: 6, backwardKernels: 16 };
  },
  time(work, { platform, group }) {
    // Keys and values are two collectives.
    const size = (work.ranks * localBytes(work).keyValue) / 2;
    const forward = 2 * collectiveSeconds(platform, { operation: "all-gather", size, group });
    const scatter = 2 * collectiveSeconds(platform, { operation: "reduce-scatter", size, group });
    return { forward, backward: forward + scatter, hidden: nothing };
  },
  // Backward: keys and values of all ranks, the copy that a call reads, and as much of gradients.
  buffers: (work) => 4 * work.ranks * localBytes(work).keyValue,
};

/** The first rank's two chunks, one of which sees all keys; or the last rank's only one. */
function gatherCalls(work: ContextWork): readonly CoreCall[] {
  const { shape, ranks, balance } = work;
  if (windowOf(shape) !== undefined) return windowCalls(work);
  if (balance === "contiguous") return [{ shape: { ...shape, queries: shape.queries / ranks }, count: 1 }];
  const queries = shape.queries / (2 * ranks);
  return [
    { shape: { ...shape, queries, keys: queries }, count: 1 },
    { shape: { ...shape, queries }, count: 1 },
  ];
}
