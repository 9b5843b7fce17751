/**
 * Dual plane with dual top-of-rack switches: every network port is split in two of half the rate, one into each of two
 * Clos networks that never meet; inside a plane, ports of one position share a leaf. Losing a leaf halves the rate of
 * its nodes instead of cutting them off.
 * @source qian-2024-hpn
 */

import { type FabricKind, switched } from "./fabric.ts";
import type { NodeShape } from "./nodes.ts";
import { addRails } from "./rails.ts";

export const dualPlane: FabricKind = switched({
  name: "dual-plane",
  summary: "every port split over two independent rail-optimised networks",
  node: splitPorts,
  join: (part) =>
    [0, 1].map((plane) => {
      const rails = Array.from({ length: part.portsPerNode / 2 }, (_, rail) => 2 * rail + plane);
      return addRails(part, { rails, plane: `plane ${plane} ` });
    }),
});

/** Two ports of half the rate for each. */
function splitPorts(node: NodeShape): NodeShape {
  return {
    ...node,
    portsPerNode: 2 * node.portsPerNode,
    portBandwidth: node.portBandwidth / 2,
    ...(node.portLine === undefined ? {} : { portLine: node.portLine / 2 }),
  };
}
