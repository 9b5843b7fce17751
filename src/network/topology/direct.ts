/**
 * No switches between nodes: the ports of two nodes joined one to one, or a single node without a network. More than two
 * are not joined.
 */

import { type FabricKind, switched } from "./fabric.ts";

export const direct: FabricKind = switched({
  name: "direct",
  summary: "two nodes, port to port; or one alone",
  join({ builder, shape, ports, rateOf }) {
    const [here = [], there = []] = ports;
    if (ports.length !== 2) return [];
    here.forEach((port, index) => {
      const other = there[index];
      if (other === undefined) return;
      const capacity = Math.min(rateOf(port).bandwidth, rateOf(other).bandwidth);
      const line = Math.min(rateOf(port).line, rateOf(other).line);
      const latency = shape.hopLatency;
      builder.cable(port, other, builder.linkClass({ name: "port-port", medium: "fabric", capacity, line, latency }));
    });
    return [];
  },
});
