/**
 * How one of several equally short ways is chosen, hop by hop.
 * deterministic: by the place of the destination below its leaf, and above by its leaf, as static tables and pinned paths
 * do; ecmp: by a hash of the flow and its queue pair; adaptive: packets go where least waits (adaptive.ts); spray: every
 * packet its own way, so a flow loads all of them alike (spread.ts).
 */

import type { Candidates } from "./next-hops.ts";

export type RoutingPolicy = "deterministic" | "ecmp" | "adaptive" | "spray";

/** What a choice of one link depends on beside the links and the flow. */
export interface ChoiceState {
  readonly policy: "deterministic" | "ecmp";
  readonly seed: number;
}

/**
 * The chosen one of the links that leave `vertex`; `place` is where static tables have the destination, `key` stands for
 * flow and queue pair. At every hop: primitives.
 */
export function chosenLink(
  { policy, seed }: ChoiceState,
  { links, count }: Candidates,
  vertex: number,
  place: number,
  key: number,
): number {
  if (count === 1) return links[0]!;
  return links[(policy === "deterministic" ? place : hashed(key, vertex, seed)) % count]!;
}

/** 32 well-mixed bits of three whole numbers: the finalizer of MurmurHash3 over their sum of odd multiples. */
export function hashed(a: number, b: number, c: number): number {
  let mixed = (Math.imul(a, 0x9e3779b1) + Math.imul(b, 0x85ebca77) + Math.imul(c, 0xc2b2ae3d)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
