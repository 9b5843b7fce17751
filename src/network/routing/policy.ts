/**
 * How one of several equally short ways is chosen, hop by hop.
 * deterministic: by the place of the destination below its leaf, as static tables and pinned paths do; ecmp: by a hash of the flow and its queue pair; adaptive:
 * the link with the least on it; spray: every packet its own way, so a flow loads all of them alike.
 */

import type { Candidates } from "./next-hops.ts";

export type RoutingPolicy = "deterministic" | "ecmp" | "adaptive" | "spray";

/** What a choice depends on beside the links and the flow. */
export interface ChoiceState {
  readonly policy: Exclude<RoutingPolicy, "spray">;
  readonly seed: number;
  /** What each link already carries, for adaptive routing, and what it can. */
  readonly load: Float64Array;
  readonly capacity: Float64Array;
}

/**
 * The chosen one of the links that leave `vertex`; `place` is the destination's below its leaf, `key` stands for flow and
 * queue pair. At every hop: primitives.
 */
export function chosenLink(
  state: ChoiceState,
  { links, count }: Candidates,
  vertex: number,
  place: number,
  key: number,
): number {
  if (count === 1) return links[0]!;
  switch (state.policy) {
    case "deterministic":
      return links[place % count]!;
    case "ecmp":
      return links[hashed(key, vertex, state.seed) % count]!;
    case "adaptive":
      return leastLoaded(state, links, count);
  }
}

function leastLoaded({ load, capacity }: ChoiceState, links: Int32Array, count: number): number {
  let best = links[0]!;
  for (let index = 1; index < count; index++) {
    const link = links[index]!;
    if (load[link]! / capacity[link]! < load[best]! / capacity[best]!) best = link;
  }
  return best;
}

/** 32 well-mixed bits of three whole numbers: the finalizer of MurmurHash3 over their sum of odd multiples. */
export function hashed(a: number, b: number, c: number): number {
  let mixed = (Math.imul(a, 0x9e3779b1) + Math.imul(b, 0x85ebca77) + Math.imul(c, 0xc2b2ae3d)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
