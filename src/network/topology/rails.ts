/**
 * Rails: the k-th port of every node of a group meets in one leaf, so that accelerators of one position talk over a
 * single switch. Rail-optimised fabrics join all leaves above; rail-only fabrics join those of one rail, and what
 * changes rails goes over the scale-up network.
 * @source wang-2023-rail-only
 */

import { addClos } from "./clos.ts";
import { closShape, downPortsOf, type FabricKind, type FabricShape } from "./fabric.ts";
import { GraphBuilder } from "./graph.ts";
import { addNodes, nodeCounts } from "./nodes.ts";

export const railOptimised: FabricKind = {
  name: "rail-optimised",
  summary: "folded Clos; a leaf holds the ports of one position of many nodes",
  build(shape) {
    const { node, nodes } = shape;
    const builder = new GraphBuilder("rail-optimised", nodeCounts(node, nodes));
    addNodes(builder, node, nodes);
    const down = downPortsOf(shape, 1);
    const ports: number[] = [];
    for (let group = 0; group < nodes; group += down) {
      for (let rail = 0; rail < node.portsPerNode; rail++) {
        ports.push(...railPorts(builder, shape, rail, group, Math.min(nodes, group + down)));
        // A group that is not full still has leaves of its own.
        while (ports.length % down !== 0 && group + down > nodes && rail < node.portsPerNode - 1) ports.push(-1);
      }
    }
    const clos = closShape(shape, down, (pod) => Math.ceil(pod / down) * node.portsPerNode);
    addClos(builder, ports, clos);
    return builder.finish();
  },
};

export const railOnly: FabricKind = {
  name: "rail-only",
  summary: "each rail is a network of its own; other rails are reached over the scale-up network",
  build(shape) {
    const { node, nodes } = shape;
    const builder = new GraphBuilder("rail-only", nodeCounts(node, nodes));
    addNodes(builder, node, nodes);
    const down = downPortsOf(shape, 1);
    for (let rail = 0; rail < node.portsPerNode; rail++) {
      const clos = closShape(shape, down, (pod) => Math.ceil(pod / down));
      addClos(builder, railPorts(builder, shape, rail, 0, nodes), { ...clos, plane: `rail ${rail}` });
    }
    return builder.finish();
  },
};

function railPorts(builder: GraphBuilder, { node }: FabricShape, rail: number, first: number, end: number): number[] {
  const ports: number[] = [];
  for (let each = first; each < end; each++) ports.push(builder.port(each * node.portsPerNode + rail));
  return ports;
}
