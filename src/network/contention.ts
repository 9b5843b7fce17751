/**
 * What a topology does to groups that all communicate at once: every message laid over links, against the same messages
 * over ports of their own. The closed forms keep latencies, protocols and rates of ports; the ratio says how many times
 * as long their bytes take, and the loads say on which links.
 *
 *     contention = max over links (use / capacity) / max over ports (use / capacity) without failures, evenly spread
 *
 * Ignores: groups that do not start together, and everything that flows cannot see (docs/models/flows.md).
 */

import type { Bytes, BytesPerSecond, Seconds } from "../base/quantity.ts";
import type { CollectiveOperation } from "./collective/collective.ts";
import { LinkUses, type Routes } from "./routing/index.ts";
import type { Topology } from "./topology/index.ts";

/** Groups of one kind, each of accelerators in rank order, that run the same operation at the same time. */
export interface GroupTraffic {
  readonly operation: CollectiveOperation;
  readonly groups: readonly (readonly number[])[];
}

export interface Contention {
  /** At least 1 where the fabric is no better than ports alone. */
  readonly factor: number;
  /** What a byte of every group's size (as nccl-tests counts it) puts on the links. */
  readonly loads: LinkLoads;
  /** Longest way that a byte takes between domains, beyond the fabric's hops: other buildings. */
  readonly delay: Seconds;
}

export interface LinkLoads {
  readonly links: Int32Array;
  readonly uses: Float64Array;
}

/** Two accelerators that cannot reach each other. */
export interface Unreachable {
  readonly from: number;
  readonly to: number;
}

/** Messages of one group that are laid over links one by one; a larger all-to-all is sampled by shifts. */
const messagesMost = 200_000;

/**
 * @param ideal the same topology without failures, packets spread over all ways.
 * @param portRate what the closed forms take a port for, where the graph's own ports may differ.
 */
export function contentionOf(
  routes: Routes,
  ideal: Routes,
  traffic: GroupTraffic,
  portRate?: BytesPerSecond,
): Contention | Unreachable {
  const found = linkLoads(routes, traffic);
  if ("from" in found) return found;
  const least = linkLoads(ideal, traffic);
  if ("from" in least) return least;
  const { topology } = routes;
  const alone = portRate === undefined ? slowest(topology, least, "ports") : busiestPort(topology, least) / portRate;
  const actual = slowest(topology, found, "network");
  return { factor: alone === 0 ? 1 : actual / alone, loads: found, delay: delayOf(topology, found, traffic) };
}

/** What a byte of every group's size puts on links. */
export function linkLoads(routes: Routes, { operation, groups }: GroupTraffic): LinkLoads | Unreachable {
  const uses = new LinkUses(routes.topology.ends.length);
  let key = 0;
  for (const ranks of groups) {
    for (const message of messagesOf(routes, operation, ranks)) {
      const parts = routes.parts(message.from, message.to);
      for (let part = 0; part < parts; part++) {
        const flow = { ...message, amount: message.amount / parts, key: key++ };
        if (routes.send(uses, flow) === "no-way") return { from: message.from, to: message.to };
      }
    }
  }
  const { resources, use } = uses.take();
  return { links: resources, uses: use ?? new Float64Array(resources.length).fill(1) };
}

interface Part {
  readonly from: number;
  readonly to: number;
  /** Share of the size. */
  readonly amount: number;
}

function* messagesOf(routes: Routes, operation: CollectiveOperation, ranks: readonly number[]): Generator<Part> {
  if (ranks.length < 2) return;
  if (operation === "all-to-all") yield* exchanged(ranks);
  else if (operation === "send-receive") {
    for (let index = 0; index < ranks.length; index++) yield next(ranks, index, 1);
  } else yield* hierarchical(routes, operation, ranks);
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
  const domains = new Map<number, number[]>();
  for (const rank of ranks) {
    const domain = routes.domainOf(rank);
    const members = domains.get(domain);
    if (members === undefined) domains.set(domain, [rank]);
    else members.push(rank);
  }
  const all = [...domains.values()];
  const rails = Math.min(...all.map((members) => members.length));
  for (const members of all) {
    if (members.length === 1) continue;
    const inside = passes(operation, members.length);
    for (let index = 0; index < members.length; index++) yield next(members, index, inside);
  }
  if (all.length === 1) return;
  const between = passes(operation, all.length) / rails;
  for (let rail = 0; rail < rails; rail++) {
    const ring = all.map((members) => members[rail]!);
    for (let index = 0; index < ring.length; index++) yield next(ring, index, between);
  }
}

/** Times the size passes a ring of n. @source nccl-tests-performance */
function passes(operation: CollectiveOperation, n: number): number {
  if (operation === "broadcast" || operation === "reduce") return 1;
  return ((operation === "all-reduce" ? 2 : 1) * (n - 1)) / n;
}

/** Seconds a byte on the link that takes longest: of the network, or only of its ports. */
function slowest(topology: Topology, { links, uses }: LinkLoads, of: "network" | "ports"): number {
  const { accelerators, ports, ends, reverse, capacity, classOf, classes } = topology;
  const isPort = (vertex: number): boolean => vertex >= accelerators && vertex < accelerators + ports;
  let most = 0;
  for (let index = 0; index < links.length; index++) {
    const link = links[index]!;
    if (classes[classOf[link]!]!.medium === "scale-up") continue;
    if (of === "ports" && !isPort(ends[link]!) && !isPort(ends[reverse[link]!]!)) continue;
    most = Math.max(most, uses[index]! / capacity[link]!);
  }
  return most;
}

/** Bytes of the port, of those between ports and switches, that carries most. */
function busiestPort({ accelerators, ports, ends, reverse }: Topology, { links, uses }: LinkLoads): number {
  const isPort = (vertex: number): boolean => vertex >= accelerators && vertex < accelerators + ports;
  let most = 0;
  for (let index = 0; index < links.length; index++) {
    const [to, from] = [ends[links[index]!]!, ends[reverse[links[index]!]!]!];
    const outside = Math.max(from, to) >= accelerators + ports || (isPort(from) && isPort(to));
    if ((isPort(from) || isPort(to)) && outside) most = Math.max(most, uses[index]!);
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
