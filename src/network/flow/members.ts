/** Ranks of a group by the scale-up domain they sit in, in rank order. */

import type { Routes } from "../routing/index.ts";

export function membersByDomain(routes: Routes, ranks: readonly number[]): readonly (readonly number[])[] {
  const domains = new Map<number, number[]>();
  for (const rank of ranks) {
    const domain = routes.domainOf(rank);
    const members = domains.get(domain);
    if (members === undefined) domains.set(domain, [rank]);
    else members.push(rank);
  }
  return [...domains.values()];
}
