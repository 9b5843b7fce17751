/**
 * The attention core of a micro-batch whose sequences differ in length: one launch, whose work is the sum over
 * sequences.
 *
 *     T = start and tail of the longest + sum of work(L_i)
 *
 * Over context ranks each sequence is cut like a whole one (`document`), or the row is, whatever it holds (`row`): then
 * a rank has the keys that its tokens see in their sequences, work(end) - work(start) for each piece, and the group
 * waits for the busiest rank. Work is tabulated at up to 512 lengths and taken linearly between.
 * Ignores: padding of sequences to chunks of the cut; smaller kernel calls where a row is cut.
 * @source wang-2025-wlb
 */

import type { Seconds, Tokens } from "../../base/quantity.ts";
import type { AttentionShape, Kernels } from "../../compute/index.ts";
import type { ContextMethod, ContextWork, CoreCall } from "../exchange/context/index.ts";
import { workTime } from "../exchange/context/index.ts";
import type { Row } from "./packing.ts";

/** One micro-batch on one rank: the mean of its context group, and the busiest rank beyond it. */
export interface CoreTime {
  forward: Seconds;
  backward: Seconds;
  excessForward: Seconds;
  excessBackward: Seconds;
}

export interface CoreOptions {
  readonly kernels: Kernels;
  readonly method: ContextMethod | undefined;
  /** Sequences of the longest possible length, one at a time. */
  readonly work: ContextWork;
  readonly contextCut: "document" | "row";
}

/** The core of one layer kind by micro-batch; each row lists the lengths that attend among themselves. */
export type MicroBatchCore = (rows: readonly Row[]) => CoreTime;

export function microBatchCore(options: CoreOptions): MicroBatchCore {
  const { method, work, contextCut } = options;
  const cut = method?.cut(work) ?? { ranks: 1, shape: work.shape };
  return contextCut === "row" && cut.ranks > 1 ? rowCore(options, cut) : documentCore(options);
}

function documentCore({ kernels, method, work }: CoreOptions): MicroBatchCore {
  const calls = (balance: ContextWork["balance"]) => (length: Tokens) => {
    const shape = { ...work.shape, queries: length, keys: length };
    return method?.calls({ ...work, balance, shape }) ?? [{ shape, count: 1 }];
  };
  const even = coreTable(kernels, work.shape.keys, calls("zig-zag"));
  const busiest = work.balance === "zig-zag" ? even : coreTable(kernels, work.shape.keys, calls(work.balance));
  return (rows) => {
    const mean = rowsTime(even, rows);
    if (busiest === even) return { ...mean, excessForward: 0, excessBackward: 0 };
    const most = rowsTime(busiest, rows);
    return withExcess(mean, most.forward, most.backward);
  };
}

function rowsTime(table: CoreTable, rows: readonly Row[]): { forward: Seconds; backward: Seconds } {
  let forward = 0;
  let backward = 0;
  let longest = 0;
  for (const row of rows) {
    const known = remembered(table.rows, row, () => rowWork(table, row));
    forward += known.forward;
    backward += known.backward;
    longest = Math.max(longest, known.longest);
  }
  return {
    forward: forward + at(table.besideForward, longest, table.unit),
    backward: backward + at(table.besideBackward, longest, table.unit),
  };
}

function rowWork({ forward, backward, unit }: CoreTable, row: Row): RowWork {
  const work = { forward: 0, backward: 0, longest: 0 };
  for (const length of row) {
    work.forward += at(forward, length, unit);
    work.backward += at(backward, length, unit);
    if (length > work.longest) work.longest = length;
  }
  return work;
}

/** The same row comes again with every balancer, and where batches are larger than what is drawn. */
function remembered<Value>(known: Map<Row, Value>, row: Row, make: () => Value): Value {
  const found = known.get(row);
  if (found !== undefined) return found;
  const made = make();
  known.set(row, made);
  return made;
}

/** Each row is cut alike into 2 c chunks (or c); a rank's share of a sequence lies between two of its positions. */
function rowCore(
  { kernels, work }: CoreOptions,
  cut: { readonly ranks: number; readonly shape: AttentionShape },
): MicroBatchCore {
  const capacity = work.shape.keys;
  const table = coreTable(kernels, capacity, (length) => [
    { shape: { ...cut.shape, queries: length, keys: length }, count: 1 },
  ]);
  const chunks = work.balance === "zig-zag" ? 2 * cut.ranks : cut.ranks;
  const known = new Map<Row, RankWork>();
  const forward = new Float64Array(cut.ranks);
  const backward = new Float64Array(cut.ranks);
  return (rows) => {
    forward.fill(0);
    backward.fill(0);
    let longest = 0;
    for (const row of rows) {
      const work = remembered(known, row, () => rankWork(table, row, { ranks: cut.ranks, chunks, capacity }));
      longest = Math.max(longest, work.longest);
      for (let rank = 0; rank < cut.ranks; rank++) {
        forward[rank]! += work.forward[rank]!;
        backward[rank]! += work.backward[rank]!;
      }
    }
    const beside = {
      forward: at(table.besideForward, longest, table.unit),
      backward: at(table.besideBackward, longest, table.unit),
    };
    const mean = {
      forward: beside.forward + total(forward) / cut.ranks,
      backward: beside.backward + total(backward) / cut.ranks,
    };
    return withExcess(mean, beside.forward + largest(forward), beside.backward + largest(backward));
  };
}

interface RankWork {
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  readonly longest: Tokens;
}

function rankWork(
  table: CoreTable,
  row: Row,
  { ranks, chunks, capacity }: { readonly ranks: number; readonly chunks: number; readonly capacity: Tokens },
): RankWork {
  const forward = new Float64Array(ranks);
  const backward = new Float64Array(ranks);
  addPieces(row, capacity / chunks, (chunk, from, to) => {
    const rank = chunk < ranks ? chunk : chunks - 1 - chunk;
    forward[rank]! += at(table.forward, to, table.unit) - at(table.forward, from, table.unit);
    backward[rank]! += at(table.backward, to, table.unit) - at(table.backward, from, table.unit);
  });
  return { forward, backward, longest: row.reduce((most, length) => Math.max(most, length), 0) };
}

/** Calls `add` with each piece of a sequence that lies in one chunk: from where to where in its sequence. */
function addPieces(row: Row, size: Tokens, add: (chunk: number, from: Tokens, to: Tokens) => void): void {
  let start = 0;
  for (const length of row) {
    for (let from = 0; from < length; ) {
      const chunk = Math.floor((start + from) / size);
      const to = Math.min(length, (chunk + 1) * size - start);
      // A boundary that rounds to where the piece begins belongs to the next chunk.
      if (to <= from) break;
      add(chunk, from, to);
      from = to;
    }
    start += length;
  }
}

function withExcess(mean: { forward: Seconds; backward: Seconds }, forward: Seconds, backward: Seconds): CoreTime {
  return {
    ...mean,
    excessForward: Math.max(0, forward - mean.forward),
    excessBackward: Math.max(0, backward - mean.backward),
  };
}

function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}

interface RowWork {
  forward: Seconds;
  backward: Seconds;
  longest: Tokens;
}

/** Seconds at lengths 0, unit, 2 unit, …; `beside` is what a call takes beyond its work. */
interface CoreTable {
  readonly rows: Map<Row, RowWork>;
  readonly unit: Tokens;
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  readonly besideForward: Float64Array;
  readonly besideBackward: Float64Array;
}

const tableSize = 512;

function coreTable(kernels: Kernels, longest: Tokens, calls: (length: Tokens) => readonly CoreCall[]): CoreTable {
  const points = Math.min(tableSize, Math.ceil(longest));
  const unit = longest / points;
  const empty = (): Float64Array => new Float64Array(points + 1);
  const table: CoreTable = {
    rows: new Map(),
    unit,
    forward: empty(),
    backward: empty(),
    besideForward: empty(),
    besideBackward: empty(),
  };
  const attention = (shape: AttentionShape): Seconds => kernels.attention(shape);
  const attentionBackward = (shape: AttentionShape): Seconds => kernels.attentionBackward(shape);
  for (let point = 1; point <= points; point++) {
    for (const { shape, count } of calls(point * unit)) {
      if (count <= 0) continue;
      const [one, back] = [attention(shape), attentionBackward(shape)];
      const forward = workTime(attention, shape, one);
      const backward = workTime(attentionBackward, shape, back);
      table.forward[point]! += count * forward;
      table.backward[point]! += count * backward;
      table.besideForward[point] = Math.max(table.besideForward[point]!, one - forward);
      table.besideBackward[point] = Math.max(table.besideBackward[point]!, back - backward);
    }
  }
  return table;
}

/** Linear between points. */
function at(values: Float64Array, length: Tokens, unit: Tokens): Seconds {
  const place = length / unit;
  const below = Math.min(values.length - 1, Math.floor(place));
  const low = values[below]!;
  return below === values.length - 1 ? low : low + (place - below) * (values[below + 1]! - low);
}
