/**
 * Ways from accelerator to accelerator as the links they use. Inside a scale-up domain the way goes over it, between
 * domains of one node over the bridge; beyond, from a port of the source through the fabric to a port of the
 * destination. With rail forwarding (PXN) the data first crosses the scale-up network to the neighbour whose port is on
 * the destination's rail. What is down is gone round, by other ports too; where nothing is left there is no way.
 * @source nccl-pxn
 */

import type { SharedPath } from "../../simulation/index.ts";
import type { Topology } from "../topology/graph.ts";
import { AdaptiveWays } from "./adaptive.ts";
import { type Attachments, attachmentsOf } from "./attachments.ts";
import { brokenLinks, type Failures } from "./failures.ts";
import { LinkUses } from "./link-uses.ts";
import { NextHops, type Region } from "./next-hops.ts";
import { type ChoiceState, chosenLink, type RoutingPolicy } from "./policy.ts";
import { Spreads } from "./spread.ts";

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
  private readonly inside: Spreads;
  private readonly sprayed: Spreads;
  private readonly adaptive: AdaptiveWays | undefined;
  private readonly fabric: NextHops;
  private readonly switches: Region;
  private readonly broken: Uint8Array | undefined;
  private readonly choice: ChoiceState | undefined;
  private readonly load: Float64Array;
  private readonly own: LinkUses;
  private readonly attached: Attachments;
  /** The queue pair on its way, in fields: there are millions of them. */
  private uses: LinkUses;
  private key = 0;
  private turn = 0;
  private amount = 0;
  /** Which of its last switch's cables it takes: what static tables know of a destination. */
  private place = 0;

  constructor(topology: Topology, options: RoutingOptions) {
    const { policy, seed, failures, queuePairs = 1 } = options;
    this.topology = topology;
    this.options = options;
    this.queuePairs = queuePairs;
    this.broken = brokenLinks(topology, failures);
    this.load = new Float64Array(topology.ends.length);
    this.inside = new Spreads(new NextHops(topology, this.broken), topology.ends);
    this.fabric = new NextHops(topology, this.broken);
    this.sprayed = new Spreads(this.fabric, topology.ends);
    const { ends, capacity, vertices } = topology;
    if (policy === "adaptive")
      this.adaptive = new AdaptiveWays(this.fabric, { ends, capacity, vertices, load: this.load });
    this.switches = { first: firstOfFabric(topology), end: topology.vertices };
    this.choice = policy === "deterministic" || policy === "ecmp" ? { policy, seed } : undefined;
    this.own = new LinkUses(topology.ends.length);
    this.uses = this.own;
    this.attached = attachmentsOf(topology);
  }

  /** First accelerator of the scale-up domain that one sits in: equal for all of a domain. */
  domainOf(accelerator: number): number {
    const first = this.attached.domain[accelerator];
    if (first === undefined) throw new Error(`no accelerator ${accelerator} among ${this.topology.accelerators}`);
    return first;
  }

  /** Accelerators that a cable joins to one; none where a switch joins the domain. */
  besides(accelerator: number): readonly number[] {
    const { starts, ends, accelerators } = this.topology;
    if (this.attached.hub[accelerator]! >= 0) return [];
    const found = new Set<number>();
    for (let link = starts[accelerator]!; link < starts[accelerator + 1]!; link++) {
      if (ends[link]! < accelerators) found.add(ends[link]!);
    }
    return [...found];
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
    this.uses = uses;
    this.key = flow.key;
    this.turn = flow.turn ?? flow.key;
    this.amount = flow.amount;
    return from === to || this.route(from, to) ? "reached" : "no-way";
  }

  /** Parts that a message between two is split in: so many queue pairs on each way into the network. */
  parts(from: number, to: number): number {
    const { domain, ways } = this.attached;
    return domain[from] === domain[to] ? 1 : this.queuePairs * Math.max(1, ways[from]!, ways[to]!);
  }

  private route(from: number, to: number): boolean {
    const { domain, node, bridge } = this.attached;
    if (domain[from] === domain[to]) return this.cross(from, to);
    if (bridge[from]! >= 0 && bridge[to]! >= 0 && node[from] === node[to]) {
      return this.follow(bridge[from]!) && this.back(bridge[to]!);
    }
    const sender = this.options.forwarding === "rail" ? this.neighbourOnRail(from, to) : from;
    if (sender !== from && this.works(from, sender) && this.leave(from, sender, to)) return true;
    return this.leave(from, from, to);
  }

  /** From the first port of the sender, in turn, from which the destination can be reached; `from` hands it the data. */
  private leave(from: number, sender: number, to: number): boolean {
    const { turn: own } = this;
    const { portStarts: starts, portLinks } = this.attached;
    const [first, last] = [starts[sender]!, starts[to]!];
    const [count, arrivals] = [starts[sender + 1]! - first, starts[to + 1]! - last];
    // Ports of one plane talk to each other: the same turn on both sides, unless something is down.
    for (let turn = 0; turn < count; turn++) {
      const departure = first + ((own + turn) % count);
      if (!this.usable(portLinks[departure]!)) continue;
      for (let other = 0; other < arrivals; other++) {
        const arrival = last + ((own + turn + other) % arrivals);
        if (!this.usable(portLinks[arrival]!)) continue;
        const leaf = this.leafTowards(departure, arrival, arrivals);
        if (leaf < 0) continue;
        if (from !== sender && !this.cross(from, sender)) return false;
        return this.fly(departure, leaf, arrival);
      }
    }
    return false;
  }

  /** From a port through the fabric to the leaf next to another, and down; that there is a way is known. */
  private fly(departure: number, leaf: number, arrival: number): boolean {
    const { portVertices, portLinks } = this.attached;
    this.follow(portLinks[departure]!);
    this.place = this.placeOf(leaf);
    if (this.topology.ends[leaf]! !== portVertices[departure]!) {
      this.walk(portVertices[departure]!, this.topology.ends[leaf]!);
    }
    this.back(leaf);
    return this.back(portLinks[arrival]!);
  }

  /** The link from a port to one of its switches, or to the other port, over which it can be reached; -1: none. */
  private leafTowards(departure: number, arrival: number, arrivals: number): number {
    const { starts, ends } = this.topology;
    const { portVertices } = this.attached;
    const [from, to] = [portVertices[departure]!, portVertices[arrival]!];
    const count = starts[to + 1]! - starts[to]!;
    // Parts go round the ports first, then round the cables of each.
    const first = Math.floor(this.turn / Math.max(1, arrivals));
    for (let turn = 0; turn < count; turn++) {
      const link = starts[to]! + ((first + turn) % count);
      const leaf = ends[link]!;
      if (leaf < this.switches.first && leaf !== from) continue;
      if (!this.usable(this.topology.reverse[link]!)) continue;
      if (leaf === from || this.fabric.reaches(leaf, from, this.switches)) return link;
    }
    return -1;
  }

  /** Over the scale-up network: through its switch, straight, or from accelerator to accelerator. */
  private cross(from: number, to: number): boolean {
    const { hub, domain, domainSize } = this.attached;
    const [up, down] = [hub[from]!, hub[to]!];
    if (up >= 0 && down >= 0) {
      if (!this.usable(up) || !this.usable(this.topology.reverse[down]!)) return false;
      const [enter, exit] = [this.topology.ends[up]!, this.topology.ends[down]!];
      if (enter !== exit && this.fabric.towards(exit, enter, this.switches).count === 0) return false;
      this.place = this.placeOf(down);
      return this.follow(up) && (enter === exit || this.walk(enter, exit)) && this.back(down);
    }
    if (this.step(from, to)) return true;
    const first = domain[from]!;
    return this.spread(this.inside, from, to, { first, end: first + domainSize[from]! });
  }

  /** Along shortest ways, one link at a time, or over all of them at once where packets go their own ways. */
  private walk(from: number, to: number): boolean {
    const { choice, topology, switches } = this;
    // A port with one switch has the spreads of that switch.
    let vertex = choice === undefined ? this.soleStep(from, to) : from;
    if (this.adaptive !== undefined) return this.adapt(this.adaptive, vertex, to);
    if (choice === undefined) return this.spread(this.sprayed, vertex, to, switches);
    // Static tables: the first switch goes by the place below the leaf, those above by the leaf, in step with it.
    let [place, ways] = [this.place, 0];
    while (vertex !== to) {
      const found = this.fabric.towards(to, vertex, switches);
      if (found.count === 0) return false;
      if (ways > 1) place = to - switches.first + Math.floor((this.place * found.count) / ways);
      else ways = found.count;
      const link = chosenLink(choice, found, vertex, place, this.key);
      this.use(link, this.amount);
      vertex = topology.ends[link]!;
    }
    return true;
  }

  private adapt(ways: AdaptiveWays, from: number, to: number): boolean {
    if (!ways.deal({ from, to, region: this.switches }, this.amount)) return false;
    for (let at = 0; at < ways.count; at++) this.use(ways.links[at]!, ways.amounts[at]!);
    return true;
  }

  /** Takes the only link out of a port; returns where it leads, or the port where there are several. */
  private soleStep(from: number, to: number): number {
    if (from >= this.switches.first) return from;
    const { links, count } = this.fabric.towards(to, from, this.switches);
    if (count !== 1) return from;
    const link = links[0]!;
    this.use(link, this.amount);
    return this.topology.ends[link]!;
  }

  /** Over all shortest ways at once. */
  private spread(spreads: Spreads, from: number, to: number, region: Region): boolean {
    const found = spreads.between(from, to, region);
    if (found === undefined) return false;
    const { links, shares } = found;
    for (let index = 0; index < links.length; index++) this.use(links[index]!, this.amount * shares[index]!);
    return true;
  }

  /** The link between two accelerators, the least used of parallel ones. */
  private step(from: number, to: number): boolean {
    const { starts, ends } = this.topology;
    let best = -1;
    for (let link = starts[from]!; link < starts[from + 1]!; link++) {
      if (ends[link] !== to || !this.usable(link)) continue;
      if (best < 0 || this.load[link]! < this.load[best]!) best = link;
    }
    if (best < 0) return false;
    this.use(best, this.amount);
    return true;
  }

  /** Over a link, or against the direction in which it is given; -1 is no distance. */
  private follow(link: number): boolean {
    if (link < 0) return true;
    if (!this.usable(link)) return false;
    this.use(link, this.amount);
    return true;
  }

  private back(link: number): boolean {
    return this.follow(link < 0 ? link : this.topology.reverse[link]!);
  }

  /** Place of the other direction of a link among those of the switch where it comes from. */
  private placeOf(link: number): number {
    const { starts, ends, reverse } = this.topology;
    return reverse[link]! - starts[ends[link]!]!;
  }

  private usable(link: number): boolean {
    return this.broken === undefined || link < 0 || this.broken[link] === 0;
  }

  private use(link: number, amount: number): void {
    this.load[link]! += amount;
    this.uses.add(link, amount);
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

/** The first switch that joins more than accelerators: what lies before it passes nothing on to other switches. */
function firstOfFabric({ accelerators, ports, vertices, starts, ends }: Topology): number {
  for (let vertex = accelerators + ports; vertex < vertices; vertex++) {
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      if (ends[link]! >= accelerators) return vertex;
    }
  }
  return accelerators + ports;
}

/** One queue pair of a flow. */
export interface Flow {
  readonly from: number;
  readonly to: number;
  readonly key: number;
  readonly amount: number;
  /** Which of several ports it takes; default the key. */
  readonly turn?: number;
}
