/**
 * Folded Clos fabrics of one to three tiers of switches over network ports: fat tree, rail-optimised, rail-only and
 * dual-plane differ only in which ports meet in one leaf and which leaves meet above.
 *
 *     uplinks of a leaf = down ports / oversubscription of the first boundary, of a spine likewise
 *
 * Uplinks are dealt round over the switches above, so that each leaf has as many cables to each of them as to any other.
 * All leaves are alike, made for the fastest ports.
 * @source al-fares-2008
 */

import type { BytesPerSecond } from "../../base/quantity.ts";
import type { FabricPart } from "./fabric.ts";
import type { GraphBuilder } from "./graph.ts";

export interface ClosShape {
  /** Ports below one leaf. */
  readonly downPorts: number;
  /** With three tiers: leaves in one pod where the fabric states its pods. */
  readonly leavesPerPod?: number;
  /** In front of the names of switches: `plane 0 `. */
  readonly plane?: string;
  /** Leaves in turn belong to so many rails. */
  readonly rails?: number;
}

/**
 * Joins ports (vertices) given in leaf order: `downPorts` in a row share a leaf; -1 leaves a place empty. Returns the
 * topmost switches.
 */
export function addClos(part: FabricPart, ports: readonly number[], clos: ClosShape): readonly number[] {
  const { builder, shape } = part;
  const { tiers, hopLatency: latency } = shape;
  const leaves = Math.max(1, Math.ceil(ports.length / clos.downPorts));
  const first = addLeaves(part, ports, { ...clos, leaves });
  if (tiers < 2 || leaves === 1) return range(first, leaves);
  const tier = tierMaker(part, clos);
  const uplinks = uplinksOf(clos.downPorts * part.portBandwidth, part, 0);
  const up = builder.linkClass({ name: "leaf-spine", medium: "fabric", ...uplinkRates(part), latency });
  const perPod = tiers === 2 ? leaves : Math.min(leaves, clos.leavesPerPod ?? Math.floor((shape.radix ?? 64) / 2));
  const room = spineRoom(part);
  const spines: number[][] = [];
  for (let leaf = 0; leaf < leaves; leaf += perPod) {
    const members = range(first + leaf, Math.min(perPod, leaves - leaf));
    spines.push(tier(members, { name: "spine", uplinks, link: up, room }));
  }
  const inPod = spines[0]?.length ?? 0;
  if (tiers < 3 || spines.length === 1) return spines.flat();
  const perSpine = Math.ceil((perPod * uplinks) / Math.max(1, inPod));
  const cores = uplinksOf(perSpine * uplinkRate(part), part, 1);
  const core = builder.linkClass({ name: "spine-core", medium: "fabric", ...uplinkRates(part), latency });
  // The j-th spines of all pods meet in the j-th group of cores.
  return range(0, inPod).flatMap((place) => {
    const members = spines.flatMap((pod) => pod.slice(place, place + 1));
    return tier(members, { name: "core", uplinks: cores, link: core, room: upRadix(part) });
  });
}

function addLeaves(part: FabricPart, ports: readonly number[], clos: ClosShape & { readonly leaves: number }): number {
  const { builder, shape } = part;
  const name = `${part.prefix}${clos.plane ?? ""}leaf`;
  const rails = clos.rails === undefined ? {} : { rails: clos.rails };
  const first = builder.switchGroup({ name, count: clos.leaves, ...radixOf(part), ...rails });
  ports.forEach((port, index) => {
    if (port < 0) return;
    const { bandwidth: capacity, line } = part.rateOf(port);
    const down = builder.linkClass({ name: "port-leaf", medium: "fabric", capacity, line, latency: shape.hopLatency });
    builder.cable(port, first + Math.floor(index / clos.downPorts), down);
  });
  return first;
}

/** Rate of the cables above the leaves. */
function uplinkRate({ shape, portBandwidth }: FabricPart): BytesPerSecond {
  return shape.uplinkBandwidth ?? portBandwidth;
}

function uplinkRates(part: FabricPart): { readonly capacity: BytesPerSecond; readonly line: BytesPerSecond } {
  const capacity = uplinkRate(part);
  return { capacity, line: (capacity * part.portLine) / part.portBandwidth };
}

function radixOf({ shape: { radix }, portBandwidth }: FabricPart): { radix?: number; portRate?: BytesPerSecond } {
  return radix === undefined ? {} : { radix, portRate: portBandwidth };
}

/** Cables of the uplinks' rate that one switch takes. */
function upRadix(part: FabricPart): number | undefined {
  const { radix } = part.shape;
  return radix === undefined ? undefined : Math.floor(radix / Math.max(1, uplinkRate(part) / part.portBandwidth));
}

/** Cables above a switch with so much below it; at least one. */
function uplinksOf(below: BytesPerSecond, part: FabricPart, boundary: number): number {
  return Math.max(1, Math.round(below / (part.shape.oversubscription[boundary] ?? 1) / uplinkRate(part)));
}

/** Ports of a spine that face down: all where nothing is above, else as many as leave room for its uplinks. */
function spineRoom(part: FabricPart): number | undefined {
  const radix = upRadix(part);
  if (part.shape.tiers < 3 || radix === undefined) return radix;
  const factor = part.shape.oversubscription[1] ?? 1;
  return Math.max(1, Math.floor((radix * factor) / (1 + factor)));
}

interface Tier {
  readonly name: string;
  readonly uplinks: number;
  readonly link: number;
  /** Cables one of them takes from below. */
  readonly room: number | undefined;
}

/** Adds switches above others, enough for all their uplinks, no more than each member has uplinks; returns them. */
function tierMaker(part: FabricPart, clos: ClosShape): (members: readonly number[], tier: Tier) => number[] {
  const prefix = `${part.prefix}${clos.plane ?? ""}`;
  return (members, { name, uplinks, link, room }) => {
    const needed = room === undefined ? uplinks : Math.ceil((members.length * uplinks) / room);
    // A count that divides the uplinks gives each member as many cables to one switch above as to another.
    let count = Math.min(uplinks, Math.max(1, needed));
    while (uplinks % count !== 0) count++;
    const first = part.builder.switchGroup({ name: `${prefix}${name}`, count, ...radixOf(part) });
    joinAll(part.builder, members, range(first, count), { uplinks, link });
    return range(first, count);
  };
}

function joinAll(
  builder: GraphBuilder,
  members: readonly number[],
  above: readonly number[],
  { uplinks, link }: { readonly uplinks: number; readonly link: number },
): void {
  for (const member of members) {
    for (let uplink = 0; uplink < uplinks; uplink++) builder.cable(member, above[uplink % above.length]!, link);
  }
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
