/**
 * Rails: the k-th port of every node of a group meets in one leaf, so that accelerators of one position talk over a
 * single switch. Rail-optimised fabrics join all leaves above; rail-only fabrics join those of one rail, and what
 * changes rails goes over the scale-up network.
 * @source wang-2023-rail-only
 */

import { addClos } from "./clos.ts";
import { downPortsOf, type FabricKind, type FabricPart, switched } from "./fabric.ts";

export const railOptimised: FabricKind = switched({
  name: "rail-optimised",
  summary: "folded Clos; a leaf holds the ports of one position of many nodes",
  join: (part) => [fitsOneSwitch(part) ? addOne(part) : addRails(part, { rails: each(part.portsPerNode) })],
});

export const railOnly: FabricKind = switched({
  name: "rail-only",
  summary: "each rail is a network of its own; other rails are reached over the scale-up network",
  join: (part) => each(part.portsPerNode).map((rail) => addRails(part, { rails: [rail], plane: `rail ${rail} ` })),
});

/** A Clos whose leaves hold one of these rails each, group of nodes after group; returns its topmost switches. */
export function addRails(
  part: FabricPart,
  { rails, plane }: { readonly rails: readonly number[]; readonly plane?: string },
): readonly number[] {
  const { shape, ports } = part;
  const down = Math.min(downPortsOf(shape, 1), Math.max(1, ports.length));
  const places: number[] = [];
  for (let group = 0; group < ports.length; group += down) {
    const end = Math.min(ports.length, group + down);
    for (const rail of rails) {
      for (let node = group; node < group + down; node++) places.push(node < end ? (ports[node]?.[rail] ?? -1) : -1);
    }
  }
  const pod =
    shape.nodesPerPod === undefined ? {} : { leavesPerPod: Math.ceil(shape.nodesPerPod / down) * rails.length };
  const names = plane === undefined ? { rails: rails.length } : { plane };
  return addClos(part, places, { downPorts: down, ...pod, ...names });
}

/** Rails are for many nodes: a few share one switch. */
function fitsOneSwitch({ shape, ports }: FabricPart): boolean {
  const count = ports.reduce((sum, own) => sum + own.length, 0);
  return shape.tiers === 1 && shape.nodesPerLeaf === undefined && count <= (shape.radix ?? Number.POSITIVE_INFINITY);
}

function addOne(part: FabricPart): readonly number[] {
  const ports = part.ports.flat();
  return addClos(part, ports, { downPorts: Math.max(1, ports.length) });
}

function each(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
