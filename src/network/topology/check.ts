/** Whether a topology can exist: everything reachable, no switch with more cables than ports. */

import type { Problem } from "../../base/problem.ts";
import { type Topology, vertexName } from "./graph.ts";

/** Problems of a topology; empty where it is sound. At most one of each kind, the first found. */
export function topologyProblems(topology: Topology): Problem[] {
  return [...connectionProblem(topology), ...radixProblem(topology)];
}

function connectionProblem(topology: Topology): Problem[] {
  const { vertices, starts, ends } = topology;
  if (vertices === 0) return [{ path: "cluster.fabric", message: "a network without vertices" }];
  const seen = new Uint8Array(vertices);
  const queue = new Int32Array(vertices);
  let length = 1;
  seen[0] = 1;
  for (let at = 0; at < length; at++) {
    const vertex = queue[at]!;
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      const next = ends[link]!;
      if (seen[next] === 1) continue;
      seen[next] = 1;
      queue[length++] = next;
    }
  }
  if (length === vertices) return [];
  const lost = seen.indexOf(0);
  const message = `not connected: ${vertexName(topology, lost)} and ${vertices - length - 1} others cannot be reached from ${vertexName(topology, 0)}`;
  return [{ path: "cluster.fabric", message, hint: "more tiers, or cables between the parts" }];
}

/** A cable faster than the ports that are counted takes several; what leaves a building has ports of its own. */
function radixProblem(topology: Topology): Problem[] {
  const { starts, switches, classes, classOf } = topology;
  for (const { first, count, radix, portRate } of switches) {
    if (radix === undefined) continue;
    const places = classes.map(({ medium, capacity }) => {
      if (medium === "long-haul") return 0;
      return portRate === undefined ? 1 : Math.max(1, capacity / portRate);
    });
    for (let each = first; each < first + count; each++) {
      let used = 0;
      for (let link = starts[each]!; link < starts[each + 1]!; link++) used += places[classOf[link]!]!;
      if (used <= radix * (1 + 1e-9)) continue;
      const message = `${vertexName(topology, each)} would need ${Math.ceil(used - 1e-9)} ports and has ${radix}`;
      return [{ path: "cluster.fabric", message, hint: "more tiers, fewer nodes, or a switch of more ports" }];
    }
  }
  return [];
}
