/**
 * Dual plane with dual top-of-rack switches: every network port is split in two of half the rate, one into each of two
 * Clos networks that never meet; inside a plane, ports of one position share a leaf. Losing a leaf halves the rate of
 * its nodes instead of cutting them off.
 * @source qian-2024-hpn
 */

import { addClos } from "./clos.ts";
import { closShape, downPortsOf, type FabricKind } from "./fabric.ts";
import { GraphBuilder } from "./graph.ts";
import { addNodes, type NodeShape, nodeCounts } from "./nodes.ts";

export const dualPlane: FabricKind = {
  name: "dual-plane",
  summary: "every port split over two independent rail-optimised networks",
  build(shape) {
    const { nodes } = shape;
    const node = splitPorts(shape.node);
    const builder = new GraphBuilder("dual-plane", nodeCounts(node, nodes));
    addNodes(builder, node, nodes);
    const down = downPortsOf(shape, 1);
    for (let plane = 0; plane < 2; plane++) {
      const ports: number[] = [];
      for (let group = 0; group < nodes; group += down) {
        for (let rail = plane; rail < node.portsPerNode; rail += 2) {
          for (let each = group; each < group + down; each++) {
            ports.push(each < nodes ? builder.port(each * node.portsPerNode + rail) : -1);
          }
        }
      }
      const clos = closShape({ ...shape, node }, down, (pod) => Math.ceil(pod / down) * (node.portsPerNode / 2));
      addClos(builder, ports, { ...clos, plane: `plane ${plane}` });
    }
    return builder.finish();
  },
};

/** Two ports of half the rate for each. */
function splitPorts(node: NodeShape): NodeShape {
  return { ...node, portsPerNode: 2 * node.portsPerNode, portBandwidth: node.portBandwidth / 2 };
}
