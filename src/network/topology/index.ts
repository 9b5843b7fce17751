/** Topologies by name. Adding a fabric: its file, and a line here. */

import { direct } from "./direct.ts";
import { dragonfly } from "./dragonfly.ts";
import { dualPlane } from "./dual-plane.ts";
import type { FabricKind } from "./fabric.ts";
import { fatTree } from "./fat-tree.ts";
import { railOnly, railOptimised } from "./rails.ts";
import { torus2d, torus3d } from "./torus.ts";

export { type BillOfMaterials, billOfMaterials } from "./bill.ts";
export { type BillTotals, billTotals } from "./bill-totals.ts";
export { topologyProblems } from "./check.ts";
export { type CustomCable, type CustomGraph, customTopology } from "./custom.ts";
export { readCustomGraph } from "./custom-file.ts";
export type { FabricKind, FabricShape } from "./fabric.ts";
export { type LinkClass, linkName, type SwitchGroup, switchName, type Topology, vertexName } from "./graph.ts";
export { cableLatency, pathLatency } from "./latency.ts";
export { type NodePool, type NodeShape, torusSides } from "./nodes.ts";

export const fabricKinds: readonly FabricKind[] = Object.freeze([
  fatTree,
  railOptimised,
  railOnly,
  dualPlane,
  dragonfly,
  torus2d,
  torus3d,
  direct,
]);

/** The kind of a name; undefined where there is none. */
export function fabricKind(name: string): FabricKind | undefined {
  return fabricKinds.find((kind) => kind.name === name);
}
