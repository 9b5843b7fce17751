/**
 * Scorers of llm-d's endpoint picker, each from 0 to 1 a replica, the higher the better.
 *
 *     prefix, routed   matched blocks / blocks of the prompt (or of its beginning that is looked at)
 *     prefix, events   longest unbroken match, a block by the weight of its tier, spread over least to most
 *     queue, running   (most - own) / (most - least), 1 where all are equal
 *     kv               1 - use of the cache
 *     load             0.5 (1 - waiting / 128)
 *     tokens           1 - min(1, uncached tokens in flight with this request's / 4,194,304)
 *     cold             a prompt that nobody has cached: by how long ago a replica had such a one; else 0.5 for all
 *     session          1 for the replica of the session's last request
 *
 * @source llm-d-router
 */

import type { ReplicaView } from "./policy.ts";

/** Scores of replicas, in their order in `views`; added to `totals` by weight. */
export type Scores = Float64Array;

export function addQueueScore(views: readonly ReplicaView[], weight: number, totals: Scores): void {
  addFewer(views, (view) => view.waiting, { weight, totals });
}

export function addRunningScore(views: readonly ReplicaView[], weight: number, totals: Scores): void {
  addFewer(views, (view) => view.running, { weight, totals });
}

export function addCacheScore(views: readonly ReplicaView[], weight: number, totals: Scores): void {
  views.forEach((view, at) => {
    totals[at] = (totals[at] ?? 0) + weight * (1 - view.cacheUsage);
  });
}

/** Waiting requests at which the load scorer gives 0. */
const waitingMost = 128;

export function addLoadScore(views: readonly ReplicaView[], weight: number, totals: Scores): void {
  views.forEach((view, at) => {
    totals[at] = (totals[at] ?? 0) + weight * 0.5 * (1 - Math.min(1, view.waiting / waitingMost));
  });
}

/** Tokens in flight at which the token scorer gives 0: 128 requests of 32,768. */
export const tokensMost = 4_194_304;

export function addTokenScore(tokens: ArrayLike<number>, weight: number, totals: Scores): void {
  for (let at = 0; at < totals.length; at++) {
    totals[at] = (totals[at] ?? 0) + weight * (1 - Math.min(1, (tokens[at] ?? 0) / tokensMost));
  }
}

/** Values spread from the least, 0, to the most, 1; all 1 where they are equal. */
export function addSpreadScore(values: ArrayLike<number>, weight: number, totals: Scores): void {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < totals.length; at++) {
    least = Math.min(least, values[at] ?? 0);
    most = Math.max(most, values[at] ?? 0);
  }
  for (let at = 0; at < totals.length; at++) {
    const score = most === least ? 1 : ((values[at] ?? 0) - least) / (most - least);
    totals[at] = (totals[at] ?? 0) + weight * score;
  }
}

/** Which replicas had a prompt that nobody had cached, the latest last. */
export class ColdOrder {
  private order: number[] = [];

  add(views: readonly ReplicaView[], cold: boolean, sum: { readonly weight: number; readonly totals: Scores }): void {
    const { weight, totals } = sum;
    const never = views.filter(({ index }) => !this.order.includes(index)).length;
    let fresh = 0;
    views.forEach(({ index }, at) => {
      const place = this.order.indexOf(index);
      const rank = place < 0 ? fresh++ : never + place;
      const score = !cold ? 0.5 : views.length === 1 ? 1 : Math.max(0, 1 - rank / (views.length - 1));
      totals[at] = (totals[at] ?? 0) + weight * score;
    });
  }

  sent(replica: number): void {
    this.order = [...this.order.filter((index) => index !== replica), replica];
  }
}

function addFewer(
  views: readonly ReplicaView[],
  measure: (view: ReplicaView) => number,
  { weight, totals }: { readonly weight: number; readonly totals: Scores },
): void {
  addSpreadScore(
    views.map((view) => -measure(view)),
    weight,
    totals,
  );
}
