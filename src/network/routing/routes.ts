/**
 * Ways from accelerator to accelerator as the links they use. Inside a scale-up domain the way goes over it; beyond,
 * from a port of the source through the fabric to a port of the destination. With rail forwarding (PXN) the data first
 * crosses the scale-up network to the neighbour whose port is on the destination's rail.
 * @source nccl-pxn
 */

import type { SharedPath } from "../../simulation/index.ts";
import type { Topology } from "../topology/graph.ts";
import { domainsOf } from "./domains.ts";
import { type Failures, NextHops, type Region } from "./next-hops.ts";
import { chosenLink, type RoutingPolicy } from "./policy.ts";

export interface RoutingOptions {
  readonly policy: RoutingPolicy;
  /** rail: over the neighbour on the destination's rail; own: always from the accelerator's own ports. */
  readonly forwarding: "rail" | "own";
  readonly seed: number;
  readonly failures?: Failures;
}

/** Share of a flow on each link it uses. */
type Uses = Map<number, number>;

export class Routes {
  readonly topology: Topology;
  private readonly options: RoutingOptions;
  private readonly inside: NextHops;
  private readonly fabric: NextHops;
  private readonly switches: Region;
  private readonly load: Float64Array;
  private readonly domains: { readonly first: Int32Array; readonly size: Int32Array };

  constructor(topology: Topology, options: RoutingOptions) {
    this.topology = topology;
    this.options = options;
    this.inside = new NextHops(topology, options.failures);
    this.fabric = new NextHops(topology, options.failures);
    this.switches = { first: topology.accelerators + topology.ports, end: topology.vertices };
    this.load = new Float64Array(topology.ends.length);
    this.domains = domainsOf(topology);
  }

  /** First accelerator of the scale-up domain that one sits in: equal for all of a domain. */
  domainOf(accelerator: number): number {
    const first = this.domains.first[accelerator];
    if (first === undefined) throw new Error(`no accelerator ${accelerator} among ${this.topology.accelerators}`);
    return first;
  }

  /** The way of one queue pair of a flow; undefined where there is none. `key` stands for flow and queue pair. */
  path(from: number, to: number, key: number): SharedPath | undefined {
    const uses: Uses = new Map();
    if (from !== to && !this.route(from, to, key, uses)) return undefined;
    for (const [link, share] of uses) this.load[link]! += share;
    const resources = Int32Array.from(uses.keys());
    const use = Float64Array.from(uses.values());
    return use.every((share) => share === 1) ? { resources } : { resources, use };
  }

  private route(from: number, to: number, key: number, uses: Uses): boolean {
    if (this.domains.first[from] === this.domains.first[to]) return this.cross(from, to, key, uses);
    const sender = this.options.forwarding === "rail" ? this.neighbourOnRail(from, to) : from;
    if (sender !== from && !this.cross(from, sender, key, uses)) return false;
    const departures = this.neighbours(sender, "port");
    const arrivals = this.neighbours(to, "port");
    if (departures.length === 0 || arrivals.length === 0) return false;
    // Ports of one plane talk to each other: the same turn on both sides.
    const departure = departures[key % departures.length]!;
    const arrival = arrivals[key % arrivals.length]!;
    return (
      this.step(sender, departure, uses) && this.through(departure, arrival, key, uses) && this.step(arrival, to, uses)
    );
  }

  /** Over the scale-up network: straight, through its switch, or from accelerator to accelerator. */
  private cross(from: number, to: number, key: number, uses: Uses): boolean {
    if (this.step(from, to, uses)) return true;
    const middle = this.neighbours(from, "switch").find((vertex) => this.works(from, vertex) && this.works(vertex, to));
    if (middle !== undefined) return this.step(from, middle, uses) && this.step(middle, to, uses);
    const first = this.domains.first[from]!;
    return this.walk(this.inside, { from, to, key, region: { first, end: first + this.domains.size[from]! } }, uses);
  }

  /** Through the fabric from port to port: to a leaf of the destination, then down. */
  private through(from: number, to: number, key: number, uses: Uses): boolean {
    if (this.step(from, to, uses)) return true;
    const leaves = this.neighbours(to, "switch").filter((leaf) => this.works(leaf, to));
    const leaf = leaves[key % Math.max(1, leaves.length)];
    if (leaf === undefined) return false;
    return this.walk(this.fabric, { from, to: leaf, key, region: this.switches }, uses) && this.step(leaf, to, uses);
  }

  /** Along shortest ways, one link at a time, or over all of them at once when packets are sprayed. */
  private walk(
    hops: NextHops,
    way: { readonly from: number; readonly to: number; readonly key: number; readonly region: Region },
    uses: Uses,
  ): boolean {
    const { to, key, region } = way;
    const { policy, seed } = this.options;
    if (policy === "spray") return this.spread(hops, way, uses);
    let vertex = way.from;
    while (vertex !== to) {
      const links = hops.towards(to, vertex, region);
      if (links.length === 0) return false;
      const { load, topology } = this;
      const link = chosenLink(policy, { links, vertex, destination: to, key, seed, load, topology });
      add(uses, link, 1);
      vertex = topology.ends[link]!;
    }
    return true;
  }

  /** Every vertex deals what it gets evenly over its links that lead nearer. */
  private spread(
    hops: NextHops,
    { from, to, region }: { readonly from: number; readonly to: number; readonly region: Region },
    uses: Uses,
  ): boolean {
    let front = new Map([[from, 1]]);
    while (!front.has(to)) {
      const next = new Map<number, number>();
      for (const [vertex, amount] of front) {
        const links = hops.towards(to, vertex, region);
        if (links.length === 0) return false;
        for (const link of links) {
          add(uses, link, amount / links.length);
          add(next, this.topology.ends[link]!, amount / links.length);
        }
      }
      front = next;
    }
    return true;
  }

  /** The link between two neighbours, the least used of parallel ones. */
  private step(from: number, to: number, uses: Uses): boolean {
    const link = this.linkBetween(from, to);
    if (link === undefined) return false;
    add(uses, link, 1);
    return true;
  }

  private works(from: number, to: number): boolean {
    return this.linkBetween(from, to) !== undefined;
  }

  private linkBetween(from: number, to: number): number | undefined {
    const { starts, ends } = this.topology;
    const { failures } = this.options;
    if (failures?.vertices.has(from) || failures?.vertices.has(to)) return undefined;
    let best: number | undefined;
    for (let link = starts[from]!; link < starts[from + 1]!; link++) {
      if (ends[link] !== to || failures?.links.has(link)) continue;
      if (best === undefined || this.load[link]! < this.load[best]!) best = link;
    }
    return best;
  }

  private neighbours(vertex: number, kind: "port" | "switch"): number[] {
    const { starts, ends, accelerators, ports } = this.topology;
    const found = new Set<number>();
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      const end = ends[link]!;
      if (end < accelerators) continue;
      if (end < accelerators + ports === (kind === "port")) found.add(end);
    }
    return [...found];
  }

  /** The accelerator of the source's domain at the place that the destination has in its own. */
  private neighbourOnRail(from: number, to: number): number {
    const { first } = this.domains;
    const neighbour = first[from]! + (to - first[to]!);
    return first[neighbour] === first[from] ? neighbour : from;
  }
}

function add(amounts: Map<number, number>, key: number, amount: number): void {
  amounts.set(key, (amounts.get(key) ?? 0) + amount);
}
