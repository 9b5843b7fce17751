/**
 * The steady phase of a collective as one flow: what one byte of its size (as nccl-tests counts it) puts on every link
 * of the topology. All parts of a collective move in step, so its rate is set by the link that is used most for what it
 * gives, and a flow over all of them at once is exact. Latencies are not in it; closed forms have them.
 * @source nccl-tests-performance
 */

import type { SharedPath } from "../../simulation/index.ts";
import { busFactor } from "../collective/bus-factor.ts";
import { LinkUses, type Routes } from "../routing/index.ts";
import { membersByDomain } from "./members.ts";

export type FlowOperation = "all-reduce" | "all-gather" | "reduce-scatter" | "broadcast" | "reduce" | "all-to-all";
/** ring: rings through all ranks, one a rail; hierarchical: inside the domains and, rail by rail, between them. */
export type FlowAlgorithm = "ring" | "hierarchical" | "direct";

export interface FlowRequest {
  readonly operation: FlowOperation;
  readonly algorithm: FlowAlgorithm;
  /** Accelerators of the group, in rank order. */
  readonly ranks: readonly number[];
  /** Numbers of the flows start here, so that two jobs are hashed apart. */
  readonly key?: number;
}

/** Share of the size on each link; undefined where two ranks cannot reach each other. */
export function collectiveFlow(routes: Routes, request: FlowRequest): SharedPath | undefined {
  const uses = new Messages(routes, request.key ?? 0);
  const { operation, ranks } = request;
  if (ranks.length > 1) {
    if (operation === "all-to-all") exchange(uses, ranks);
    else if (request.algorithm === "ring") rings(uses, routes, request);
    else if (request.algorithm === "hierarchical") stages(uses, routes, request);
    else throw new Error(`${operation} has no algorithm ${request.algorithm}`);
  }
  return uses.path();
}

/**
 * One ring for each rank of a domain: it enters and leaves every domain on the rail of that rank, so that all ports of
 * a domain carry their part. Inside a domain it closes on that rank again, whose port sends on.
 */
function rings(uses: Messages, routes: Routes, { operation, ranks }: FlowRequest): void {
  const domains = membersByDomain(routes, ranks);
  const share = busFactor(operation, ranks.length);
  for (const members of domains) around(uses, routes, members, share);
  between(uses, domains, share);
}

/**
 * Scatter inside each domain, rings between the domains rank by rank, gather inside: the k ranks of a domain each carry
 * (k - 1)/k of the size in, and between N domains 2 (N - 1)/N of their k-th part.
 */
function stages(uses: Messages, routes: Routes, { operation, ranks }: FlowRequest): void {
  const domains = membersByDomain(routes, ranks);
  for (const members of domains) around(uses, routes, members, busFactor(operation, members.length));
  between(uses, domains, busFactor(operation, domains.length));
}

/**
 * What rings put on the inside of a domain: all of it on the way to the next member, or, where members are joined
 * without a switch, an equal part on the way to each neighbour: the rings of a mesh, or of all dimensions of a torus.
 * Members without neighbours in the group reach the next over others.
 */
function around(uses: Messages, routes: Routes, members: readonly number[], share: number): void {
  if (members.length < 2) return;
  const group = new Set(members);
  members.forEach((member, place) => {
    const near = routes.besides(member).filter((other) => group.has(other));
    for (const other of near) uses.send(member, other, share / near.length);
    if (near.length === 0) uses.send(member, members[(place + 1) % members.length] ?? member, share);
  });
}

/** Rings through the domains, one for each rank that all of them have. */
function between(uses: Messages, domains: readonly (readonly number[])[], share: number): void {
  if (domains.length < 2) return;
  const rails = Math.min(...domains.map((members) => members.length));
  domains.forEach((members, index) => {
    const following = domains[(index + 1) % domains.length] ?? members;
    for (let rail = 0; rail < rails; rail++) uses.send(members[rail] ?? 0, following[rail] ?? 0, share / rails);
  });
}

/** Every rank sends its n-th part to every other. */
function exchange(uses: Messages, ranks: readonly number[]): void {
  for (const from of ranks) for (const to of ranks) if (from !== to) uses.send(from, to, 1 / ranks.length);
}

/** Sums what messages put on links. */
class Messages {
  private readonly routes: Routes;
  private readonly uses: LinkUses;
  private key: number;
  private state: "reached" | "no-way" = "reached";

  constructor(routes: Routes, key: number) {
    this.routes = routes;
    this.uses = new LinkUses(routes.topology.ends.length);
    this.key = key;
  }

  /** In equal parts, one a queue pair; the slowest of them sets the rate of the whole. */
  send(from: number, to: number, size: number): void {
    const { routes, uses } = this;
    const parts = routes.parts(from, to);
    for (let part = 0; part < parts; part++) {
      const flow = { from, to, key: this.key++, turn: part, amount: size / parts };
      if (routes.send(uses, flow) === "no-way") this.state = "no-way";
    }
  }

  path(): SharedPath | undefined {
    return this.state === "reached" ? this.uses.take() : undefined;
  }
}
