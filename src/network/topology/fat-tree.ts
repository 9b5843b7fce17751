/** Fat tree: all ports of a node meet in one leaf. @source al-fares-2008 */

import { addClos } from "./clos.ts";
import { downPortsOf, type FabricKind, switched } from "./fabric.ts";

export const fatTree: FabricKind = switched({
  name: "fat-tree",
  summary: "folded Clos; the ports of a node share a leaf",
  join(part) {
    const { shape, portsPerNode } = part;
    const downPorts = Math.min(downPortsOf(shape, portsPerNode), Math.max(1, part.ports.length * portsPerNode));
    const pod = shape.nodesPerPod === undefined ? undefined : Math.ceil((shape.nodesPerPod * portsPerNode) / downPorts);
    return [addClos(part, part.ports.flat(), { downPorts, ...(pod === undefined ? {} : { leavesPerPod: pod }) })];
  },
});
