/**
 * Ways from accelerator to accelerator as the links they use. Inside a scale-up domain the way goes over it, between
 * domains of one node over the bridge; beyond, from a port of the source through the fabric to a port of the
 * destination. With rail forwarding (PXN) the data first crosses the scale-up network to the neighbour whose port is on
 * the destination's rail. What is down is gone round, by other ports too; where nothing is left there is no way.
 * @source nccl-pxn
 */

import type { SharedPath } from "../../simulation/index.ts";
import type { Topology } from "../topology/graph.ts";
import { type Attachments, attachmentsOf } from "./attachments.ts";
import { brokenLinks, type Failures } from "./failures.ts";
import { LinkUses } from "./link-uses.ts";
import { NextHops, type Region } from "./next-hops.ts";
import { type ChoiceState, chosenLink, type RoutingPolicy } from "./policy.ts";

export interface RoutingOptions {
  readonly policy: RoutingPolicy;
  /** rail: over the neighbour on the destination's rail; own: always from the accelerator's own ports. */
  readonly forwarding: "rail" | "own";
  readonly seed: number;
  /** Equal parts of a message on each port, each hashed by itself; default 1. */
  readonly queuePairs?: number;
  readonly failures?: Failures;
}

export class Routes {
  readonly topology: Topology;
  readonly queuePairs: number;
  private readonly options: RoutingOptions;
  private readonly inside: NextHops;
  private readonly fabric: NextHops;
  private readonly switches: Region;
  private readonly broken: Uint8Array | undefined;
  private readonly choice: ChoiceState | undefined;
  private readonly load: Float64Array;
  private readonly own: LinkUses;
  private readonly attached: Attachments;

  constructor(topology: Topology, options: RoutingOptions) {
    const { policy, seed, failures, queuePairs = 1 } = options;
    this.topology = topology;
    this.options = options;
    this.queuePairs = queuePairs;
    this.broken = brokenLinks(topology, failures);
    this.inside = new NextHops(topology, this.broken);
    this.fabric = new NextHops(topology, this.broken);
    this.switches = { first: topology.accelerators + topology.ports, end: topology.vertices };
    this.load = new Float64Array(topology.ends.length);
    this.choice = policy === "spray" ? undefined : { policy, seed, load: this.load, capacity: topology.capacity };
    this.own = new LinkUses(topology.ends.length);
    this.attached = attachmentsOf(topology);
  }

  /** First accelerator of the scale-up domain that one sits in: equal for all of a domain. */
  domainOf(accelerator: number): number {
    const first = this.attached.domain[accelerator];
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
  send(uses: LinkUses, flow: Flow): "reached" | "no-way" {
    const { from, to } = flow;
    return from === to || this.route({ ...flow, uses }) ? "reached" : "no-way";
  }

  /** Parts that a message between two is split in: so many queue pairs on each port. */
  parts(from: number, to: number): number {
    const { domain, portStarts: starts } = this.attached;
    if (domain[from] === domain[to]) return 1;
    return this.queuePairs * Math.max(1, starts[from + 1]! - starts[from]!, starts[to + 1]! - starts[to]!);
  }

  private route(flow: Sending): boolean {
    const { from, to } = flow;
    const { domain, node, bridge } = this.attached;
    if (domain[from] === domain[to]) return this.cross(from, to, flow);
    const [up, down] = [bridge[from]!, bridge[to]!];
    if (up >= 0 && down >= 0 && node[from] === node[to]) return this.follow(up, flow) && this.back(down, flow);
    const sender = this.options.forwarding === "rail" ? this.neighbourOnRail(from, to) : from;
    if (sender !== from && this.works(from, sender) && this.leave(sender, { ...flow, crossing: from })) return true;
    return this.leave(from, flow);
  }

  /** From the first port of the sender, in turn, from which the destination can be reached. */
  private leave(sender: number, flow: Sending): boolean {
    const { to, key } = flow;
    const { portStarts: starts, portVertices, portLinks } = this.attached;
    const [first, last] = [starts[sender]!, starts[to]!];
    const [count, arrivals] = [starts[sender + 1]! - first, starts[to + 1]! - last];
    // Ports of one plane talk to each other: the same turn on both sides, unless something is down.
    for (let turn = 0; turn < count; turn++) {
      const departure = first + ((key + turn) % count);
      if (!this.usable(portLinks[departure]!)) continue;
      for (let other = 0; other < arrivals; other++) {
        const arrival = last + ((key + turn + other) % arrivals);
        if (!this.usable(portLinks[arrival]!)) continue;
        const leaf = this.leafTowards(portVertices[departure]!, portVertices[arrival]!, key);
        if (leaf < 0) continue;
        if (flow.crossing !== undefined && !this.cross(flow.crossing, sender, flow)) return false;
        this.follow(portLinks[departure]!, flow);
        this.walk(
          this.fabric,
          { from: portVertices[departure]!, to: this.topology.ends[leaf]!, region: this.switches },
          flow,
        );
        this.back(leaf, flow);
        return this.back(portLinks[arrival]!, flow);
      }
    }
    return false;
  }

  /** The link from a port to one of its switches, or to the other port, over which it can be reached; -1: none. */
  private leafTowards(from: number, to: number, key: number): number {
    const { starts, ends } = this.topology;
    const count = starts[to + 1]! - starts[to]!;
    for (let turn = 0; turn < count; turn++) {
      const link = starts[to]! + ((key + turn) % count);
      const leaf = ends[link]!;
      if (leaf < this.switches.first && leaf !== from) continue;
      if (!this.usable(this.topology.reverse[link]!)) continue;
      if (leaf === from || this.fabric.towards(leaf, from, this.switches).count > 0) return link;
    }
    return -1;
  }

  /** Over the scale-up network: through its switch, straight, or from accelerator to accelerator. */
  private cross(from: number, to: number, flow: Sending): boolean {
    const { hub, domain, domainSize } = this.attached;
    const [up, down] = [hub[from]!, hub[to]!];
    if (up >= 0 && down >= 0) {
      if (!this.usable(up) || !this.usable(this.topology.reverse[down]!)) return false;
      const way = { from: this.topology.ends[up]!, to: this.topology.ends[down]!, region: this.switches };
      if (way.from !== way.to && this.fabric.towards(way.to, way.from, this.switches).count === 0) return false;
      return this.follow(up, flow) && this.walk(this.fabric, way, flow) && this.back(down, flow);
    }
    if (this.step(from, to, flow)) return true;
    const first = domain[from]!;
    return this.walk(this.inside, { from, to, region: { first, end: first + domainSize[from]! } }, flow);
  }

  /** Along shortest ways, one link at a time, or over all of them at once when packets are sprayed. */
  private walk(hops: NextHops, way: Way, flow: Sending): boolean {
    const { to, region } = way;
    const { choice, topology } = this;
    if (choice === undefined) return this.spread(hops, way, flow);
    let vertex = way.from;
    while (vertex !== to) {
      const found = hops.towards(to, vertex, region);
      if (found.count === 0) return false;
      const link = chosenLink(choice, found, vertex, to, flow.key);
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
        const { links, count } = hops.towards(to, vertex, region);
        if (count === 0) return false;
        for (let index = 0; index < count; index++) {
          const end = this.topology.ends[links[index]!]!;
          this.use(links[index]!, amount / count, flow);
          next.set(end, (next.get(end) ?? 0) + amount / count);
        }
      }
      front = next;
    }
    return true;
  }

  /** The link between two accelerators, the least used of parallel ones. */
  private step(from: number, to: number, flow: Sending): boolean {
    const { starts, ends } = this.topology;
    let best = -1;
    for (let link = starts[from]!; link < starts[from + 1]!; link++) {
      if (ends[link] !== to || !this.usable(link)) continue;
      if (best < 0 || this.load[link]! < this.load[best]!) best = link;
    }
    if (best < 0) return false;
    this.use(best, flow.amount, flow);
    return true;
  }

  /** Over a link, or against the direction in which it is given; -1 is no distance. */
  private follow(link: number, flow: Sending): boolean {
    if (link < 0) return true;
    if (!this.usable(link)) return false;
    this.use(link, flow.amount, flow);
    return true;
  }

  private back(link: number, flow: Sending): boolean {
    return this.follow(link < 0 ? link : this.topology.reverse[link]!, flow);
  }

  private usable(link: number): boolean {
    return this.broken === undefined || link < 0 || this.broken[link] === 0;
  }

  private use(link: number, amount: number, { uses }: Sending): void {
    this.load[link]! += amount;
    uses.add(link, amount);
  }

  /** Whether a neighbour of one scale-up switch can be reached; elsewhere found out on the way. */
  private works(from: number, to: number): boolean {
    const { hub } = this.attached;
    return this.usable(hub[from]!) && (hub[to]! < 0 || this.usable(this.topology.reverse[hub[to]!]!));
  }

  /** The accelerator of the source's node and domain whose port is on the destination's rail; else the source. */
  private neighbourOnRail(from: number, to: number): number {
    const { rail, node, domain, owner } = this.attached;
    const { nodes } = this.topology;
    if (rail[from] === rail[to] || nodes === undefined) return from;
    const port = nodes.ports[node[from]!]! + rail[to]!;
    if (port >= nodes.ports[node[from]! + 1]!) return from;
    const neighbour = owner[port]!;
    return neighbour >= 0 && domain[neighbour] === domain[from] ? neighbour : from;
  }
}

/** One queue pair of a flow. */
export interface Flow {
  readonly from: number;
  readonly to: number;
  readonly key: number;
  readonly amount: number;
}

/** One queue pair on its way. */
interface Sending extends Flow {
  readonly uses: LinkUses;
  /** Who hands its data to the sender over the scale-up network first. */
  readonly crossing?: number;
}

interface Way {
  readonly from: number;
  readonly to: number;
  readonly region: Region;
}
