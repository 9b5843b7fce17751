/**
 * Which rows of a step make a micro-batch, and which rank runs it.
 *
 * none: in the order they come. sorted: by work, so that the rows of a micro-batch are alike, and ranks get neighbours
 * in turn, back and forth. workload: the micro-batches with the most work first, each to the rank with the least so
 * far; rows into micro-batches the same way where rows are packed.
 * @source wang-2025-wlb @source graham-1969
 */

import type { SequenceLengths } from "./lengths.ts";

/** Places of a step: data ranks x micro-batches of each x rows of each. */
export interface Places {
  readonly ranks: number;
  readonly microBatches: number;
  readonly rows: number;
}

/** Index of the row at each place, [(rank x microBatches + microBatch) x rows + slot]. */
export function assignRows(
  balance: SequenceLengths["balance"],
  work: Float64Array,
  places: Places,
  packed: boolean,
): Int32Array {
  if (balance === "none") return Int32Array.from(work, (_, index) => index);
  const groups =
    balance === "workload" && packed && places.rows > 1 ? leastFirst(work, places) : neighbours(work, places);
  const load = Float64Array.from(groups, (group) => group.reduce((sum, row) => sum + (work[row] ?? 0), 0));
  const order = byWork(load);
  const { ranks, microBatches, rows } = places;
  const placed = new Int32Array(work.length);
  const put = (rank: number, at: number, group: readonly number[]): void =>
    placed.set(group, (rank * microBatches + at) * rows);
  if (balance === "sorted") {
    order.forEach((group, index) => {
      const round = Math.floor(index / ranks);
      const within = index % ranks;
      put(round % 2 === 0 ? within : ranks - 1 - within, round, groups[group] ?? []);
    });
    return placed;
  }
  const heap = new LeastLoaded(ranks, microBatches);
  for (const group of order) {
    const { bin, taken } = heap.take(load[group] ?? 0);
    put(bin, taken, groups[group] ?? []);
  }
  return placed;
}

/** Indices, the most work first. */
function byWork(work: Float64Array): readonly number[] {
  return Array.from(work, (_, index) => index).sort((a, b) => (work[b] ?? 0) - (work[a] ?? 0) || a - b);
}

/** Rows of like work together. */
function neighbours(work: Float64Array, { rows }: Places): readonly (readonly number[])[] {
  const order = byWork(work);
  return Array.from({ length: order.length / rows }, (_, group) => order.slice(group * rows, (group + 1) * rows));
}

/** Rows spread so that micro-batches have like work. */
function leastFirst(work: Float64Array, { ranks, microBatches, rows }: Places): readonly (readonly number[])[] {
  const groups: number[][] = Array.from({ length: ranks * microBatches }, () => []);
  const heap = new LeastLoaded(groups.length, rows);
  for (const row of byWork(work)) groups[heap.take(work[row] ?? 0).bin]?.push(row);
  return groups;
}

/** Bins of limited room; the next piece goes to the one with the least so far. A binary heap. */
class LeastLoaded {
  private readonly heap: { readonly bin: number; load: number; taken: number }[];
  private readonly room: number;

  constructor(bins: number, room: number) {
    this.room = room;
    this.heap = Array.from({ length: bins }, (_, bin) => ({ bin, load: 0, taken: 0 }));
  }

  take(work: number): { readonly bin: number; readonly taken: number } {
    const [top] = this.heap;
    if (top === undefined) throw new Error("more pieces than there is room for");
    const { bin, taken } = top;
    top.load += work;
    top.taken++;
    if (top.taken === this.room) {
      const last = this.heap.pop();
      if (last !== undefined && this.heap.length > 0) this.heap[0] = last;
    }
    this.sink();
    return { bin, taken };
  }

  private sink(): void {
    const { heap } = this;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && this.before(child, least)) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }

  private before(a: number, b: number): boolean {
    const [one, other] = [this.heap[a]!, this.heap[b]!];
    return one.load < other.load || (one.load === other.load && one.bin < other.bin);
  }
}
