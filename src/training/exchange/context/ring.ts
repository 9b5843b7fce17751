/**
 * Ring: keys and values travel from rank to rank while each attends to those it has. As Transformer Engine does it:
 * backward sends keys and values around once more and their gradients after them, one round later, in buffers of the
 * same size. Partial results are merged by their log-sum-exp, in 32 bit.
 *
 * Under a sliding window only the rounds that its keys come from are sent, which Transformer Engine's ring lacks.
 * Ignores: messages that overtake each other on links shared with other groups.
 * @source liu-2023-ring @source transformer-engine-context
 */

import type { AttentionShape } from "../../../compute/index.ts";
import { collectiveSeconds, type GroupPlacement, type Platform } from "../../../network/index.ts";
import type { Exchange, PassTimes } from "../exchange.ts";
import { type ContextMethod, type ContextWork, type CoreCall, localBytes } from "./method.ts";
import { windowCalls, windowOf } from "./window.ts";

export const ring: ContextMethod = {
  name: "ring",
  summary: "keys and values travel a ring under the attention core; their gradients follow in the backward pass",
  problem: () => undefined,
  bytes(work) {
    const once = roundsOf(work) * localBytes(work).keyValue;
    return { forward: once, backward: 2 * once };
  },
  calls: ringCalls,
  cut: ({ shape, ranks }) => ({ shape, ranks }),
  pass: mergePass,
  time: (work, { platform, group, core }) => ringTime(work, { platform, group, core }),
  buffers(work) {
    const { query, keyValue, output } = localBytes(work);
    // Forward keeps what every round received and computed until the merge, and the merged result in 32 bit; backward
    // two pairs of buffers, the gradients of one round and those that add up.
    const forward = (work.ranks - 1) * keyValue + work.ranks * output + 2 * output;
    const backward = 5 * keyValue + 2 * query;
    return Math.max(forward, backward);
  },
};

/** Rounds in which a rank sends: c - 1, or those that a window reaches back. */
function roundsOf({ shape, ranks, balance }: ContextWork): number {
  const window = windowOf(shape);
  if (window === undefined) return ranks - 1;
  const chunk = shape.queries / (balance === "zig-zag" ? 2 * ranks : ranks);
  return Math.min(ranks - 1, Math.ceil((window - 1) / chunk));
}

/**
 * Calls of the busiest rank, s / c queries: its own tokens causally, then in each of c - 1 rounds all queries against
 * half of the keys that came (zig-zag, the last rank; others half of the queries against all), or against all of them
 * (contiguous, the last rank).
 */
export function ringCalls(work: ContextWork): readonly CoreCall[] {
  const { shape, ranks, balance } = work;
  if (windowOf(shape) !== undefined) return windowCalls(work);
  const queries = shape.queries / ranks;
  const own: AttentionShape = { ...shape, queries, keys: queries };
  const keys = balance === "zig-zag" ? queries / 2 : queries;
  return [
    { shape: own, count: 1 },
    { shape: { ...shape, queries, keys, causal: "full" }, count: ranks - 1 },
  ];
}

/**
 * Forward: the first partial result is widened (2 bytes read, 4 written an element), each further one scaled and added
 * (4 + 2 read, 4 written), the sum narrowed. Backward: gradients of queries add up over the rounds, those of keys and
 * values where they arrive (half of them, all in the last round).
 */
export function mergePass(work: ContextWork): ReturnType<ContextMethod["pass"]> {
  const rounds = roundsOf(work);
  const { query, keyValue, output } = localBytes(work);
  const half = work.balance === "zig-zag" ? 0.5 : 1;
  return {
    forwardBytes: output * (3 + 5 * rounds + 3),
    backwardBytes: query * (2 + 3 * rounds) + keyValue * 3 * (half * Math.max(0, rounds - 1) + 1),
    forwardKernels: 2 * (rounds + 1),
    backwardKernels: 3 * (rounds + 1),
  };
}

/**
 * Rounds of one transfer x beside one chunk's attention t each. Forward c - 1 of x; backward one of x (keys and
 * values), c - 2 of 2 x, one of x (gradients):
 *
 *     exposed = (c - 1) max(0, x - t)  and  2 max(0, x - t) + (c - 2) max(0, 2 x - t)
 *
 * A rank's own chunk is half of the others where the cut is contiguous.
 */
export function ringTime(
  work: ContextWork,
  { platform, group, core }: { readonly platform: Platform; readonly group: GroupPlacement; readonly core: PassTimes },
): Exchange {
  const rounds = roundsOf(work);
  if (rounds === 0) return { forward: 0, backward: 0, hidden: { forward: 0, backward: 0 } };
  const size = localBytes(work).keyValue;
  const once = collectiveSeconds(platform, { operation: "send-receive", size, group: slowestPair(group) });
  const twice = collectiveSeconds(platform, { operation: "send-receive", size: 2 * size, group: slowestPair(group) });
  const own = work.balance === "zig-zag" || windowOf(work.shape) !== undefined ? 1 : 0.5;
  const chunk = (pass: number): number => pass / (own + rounds);
  const beside = (transfer: number, attention: number): number => Math.max(0, transfer - attention);
  const t = { forward: chunk(core.forward), backward: chunk(core.backward) };
  // The first forward round runs beside the rank's own chunk, the last backward one too.
  const forward = beside(once, own * t.forward) + (rounds - 1) * beside(once, t.forward);
  const backward = beside(once, t.backward) + (rounds - 1) * beside(twice, t.backward) + beside(once, own * t.backward);
  const whole = { forward: rounds * once, backward: 2 * once + (rounds - 1) * twice };
  return { forward, backward, hidden: { forward: whole.forward - forward, backward: whole.backward - backward } };
}

/** The ring is as fast as its slowest neighbours: across domains where it leaves one. */
function slowestPair(group: GroupPlacement): GroupPlacement {
  return { ...group, size: 2, perDomain: group.perDomain < group.size ? 1 : 2 };
}
