/**
 * Ways without the links that can never be full: sprayed over a non-blocking fabric, messages meet at their ports only,
 * and rates need not be solved over every spine. Exact: what is left out is redundant.
 *
 * Messages that share a link b never carry more than its capacity together, so they put on a link l at most
 *
 *     capacity of b x the largest (use of l / use of b) among them
 *
 * and where the sum over all b is within the capacity of l, l does not bind. Each message counts under its narrowest
 * link, once the first of equally narrow ones and once the last; the smaller sum holds. Those links always stay.
 */

import type { SharedPath } from "../../simulation/index.ts";
import type { Topology } from "../topology/index.ts";

export function bindingPaths(topology: Topology, paths: readonly SharedPath[]): readonly SharedPath[] {
  const first = paths.map((path) => narrowest(topology, path, "first"));
  const last = paths.map((path) => narrowest(topology, path, "last"));
  const most = largestLoads(topology, paths, first);
  const other = largestLoads(topology, paths, last);
  const stays = new Uint8Array(topology.ends.length);
  for (const place of [first, last]) {
    place.forEach((at, index) => {
      if (at >= 0) stays[paths[index]!.resources[at]!] = 1;
    });
  }
  for (let link = 0; link < stays.length; link++) {
    if (Math.min(most[link]!, other[link]!) > topology.capacity[link]! * (1 + 1e-9)) stays[link] = 1;
  }
  return paths.map((path) => keptOf(path, stays));
}

function useAt({ use }: SharedPath, at: number): number {
  return use === undefined ? 1 : use[at]!;
}

/** Place in a path of the link that limits it were it alone; -1 where it has none. */
function narrowest({ capacity }: Topology, path: SharedPath, which: "first" | "last"): number {
  let best = -1;
  let rate = Number.POSITIVE_INFINITY;
  for (let at = 0; at < path.resources.length; at++) {
    const own = capacity[path.resources[at]!]! / useAt(path, at);
    if (own > rate || (own === rate && which === "first")) continue;
    [best, rate] = [at, own];
  }
  return best;
}

/** The most that each link can be asked to carry. */
function largestLoads(topology: Topology, paths: readonly SharedPath[], bounds: readonly number[]): Float64Array {
  const loads = new Float64Array(topology.ends.length);
  const largest = new Float64Array(topology.ends.length);
  const touched: number[] = [];
  for (const [bound, members] of byBound(paths, bounds)) {
    for (const member of members) {
      const path = paths[member]!;
      const own = useAt(path, bounds[member]!);
      for (let at = 0; at < path.resources.length; at++) {
        const link = path.resources[at]!;
        if (largest[link] === 0) touched.push(link);
        largest[link] = Math.max(largest[link]!, useAt(path, at) / own);
      }
    }
    for (const link of touched) {
      loads[link]! += topology.capacity[bound]! * largest[link]!;
      largest[link] = 0;
    }
    touched.length = 0;
  }
  return loads;
}

function byBound(paths: readonly SharedPath[], bounds: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  paths.forEach(({ resources }, index) => {
    const link = resources[bounds[index]!];
    if (link === undefined) return;
    const group = groups.get(link);
    if (group === undefined) groups.set(link, [index]);
    else group.push(index);
  });
  return groups;
}

function keptOf(path: SharedPath, stays: Uint8Array): SharedPath {
  const places: number[] = [];
  for (let at = 0; at < path.resources.length; at++) if (stays[path.resources[at]!] === 1) places.push(at);
  if (places.length === path.resources.length) return path;
  const resources = Int32Array.from(places, (at) => path.resources[at]!);
  return path.use === undefined ? { resources } : { resources, use: Float64Array.from(places, (at) => path.use![at]!) };
}
