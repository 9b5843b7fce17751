/**
 * What a topology does to groups that all communicate at once: every message between domains is laid over links, and
 * compared with what the closed forms give a rank on the network.
 *
 *     contention = max over links (use / capacity) x rate of a rank / most that a rank sends, at least 1
 *
 * Latencies, protocols and everything inside scale-up domains stay with the closed forms. Ignores: groups that do not
 * start together, and everything that flows cannot see (docs/models/flows.md).
 */

import type { Bytes, BytesPerSecond, Seconds } from "../base/quantity.ts";
import { busFactor } from "./collective/bus-factor.ts";
import type { CollectiveOperation } from "./collective/collective.ts";
import { membersByDomain } from "./flow/members.ts";
import { LinkUses, type Routes } from "./routing/index.ts";
import type { Topology } from "./topology/index.ts";

/** Groups of one kind, each of accelerators in rank order, that run the same operation at the same time. */
export interface GroupTraffic {
  readonly operation: CollectiveOperation;
  readonly groups: readonly (readonly number[])[];
  /**
   * Of send-receive: half of the bytes each way along a line of ranks, or around it, as pipelines do. Absent: each rank
   * sends all to the next, the last to the first.
   */
  readonly way?: "line" | "around";
}

export interface Contention {
  readonly factor: number;
  /** Seconds that the fullest link needs for a byte of every group's size: no call is shorter. */
  readonly slowest: number;
  /** What a byte of every group's size (as nccl-tests counts it) puts on the links. */
  readonly loads: LinkLoads;
  /** Longest way that a byte takes between domains, beyond the fabric's hops: other buildings. */
  readonly delay: Seconds;
}

export interface LinkLoads {
  readonly links: Int32Array;
  readonly uses: Float64Array;
  /** Most that one rank sends out of its domain. */
  readonly sent: number;
}

/** Two accelerators that cannot reach each other. */
export interface Unreachable {
  readonly from: number;
  readonly to: number;
}

/** Messages of one group that are laid over links one by one; a larger all-to-all is sampled by shifts. */
const messagesMost = 200_000;

/** @param rate what the closed forms give a rank of such a group on the network, without tiers: `rankRate`. */
export function contentionOf(routes: Routes, traffic: GroupTraffic, rate: BytesPerSecond): Contention | Unreachable {
  const loads = linkLoads(routes, traffic);
  if ("from" in loads) return loads;
  const { topology } = routes;
  const most = slowest(topology, loads);
  const factor = loads.sent === 0 ? 1 : Math.max(1, (most * rate) / loads.sent);
  return { factor, slowest: most, loads, delay: delayOf(topology, loads, traffic) };
}

/** What a byte of every group's size puts on links. */
export function linkLoads(routes: Routes, traffic: GroupTraffic): LinkLoads | Unreachable {
  const uses = new LinkUses(routes.topology.ends.length);
  const sent = new Map<number, number>();
  let key = 0;
  for (const ranks of traffic.groups) {
    for (const message of messagesOf(routes, traffic, ranks)) {
      const { from, to } = message;
      if (routes.domainOf(from) === routes.domainOf(to)) continue;
      sent.set(from, (sent.get(from) ?? 0) + message.amount);
      const parts = routes.parts(from, to);
      for (let part = 0; part < parts; part++) {
        const flow = { from, to, amount: message.amount / parts, key: key++ };
        if (routes.send(uses, flow) === "no-way") return { from, to };
      }
    }
  }
  const { resources, use } = uses.take();
  let most = 0;
  for (const amount of sent.values()) most = Math.max(most, amount);
  return { links: resources, uses: use ?? new Float64Array(resources.length).fill(1), sent: most };
}

interface Part {
  readonly from: number;
  readonly to: number;
  /** Share of the size. */
  readonly amount: number;
}

function* messagesOf(routes: Routes, { operation, way }: GroupTraffic, ranks: readonly number[]): Generator<Part> {
  if (ranks.length < 2) return;
  if (operation === "all-to-all") yield* exchanged(ranks);
  else if (operation !== "send-receive") yield* hierarchical(routes, operation, ranks);
  else if (way === undefined) for (let index = 0; index < ranks.length; index++) yield next(ranks, index, 1);
  else {
    for (let index = 0; index < ranks.length - (way === "line" ? 1 : 0); index++) {
      const there = next(ranks, index, 0.5);
      yield there;
      yield { from: there.to, to: there.from, amount: 0.5 };
    }
  }
}

function next(ranks: readonly number[], index: number, amount: number): Part {
  return { from: ranks[index]!, to: ranks[(index + 1) % ranks.length]!, amount };
}

/** Each rank's part to every other, or to a regular sample of them that carries as much. */
function* exchanged(ranks: readonly number[]): Generator<Part> {
  const n = ranks.length;
  const shifts = Math.min(n - 1, Math.max(1, Math.floor(messagesMost / n)));
  const amount = (n - 1) / n / shifts;
  for (let index = 0; index < shifts; index++) {
    const shift = 1 + Math.floor((index * (n - 1)) / shifts);
    for (let rank = 0; rank < n; rank++) yield { from: ranks[rank]!, to: ranks[(rank + shift) % n]!, amount };
  }
}

/** Rings inside the domains, and between them rank by rank. */
function* hierarchical(routes: Routes, operation: CollectiveOperation, ranks: readonly number[]): Generator<Part> {
  const all = membersByDomain(routes, ranks);
  const rails = Math.min(...all.map((members) => members.length));
  for (const members of all) {
    if (members.length === 1) continue;
    const inside = busFactor(operation, members.length);
    for (let index = 0; index < members.length; index++) yield next(members, index, inside);
  }
  if (all.length === 1) return;
  const between = busFactor(operation, all.length) / rails;
  for (let rail = 0; rail < rails; rail++) {
    const ring = all.map((members) => members[rail]!);
    for (let index = 0; index < ring.length; index++) yield next(ring, index, between);
  }
}

/** Seconds a byte on the link that takes longest; domains are crossed at the closed forms' rates. */
function slowest(topology: Topology, { links, uses }: LinkLoads): number {
  let most = 0;
  for (let index = 0; index < links.length; index++) {
    const link = links[index]!;
    if (topology.classes[topology.classOf[link]!]!.medium === "scale-up") continue;
    most = Math.max(most, uses[index]! / topology.capacity[link]!);
  }
  return most;
}

/**
 * Time that long links add to one call: a ring passes them once a lap, in two laps of an all-reduce.
 */
function delayOf({ classOf, classes }: Topology, { links }: LinkLoads, { operation }: GroupTraffic): Seconds {
  let longest = 0;
  for (const link of links) {
    const { name, latency } = classes[classOf[link]!]!;
    if (name === "long-haul") longest = Math.max(longest, latency);
  }
  const crossings = { "all-reduce": 4, "all-gather": 2, "reduce-scatter": 2 }[operation as string] ?? 1;
  return crossings * longest;
}

/** Bytes of each group's size, in seconds that each link is busy with them, added to what it has. */
export function addBusy(busy: Float64Array, topology: Topology, { links, uses }: LinkLoads, size: Bytes): void {
  for (let index = 0; index < links.length; index++) {
    const link = links[index]!;
    busy[link]! += (uses[index]! * size) / topology.capacity[link]!;
  }
}
