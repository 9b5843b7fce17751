/** Time that light and switches take on a way, and on a cable. */

import type { Seconds } from "../../base/quantity.ts";
import type { SharedPath } from "../../simulation/index.ts";
import type { Topology } from "./graph.ts";

/**
 * One way through a cable of so many metres: light in fibre of group index 1.468, close to 5 ns a metre; copper is
 * taken alike.
 *
 *     t = n L / c
 *
 * @source corning-smf28
 */
export function cableLatency(metres: number): Seconds {
  return (1.468 * metres) / 299_792_458;
}

/** One way along a path of one flow without queues; of sprayed packets the mean. */
export function pathLatency(topology: Topology, { resources, use }: SharedPath): Seconds {
  let sum = 0;
  for (let at = 0; at < resources.length; at++) {
    const { latency } = topology.classes[topology.classOf[resources[at]!]!]!;
    sum += latency * (use === undefined ? 1 : use[at]!);
  }
  return sum;
}
