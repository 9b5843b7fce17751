/**
 * Nodes in several buildings: dealt evenly in their order, each building with a fabric of its own. All topmost switches
 * of a building reach its border, and one link of the whole capacity joins the borders of every two buildings. Ignores:
 * wavelengths of that link and how flows are hashed over them, protection paths, and what the border itself can pass.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Buildings } from "../../catalog/cluster.ts";
import type { Planes } from "./fabric.ts";
import type { GraphBuilder } from "./graph.ts";

/** Nodes [first, end) of each building. */
export function buildingRanges(nodes: number, buildings?: Buildings): readonly (readonly [number, number])[] {
  const count = buildings?.count ?? 1;
  return Array.from({ length: count }, (_, index) => {
    return [Math.floor((index * nodes) / count), Math.floor(((index + 1) * nodes) / count)] as const;
  });
}

/** Adds borders and long-haul links; planes that meet nowhere share the capacity and still meet nowhere. */
export function joinBuildings(
  builder: GraphBuilder,
  planes: readonly Planes[],
  { count, bandwidth, roundTrip }: Buildings,
  hopLatency: Seconds,
): void {
  const planeCount = Math.max(1, ...planes.map((building) => building.length));
  if (count < 2) return;
  const capacity = bandwidth / planeCount;
  const out = { name: "border", medium: "long-haul", capacity: capacity * (count - 1), latency: hopLatency } as const;
  const border = builder.linkClass(out);
  const far = builder.linkClass({ name: "long-haul", medium: "long-haul", capacity, latency: roundTrip / 2 });
  for (let plane = 0; plane < planeCount; plane++) {
    const first = builder.switchGroup({ name: planeCount === 1 ? "border" : `plane ${plane} border`, count });
    planes.forEach((building, index) => {
      for (const top of building[plane] ?? []) builder.cable(top, first + index, border);
    });
    for (let a = 0; a < count; a++) for (let b = a + 1; b < count; b++) builder.cable(first + a, first + b, far);
  }
}
