/**
 * Folded Clos fabrics of one to three tiers of switches over network ports: fat tree, rail-optimised, rail-only and
 * dual-plane differ only in which ports meet in one leaf and which leaves meet above.
 *
 *     uplinks of a leaf = down ports / oversubscription of the first boundary, of a spine likewise
 *
 * Uplinks are dealt round over the switches above, so that each leaf has as many cables to each of them as to any other.
 * @source al-fares-2008
 */

import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { GraphBuilder } from "./graph.ts";

export interface ClosShape {
  /** Tiers of switches: 1 (leaves alone), 2 (spines) or 3 (cores that join pods). */
  readonly tiers: number;
  /** Ports below one leaf. */
  readonly downPorts: number;
  /** Rate of the cables above the leaves, one direction. */
  readonly uplinkBandwidth: BytesPerSecond;
  /** One entry per boundary between tiers, from the leaf up. */
  readonly oversubscription: readonly number[];
  readonly radix?: number;
  /** With three tiers: leaves in one pod. */
  readonly leavesPerPod: number;
  /** One hop: switch and cable. */
  readonly latency: Seconds;
}

/** Joins ports (vertices) given in leaf order: `downPorts` in a row share a leaf; -1 leaves a place empty. */
export function addClos(
  builder: GraphBuilder,
  ports: readonly number[],
  shape: ClosShape & { readonly portBandwidth: BytesPerSecond; readonly plane?: string },
): void {
  const { downPorts, latency, radix } = shape;
  const prefix = shape.plane === undefined ? "" : `${shape.plane} `;
  const leaves = Math.ceil(ports.length / downPorts);
  const first = builder.switchGroup({
    name: `${prefix}leaf`,
    count: leaves,
    ...(radix === undefined ? {} : { radix }),
  });
  const down = builder.linkClass({ name: "port-leaf", medium: "fabric", capacity: shape.portBandwidth, latency });
  ports.forEach((port, index) => {
    if (port >= 0) builder.cable(port, first + Math.floor(index / downPorts), down);
  });
  if (shape.tiers < 2 || leaves === 1) return;
  const uplinks = uplinksOf(downPorts * shape.portBandwidth, shape, 0);
  const up = builder.linkClass({ name: "leaf-spine", medium: "fabric", capacity: shape.uplinkBandwidth, latency });
  const perPod = shape.tiers === 2 ? leaves : Math.min(leaves, shape.leavesPerPod);
  const spines: number[][] = [];
  for (let leaf = 0; leaf < leaves; leaf += perPod) {
    const members = range(first + leaf, Math.min(perPod, leaves - leaf));
    spines.push(
      addTier(builder, members, { name: `${prefix}spine`, uplinks, link: up, radix, room: spineRoom(shape) }),
    );
  }
  if (shape.tiers < 3 || spines.length === 1) return;
  const perSpine = Math.ceil((perPod * uplinks) / Math.max(1, spines[0]?.length ?? 1));
  const cores = uplinksOf(perSpine * shape.uplinkBandwidth, shape, 1);
  const core = builder.linkClass({ name: "spine-core", medium: "fabric", capacity: shape.uplinkBandwidth, latency });
  // The j-th spines of all pods meet in the j-th group of cores.
  for (let place = 0; place < (spines[0]?.length ?? 0); place++) {
    const members = spines.flatMap((pod) => pod.slice(place, place + 1));
    addTier(builder, members, { name: `${prefix}core`, uplinks: cores, link: core, radix, room: radix });
  }
}

/** Cables above a switch with so much below it; at least one. */
function uplinksOf(below: BytesPerSecond, { uplinkBandwidth, oversubscription }: ClosShape, boundary: number): number {
  return Math.max(1, Math.round(below / (oversubscription[boundary] ?? 1) / uplinkBandwidth));
}

/** Ports of a spine that face down: all where nothing is above, else as many as leave room for its uplinks. */
function spineRoom({ tiers, radix, oversubscription }: ClosShape): number | undefined {
  if (tiers < 3 || radix === undefined) return radix;
  const factor = oversubscription[1] ?? 1;
  return Math.max(1, Math.floor((radix * factor) / (1 + factor)));
}

/** Switches above others, enough for all their uplinks, no more than each member has uplinks; returns them. */
function addTier(
  builder: GraphBuilder,
  members: readonly number[],
  tier: {
    readonly name: string;
    readonly uplinks: number;
    readonly link: number;
    readonly radix: number | undefined;
    /** Cables one of them takes from below. */
    readonly room: number | undefined;
  },
): number[] {
  const { name, uplinks, link, radix, room } = tier;
  const needed = room === undefined ? uplinks : Math.ceil((members.length * uplinks) / room);
  // A count that divides the uplinks gives each member as many cables to one switch above as to another.
  let count = Math.min(uplinks, Math.max(1, needed));
  while (uplinks % count !== 0) count++;
  const first = builder.switchGroup({ name, count, ...(radix === undefined ? {} : { radix }) });
  for (const member of members) {
    for (let uplink = 0; uplink < uplinks; uplink++) builder.cable(member, first + (uplink % count), link);
  }
  return range(first, count);
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
