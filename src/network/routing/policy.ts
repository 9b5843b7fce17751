/**
 * How one of several equally short ways is chosen, hop by hop.
 * deterministic: by the destination alone, as static tables do; ecmp: by a hash of the flow and its queue pair; adaptive:
 * the link with the least on it; spray: every packet its own way, so a flow loads all of them alike.
 */

import type { Topology } from "../topology/graph.ts";

export type RoutingPolicy = "deterministic" | "ecmp" | "adaptive" | "spray";

export interface HopQuestion {
  readonly links: readonly number[];
  readonly vertex: number;
  readonly destination: number;
  /** Number that stands for flow and queue pair. */
  readonly key: number;
  readonly seed: number;
  /** What each link already carries, for adaptive routing. */
  readonly load: Float64Array;
  readonly topology: Topology;
}

/** The chosen link of a policy that takes one. */
export function chosenLink(policy: Exclude<RoutingPolicy, "spray">, question: HopQuestion): number {
  const { links } = question;
  if (links.length === 1) return links[0]!;
  switch (policy) {
    case "deterministic":
      return links[question.destination % links.length]!;
    case "ecmp":
      return links[hashed(question.key, question.vertex, question.seed) % links.length]!;
    case "adaptive":
      return leastLoaded(question);
  }
}

function leastLoaded({ links, load, topology }: HopQuestion): number {
  let best = links[0]!;
  for (const link of links) {
    if (load[link]! / topology.capacity[link]! < load[best]! / topology.capacity[best]!) best = link;
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
