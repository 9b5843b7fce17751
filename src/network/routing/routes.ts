/**
 * Ways from accelerator to accelerator as the resources they use. Inside a scale-up domain the way goes over it;
 * beyond, from a port of the source through the fabric to a port of the destination. With rail forwarding (PXN) the data
 * first crosses the scale-up network to the neighbour whose port is on the destination's rail.
 */

import type { SharedPath } from "../../simulation/index.ts";
import type { Topology } from "../topology/graph.ts";
import { type Failures, NextHops } from "./next-hops.ts";
import { chosenLink, type RoutingPolicy } from "./policy.ts";

export interface RoutingOptions {
  readonly policy: RoutingPolicy;
  /** rail: over the neighbour on the destination's rail; own: always from the accelerator's own ports. */
  readonly forwarding: "rail" | "own";
  readonly seed: number;
  readonly failures?: Failures;
}

export class Routes {
  readonly topology: Topology;
  private readonly options: RoutingOptions;
  private readonly hops: NextHops;
  private readonly load: Float64Array;
  /** Scale-up domain (the vertices it reaches without a port) and ports of each accelerator. */
  private readonly domains: Int32Array;

  constructor(topology: Topology, options: RoutingOptions) {
    this.topology = topology;
    this.options = options;
    this.hops = new NextHops(topology, options.failures);
    this.load = new Float64Array(topology.ends.length);
    this.domains = domainsOf(topology);
  }

  /**
   * The way of one queue pair of a flow; undefined where there is none. `key` stands for flow and queue pair.
   */
  path(from: number, to: number, key: number): SharedPath | undefined {
    const use = new Map<number, number>();
    const found = from === to || this.route(from, to, key, use);
    if (!found) return undefined;
    for (const [link, share] of use) this.load[link]! += share;
    const resources = Int32Array.from(use.keys());
    const shares = Float64Array.from(use.values());
    return shares.every((share) => share === 1) ? { resources } : { resources, use: shares };
  }

  private route(from: number, to: number, key: number, use: Map<number, number>): boolean {
    const { topology, options } = this;
    if (topology.ports === 0 || this.domains[from] === this.domains[to]) return this.walk(from, to, key, use);
    const target = this.portsOf(to);
    const arrival = target[key % Math.max(1, target.length)];
    if (arrival === undefined) return false;
    const sender = options.forwarding === "rail" ? this.neighbourOnRail(from, to) : from;
    const own = this.portsOf(sender);
    const departure = own[key % Math.max(1, own.length)];
    if (departure === undefined) return false;
    const crossed = sender === from || this.walk(from, sender, key, use);
    return (
      crossed &&
      this.step(sender, departure, use) &&
      this.walk(departure, arrival, key, use) &&
      this.step(arrival, to, use)
    );
  }

  /** Along shortest ways, one link at a time, or over all of them at once when packets are sprayed. */
  private walk(from: number, to: number, key: number, use: Map<number, number>): boolean {
    const { policy, seed } = this.options;
    if (policy === "spray") return this.spread(from, to, use);
    let vertex = from;
    while (vertex !== to) {
      const links = this.hops.towards(to, vertex);
      if (links.length === 0) return false;
      const { load, topology } = this;
      const link = chosenLink(policy, { links, vertex, destination: to, key, seed, load, topology });
      use.set(link, (use.get(link) ?? 0) + 1);
      vertex = topology.ends[link]!;
    }
    return true;
  }

  /** Every vertex deals what it gets evenly over its links that lead nearer. */
  private spread(from: number, to: number, use: Map<number, number>): boolean {
    let front = new Map([[from, 1]]);
    while (!front.has(to)) {
      const next = new Map<number, number>();
      for (const [vertex, amount] of front) {
        const links = this.hops.towards(to, vertex);
        if (links.length === 0) return false;
        for (const link of links) {
          const share = amount / links.length;
          use.set(link, (use.get(link) ?? 0) + share);
          const end = this.topology.ends[link]!;
          next.set(end, (next.get(end) ?? 0) + share);
        }
      }
      front = next;
    }
    return true;
  }

  /** The link between two neighbours. */
  private step(from: number, to: number, use: Map<number, number>): boolean {
    const { starts, ends } = this.topology;
    for (let link = starts[from]!; link < starts[from + 1]!; link++) {
      if (ends[link] !== to || this.options.failures?.links.has(link)) continue;
      use.set(link, (use.get(link) ?? 0) + 1);
      return true;
    }
    return false;
  }

  private portsOf(accelerator: number): number[] {
    const { starts, ends, accelerators, ports } = this.topology;
    const found: number[] = [];
    for (let link = starts[accelerator]!; link < starts[accelerator + 1]!; link++) {
      const end = ends[link]!;
      if (end >= accelerators && end < accelerators + ports) found.push(end);
    }
    return found;
  }

  /** The accelerator of the source's domain at the place that the destination has in its own. */
  private neighbourOnRail(from: number, to: number): number {
    const start = this.domains[from]!;
    const neighbour = start + (to - this.domains[to]!);
    return this.domains[neighbour] === start ? neighbour : from;
  }
}

/** For each accelerator the first one that it reaches without a network port. */
function domainsOf({ accelerators, ports, starts, ends, classOf, classes, vertices }: Topology): Int32Array {
  const domain = new Int32Array(vertices).fill(-1);
  const queue = new Int32Array(vertices);
  for (let first = 0; first < accelerators; first++) {
    if (domain[first] !== -1) continue;
    let length = 1;
    queue[0] = first;
    domain[first] = first;
    for (let at = 0; at < length; at++) {
      const vertex = queue[at]!;
      for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
        const next = ends[link]!;
        const port = next >= accelerators && next < accelerators + ports;
        if (port || domain[next] !== -1 || classes[classOf[link]!]!.medium !== "scale-up") continue;
        domain[next] = first;
        queue[length++] = next;
      }
    }
  }
  return domain.subarray(0, accelerators);
}
