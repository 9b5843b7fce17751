/**
 * Waiting rows that hold fetched blocks must not stop an engine: where nobody can go on beside them, one of them goes
 * first, or gives its blocks up and is computed anew. Engines without transfers never come here.
 */

import type { WaitingQueue } from "./waiting.ts";

/** What is needed of a rank. */
interface Holder {
  readonly waiting: WaitingQueue;
  readonly runningCount: number;
  readonly fetching: ReadonlySet<number>;
  holdsBlocks(row: number): boolean;
  preemptWaiting(row: number): void;
}

/**
 * Nobody runs and the first row that waits finds no room beside fetched blocks of others: the first of those goes
 * before it, or, where it holds fetched blocks itself, the last of those is dropped. False where there is none.
 */
export function unblock(rank: Holder): boolean {
  const { waiting } = rank;
  if (rank.runningCount > 0 || rank.fetching.size > 0 || waiting.size < 2) return false;
  if (rank.holdsBlocks(waiting.at(0))) return dropFetched(rank, 1);
  let place = 1;
  while (place < waiting.size && !rank.holdsBlocks(waiting.at(place))) place += 1;
  if (place === waiting.size) return false;
  const row = waiting.at(place);
  waiting.removeAt(place);
  waiting.pushFront(row);
  return waiting.at(0) === row || dropFetched(rank, 1);
}

/** The last row that waits with fetched blocks, at `from` or behind, loses them. False where there is none. */
export function dropFetched(rank: Holder, from: number): boolean {
  for (let place = rank.waiting.size - 1; place >= from; place--) {
    const row = rank.waiting.at(place);
    if (!rank.holdsBlocks(row)) continue;
    rank.preemptWaiting(row);
    return true;
  }
  return false;
}
