/** Fat tree: all ports of a node meet in one leaf. @source al-fares-2008 */

import { addClos } from "./clos.ts";
import { closShape, downPortsOf, type FabricKind } from "./fabric.ts";
import { GraphBuilder } from "./graph.ts";
import { addNodes, nodeCounts } from "./nodes.ts";

export const fatTree: FabricKind = {
  name: "fat-tree",
  summary: "folded Clos; the ports of a node share a leaf",
  build(shape) {
    const { node, nodes } = shape;
    const counts = nodeCounts(node, nodes);
    const builder = new GraphBuilder("fat-tree", counts);
    addNodes(builder, node, nodes);
    const downPorts = downPortsOf(shape, Math.max(1, node.portsPerNode));
    const ports = Array.from({ length: counts.ports }, (_, port) => builder.port(port));
    addClos(
      builder,
      ports,
      closShape(shape, downPorts, (pod) => Math.ceil((pod * node.portsPerNode) / downPorts)),
    );
    return builder.finish();
  },
};
