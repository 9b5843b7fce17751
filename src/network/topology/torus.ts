/**
 * Torus: no switches; every accelerator is joined to its neighbours in two or three dimensions. Optical circuit
 * switches only choose who the neighbours are, so a slice is a torus of its own, of the sides given or as near to a cube
 * as divisors allow. Ignores: twisted tori, ways of a slice round a dead cube, and the time to set the mirrors.
 * @source jouppi-2023-tpu-v4
 */

import { type FabricKind, poolsOf } from "./fabric.ts";
import { GraphBuilder } from "./graph.ts";
import { addTorus, nodeCounts, nodeStarts, torusSides } from "./nodes.ts";

function torus(dimensions: 2 | 3): FabricKind {
  return {
    name: `torus-${dimensions}d`,
    summary: `every accelerator joined to its neighbours in ${dimensions} dimensions`,
    build(shape) {
      const { node, hopLatency: latency } = shape;
      const starts = nodeStarts(poolsOf(shape).map((pool) => ({ ...pool, node: { ...pool.node, portsPerNode: 0 } })));
      const { accelerators } = nodeCounts(starts);
      const builder = new GraphBuilder(`torus-${dimensions}d`, { accelerators, ports: 0 }, starts);
      const capacity = node.scaleUp.bandwidth / (2 * dimensions);
      const link = builder.linkClass({ name: "torus", medium: "scale-up", capacity, latency });
      const sides = shape.sides ?? torusSides(accelerators, dimensions);
      if (sides.reduce((product, side) => product * side, 1) !== accelerators) {
        throw new Error(`a torus of ${sides.join(" x ")} for ${accelerators} accelerators`);
      }
      addTorus(builder, { start: 0, sides, link, wrapped: node.scaleUp.wrapped ?? 0 });
      return builder.finish();
    },
  };
}

export const torus2d: FabricKind = torus(2);
export const torus3d: FabricKind = torus(3);
