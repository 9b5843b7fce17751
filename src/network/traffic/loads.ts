/** What the links of a topology carry, and which of them are fullest. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { SharedPath } from "../../simulation/index.ts";
import { linkName, type Topology } from "../topology/index.ts";

/** Adds a transfer of so many units to the bytes of each link. */
export function addLoad(carried: Float64Array, { resources, use }: SharedPath, size: Bytes): void {
  for (let at = 0; at < resources.length; at++) {
    carried[resources[at]!]! += size * (use === undefined ? 1 : use[at]!);
  }
}

/** A link, and how many of its class are as full and used by the same. */
export interface HotLink {
  readonly class: string;
  readonly link: string;
  readonly alike: number;
  /** Share of its capacity that it carried over the whole time. */
  readonly utilization: number;
  /** Numbers of those who use it, where they were told. */
  readonly users: readonly number[];
}

export interface HottestQuestion {
  readonly time: Seconds;
  readonly most: number;
  /** Who uses each link. */
  readonly users?: ReadonlyMap<number, readonly number[]>;
}

/** The fullest links, first the fullest; those that are alike stand under the first of them. */
export function hottestLinks(topology: Topology, carried: Float64Array, question: HottestQuestion): HotLink[] {
  const { time, most, users } = question;
  const share = (link: number): number => carried[link]! / (topology.capacity[link]! * time);
  const used: number[] = [];
  if (time > 0) for (let link = 0; link < carried.length; link++) if (carried[link]! > 0) used.push(link);
  used.sort((a, b) => share(b) - share(a) || a - b);
  const found = new Map<string, HotLink>();
  for (const link of used) {
    const { name } = topology.classes[topology.classOf[link]!]!;
    const who = users?.get(link) ?? [];
    const key = [name, share(link).toPrecision(6), ...who].join(" ");
    const known = found.get(key);
    if (known !== undefined) found.set(key, { ...known, alike: known.alike + 1 });
    else if (found.size === most) break;
    else
      found.set(key, { class: name, link: linkName(topology, link), alike: 1, utilization: share(link), users: who });
  }
  return [...found.values()];
}
