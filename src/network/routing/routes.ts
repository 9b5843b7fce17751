/**
 * Ways from accelerator to accelerator as the links they use. Inside a scale-up domain the way goes over it; beyond,
 * from a port of the source through the fabric to a port of the destination. With rail forwarding (PXN) the data first
 * crosses the scale-up network to the neighbour whose port is on the destination's rail.
 * @source nccl-pxn
 */

import type { SharedPath } from "../../simulation/index.ts";
import type { Topology } from "../topology/graph.ts";
import { domainsOf } from "./domains.ts";
import { LinkUses } from "./link-uses.ts";
import { type Failures, NextHops, type Region } from "./next-hops.ts";
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
  private readonly inside: NextHops;
  private readonly fabric: NextHops;
  private readonly switches: Region;
  private readonly load: Float64Array;
  private readonly own: LinkUses;
  private readonly domains: { readonly first: Int32Array; readonly size: Int32Array };

  constructor(topology: Topology, options: RoutingOptions) {
    this.topology = topology;
    this.options = options;
    this.inside = new NextHops(topology, options.failures);
    this.fabric = new NextHops(topology, options.failures);
    this.switches = { first: topology.accelerators + topology.ports, end: topology.vertices };
    this.load = new Float64Array(topology.ends.length);
    this.own = new LinkUses(topology.ends.length);
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
    const found = this.send(this.own, { from, to, key, amount: 1 });
    const path = this.own.take();
    return found === "reached" ? path : undefined;
  }

  /** Adds what one queue pair of a flow puts on every link of its way; what lies before a dead end is added too. */
  send(
    uses: LinkUses,
    flow: { readonly from: number; readonly to: number; readonly key: number; readonly amount: number },
  ): "reached" | "no-way" {
    const { from, to } = flow;
    return from === to || this.route({ ...flow, uses }) ? "reached" : "no-way";
  }

  private route(flow: Sending): boolean {
    const { from, to, key } = flow;
    if (this.domains.first[from] === this.domains.first[to]) return this.cross(from, to, flow);
    const sender = this.options.forwarding === "rail" ? this.neighbourOnRail(from, to) : from;
    if (sender !== from && !this.cross(from, sender, flow)) return false;
    // Ports of one plane talk to each other: the same turn on both sides.
    const departure = this.neighbour(sender, "port", key);
    const arrival = this.neighbour(to, "port", key);
    if (departure === undefined || arrival === undefined) return false;
    return this.step(sender, departure, flow) && this.through(departure, arrival, flow) && this.step(arrival, to, flow);
  }

  /** Over the scale-up network: through its switch, straight, or from accelerator to accelerator. */
  private cross(from: number, to: number, flow: Sending): boolean {
    const middle = this.neighbour(from, "switch", 0);
    if (middle !== undefined) return this.step(from, middle, flow) && this.step(middle, to, flow);
    if (this.step(from, to, flow)) return true;
    const first = this.domains.first[from]!;
    return this.walk(this.inside, { from, to, region: { first, end: first + this.domains.size[from]! } }, flow);
  }

  /** Through the fabric from port to port: to a leaf of the destination, then down. */
  private through(from: number, to: number, flow: Sending): boolean {
    if (this.step(from, to, flow)) return true;
    const leaf = this.neighbour(to, "switch", flow.key);
    if (leaf === undefined) return false;
    return this.walk(this.fabric, { from, to: leaf, region: this.switches }, flow) && this.step(leaf, to, flow);
  }

  /** Along shortest ways, one link at a time, or over all of them at once when packets are sprayed. */
  private walk(hops: NextHops, way: Way, flow: Sending): boolean {
    const { to, region } = way;
    const { policy, seed } = this.options;
    if (policy === "spray") return this.spread(hops, way, flow);
    let vertex = way.from;
    while (vertex !== to) {
      const links = hops.towards(to, vertex, region);
      if (links.length === 0) return false;
      const { load, topology } = this;
      const link = chosenLink(policy, { links, vertex, destination: to, key: flow.key, seed, load, topology });
      this.use(link, flow.amount, flow);
      vertex = topology.ends[link]!;
    }
    return true;
  }

  /** Every vertex deals what it gets evenly over its links that lead nearer. */
  private spread(hops: NextHops, { from, to, region }: Way, flow: Sending): boolean {
    let front = new Map([[from, flow.amount]]);
    while (!front.has(to)) {
      const next = new Map<number, number>();
      for (const [vertex, amount] of front) {
        const links = hops.towards(to, vertex, region);
        if (links.length === 0) return false;
        for (const link of links) {
          const end = this.topology.ends[link]!;
          this.use(link, amount / links.length, flow);
          next.set(end, (next.get(end) ?? 0) + amount / links.length);
        }
      }
      front = next;
    }
    return true;
  }

  /** The link between two neighbours, the least used of parallel ones. */
  private step(from: number, to: number, flow: Sending): boolean {
    const { starts, ends } = this.topology;
    const { failures } = this.options;
    if (failures?.vertices.has(from) || failures?.vertices.has(to)) return false;
    let best = -1;
    // A switch has more links than a port or an accelerator: look from the side of the latter.
    const [near, far] = from >= this.switches.first ? [to, from] : [from, to];
    for (let each = starts[near]!; each < starts[near + 1]!; each++) {
      if (ends[each] !== far) continue;
      const link = near === from ? each : this.topology.reverse[each]!;
      if (failures?.links.has(link)) continue;
      if (best < 0 || this.load[link]! < this.load[best]!) best = link;
    }
    if (best < 0) return false;
    this.use(best, flow.amount, flow);
    return true;
  }

  private use(link: number, amount: number, { uses }: Sending): void {
    this.load[link]! += amount;
    uses.add(link, amount);
  }

  /** The turn-th port, or switch, next to a vertex over a link that works. */
  private neighbour(vertex: number, kind: "port" | "switch", turn: number): number | undefined {
    const { starts, ends, accelerators, ports } = this.topology;
    const { failures } = this.options;
    const found: number[] = [];
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      const end = ends[link]!;
      if (end < accelerators || end < accelerators + ports !== (kind === "port")) continue;
      if (failures?.links.has(link) || failures?.vertices.has(end) || found.includes(end)) continue;
      found.push(end);
    }
    return found[turn % found.length];
  }

  /** The accelerator of the source's domain at the place that the destination has in its own. */
  private neighbourOnRail(from: number, to: number): number {
    const { first } = this.domains;
    const neighbour = first[from]! + (to - first[to]!);
    return first[neighbour] === first[from] ? neighbour : from;
  }
}

/** One queue pair on its way. */
interface Sending {
  readonly from: number;
  readonly to: number;
  readonly key: number;
  readonly amount: number;
  readonly uses: LinkUses;
}

interface Way {
  readonly from: number;
  readonly to: number;
  readonly region: Region;
}
