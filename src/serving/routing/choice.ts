/** Choosing among ready replicas. Equals are settled by chance, so that several routers do not follow one another. */

import type { RandomStream } from "../../base/random.ts";
import type { ReplicaView } from "./policy.ts";

/** Index of the ready replica of least cost, one of the cheapest at random; -1 where none is ready. */
export function cheapest(
  replicas: readonly ReplicaView[],
  random: RandomStream,
  cost: (view: ReplicaView) => number,
): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  let equals = 0;
  for (const view of replicas) {
    if (!view.ready) continue;
    const own = cost(view);
    if (own < least || (best < 0 && own === least)) {
      best = view.index;
      least = own;
      equals = 1;
    } else if (own === least) {
      equals += 1;
      if (random.integer(equals) === 0) best = view.index;
    }
  }
  return best;
}

/** Ready replica with fewest requests of this router in flight. */
export function leastInFlight(replicas: readonly ReplicaView[], random: RandomStream): number {
  return cheapest(replicas, random, (view) => view.inFlight);
}

/** Ready replicas, in order. */
export function readyOf(replicas: readonly ReplicaView[]): ReplicaView[] {
  return replicas.filter((view) => view.ready);
}

/** One more than the largest index: how long arrays by replica must be. */
export function extent(replicas: readonly ReplicaView[]): number {
  let most = 0;
  for (const view of replicas) if (view.index >= most) most = view.index + 1;
  return most;
}
