/**
 * A group laid anywhere: how many ranks share a domain at most and at least, how far apart they sit, and how often the
 * way from one domain to the next changes rail. Ranks are accelerators of the cluster, in the order of the group.
 */
import type { GroupPlacement } from "./collective.ts";

/** What a placement asks of a topology. Numbers need only differ where the things do. */
export interface Places {
  readonly domainOf: (accelerator: number) => number;
  readonly nodeOf: (accelerator: number) => number;
  /** Port of its node that an accelerator uses; absent: not asked, all on their rail. */
  readonly railOf?: (accelerator: number) => number;
}

/** @throws RangeError for a group without ranks, or with one of them twice. */
export function placementOf(ranks: readonly number[], places: Places): GroupPlacement {
  const members = membersOf(ranks, places);
  const counts = [...members.values()].map((list) => list.length);
  const [perDomain, emptiest, domains] = [Math.max(...counts), Math.min(...counts), counts.length];
  const crossing = crossingOf([...members.values()], places);
  return {
    size: ranks.length,
    perDomain,
    stride: strideOf(ranks),
    ...(emptiest === perDomain ? {} : { perDomainMin: emptiest, domains }),
    ...(crossing === 0 ? {} : { crossing }),
  };
}

function membersOf(ranks: readonly number[], places: Places): Map<number, number[]> {
  if (ranks.length === 0) throw new RangeError("a group without ranks");
  if (new Set(ranks).size < ranks.length) throw new RangeError("a group with a rank twice");
  const members = new Map<number, number[]>();
  for (const rank of ranks) {
    const domain = places.domainOf(rank);
    const list = members.get(domain);
    if (list === undefined) members.set(domain, [rank]);
    else list.push(rank);
  }
  return members;
}

/** Mean distance of neighbours in the order of the cluster: the extent of the group is what tiers see. */
function strideOf(ranks: readonly number[]): number {
  if (ranks.length < 2) return 1;
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const rank of ranks) {
    first = Math.min(first, rank);
    last = Math.max(last, rank);
  }
  return Math.max(1, Math.round((last - first) / (ranks.length - 1)));
}

/** Of the hops from one domain to the next, member by member, the part between nodes that ends on another rail. */
function crossingOf(domains: readonly (readonly number[])[], { nodeOf, railOf }: Places): number {
  if (railOf === undefined || domains.length < 2) return 0;
  const width = Math.min(...domains.map((list) => list.length));
  let [hops, changed] = [0, 0];
  domains.forEach((list, index) => {
    const next = domains[(index + 1) % domains.length] ?? list;
    for (let at = 0; at < width; at++) {
      const [from, to] = [list[at] ?? 0, next[at] ?? 0];
      if (nodeOf(from) === nodeOf(to)) continue;
      hops++;
      if (railOf(from) !== railOf(to)) changed++;
    }
  });
  return hops === 0 ? 0 : changed / hops;
}
