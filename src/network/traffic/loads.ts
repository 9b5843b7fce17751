/** What the links of a topology carry, and which of them are fullest. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { SharedPath } from "../../simulation/index.ts";
import type { LinkLoad } from "../flow/index.ts";
import { linkName, type Topology } from "../topology/index.ts";

/** Adds a transfer of so many units to the bytes of each link. */
export function addLoad(carried: Float64Array, { resources, use }: SharedPath, size: Bytes): void {
  for (let at = 0; at < resources.length; at++) {
    carried[resources[at]!]! += size * (use === undefined ? 1 : use[at]!);
  }
}

/** The fullest links of a time, first the fullest; of equally full ones the first. */
export function hottestLinks(
  topology: Topology,
  carried: Float64Array,
  { time, most }: { readonly time: Seconds; readonly most: number },
): LinkLoad[] {
  const share = (link: number): number => carried[link]! / (topology.capacity[link]! * time);
  const used: number[] = [];
  if (time > 0) for (let link = 0; link < carried.length; link++) if (carried[link]! > 0) used.push(link);
  used.sort((a, b) => share(b) - share(a) || a - b);
  return used.slice(0, most).map((link) => {
    return { link, name: linkName(topology, link), carried: carried[link]!, utilization: share(link) };
  });
}
