/**
 * Requests of a serving workload as columns: one row a request, those without parents in order of release. Readers
 * and generators append rows as they go, so that a long trace is never held as objects.
 *
 * Content says which prompts begin alike. It is cut into chunks of `chunkTokens` tokens; a chunk's id stands for the
 * chunk and everything before it, so that equal ids mean equal prefixes, as far as both rows cover the chunk. What a
 * row's ids do not cover is its own.
 */

import type { Seconds } from "../../base/quantity.ts";

export interface RequestList {
  readonly count: number;
  /** Release: of a root the time from the start of the run; of a row with parents the delay after the last of them ends. */
  readonly release: Float64Array;
  /** Prompt tokens, at least 1. */
  readonly input: Int32Array;
  /** Tokens that will be generated, at least 1. Engines stop there; policies never see it. */
  readonly output: Int32Array;
  /** Tokens of one chunk of content. */
  readonly chunkTokens: number;
  /** Row r has ids[idStart[r]] to ids[idStart[r + 1]]; they may go on over the output, where a later turn repeats it. */
  readonly idStart: Int32Array;
  readonly ids: Int32Array;
  /** Leading tokens of prompt and output that the ids cover: at most ids x chunkTokens. */
  readonly covered: Int32Array;
  /** Row r waits for rows parents[parentStart[r]] to parents[parentStart[r + 1]], all of them earlier rows. */
  readonly parentStart: Int32Array;
  readonly parents: Int32Array;
  /** Session of a row, -1 without one. */
  readonly session: Int32Array;
  /** Index into `classes`. */
  readonly classOf: Uint8Array;
  readonly classes: readonly RequestClass[];
  /** Index into `adapters`, -1 for the base model. */
  readonly adapter: Int32Array;
  readonly adapters: readonly string[];
  /** At most so many released at once, further roots wait in order; 0 for no such limit. */
  readonly concurrency: number;
}

/** Requests that are treated and judged alike. */
export interface RequestClass {
  readonly name: string;
  /** Smaller is served first, where an engine looks at it. */
  readonly priority: number;
  /** A client gives up so long after release; Infinity for never. */
  readonly timeout: Seconds;
}

/** One row as it is appended; what is left out is plain. */
export interface RequestRow {
  readonly release: Seconds;
  readonly input: number;
  readonly output: number;
  readonly ids?: ArrayLike<number>;
  /** Leading tokens that the ids cover. Default: the prompt, as far as ids reach. */
  readonly covered?: number;
  readonly parents?: readonly number[];
  readonly session?: number;
  readonly classIndex?: number;
  readonly adapter?: number;
}

const plainClass: RequestClass = { name: "all", priority: 0, timeout: Number.POSITIVE_INFINITY };

/** Appends rows to growing columns. */
export class RequestListBuilder {
  private count = 0;
  private release = new Float64Array(1024);
  private input = new Int32Array(1024);
  private output = new Int32Array(1024);
  private covered = new Int32Array(1024);
  private session = new Int32Array(1024);
  private classOf = new Uint8Array(1024);
  private adapter = new Int32Array(1024);
  private idStart = new Int32Array(1025);
  private parentStart = new Int32Array(1025);
  private ids = new Int32Array(1024);
  private parents = new Int32Array(64);
  private readonly options: ListOptions;

  constructor(options: ListOptions = {}) {
    this.options = options;
  }

  get size(): number {
    return this.count;
  }

  /** Append a row; returns its index. Throws on counts that are no counts, and on parents that are not earlier rows. */
  add(row: RequestRow): number {
    const { release, input, output, ids = [], parents = [] } = row;
    const index = this.count;
    if (!(release >= 0) || !(input >= 1) || !(output >= 1)) {
      throw new Error(`request ${index}: release ${release}, input ${input}, output ${output}`);
    }
    if (index === this.release.length) this.growRows();
    this.release[index] = release;
    this.input[index] = input;
    this.output[index] = output;
    this.session[index] = row.session ?? -1;
    this.classOf[index] = row.classIndex ?? 0;
    this.adapter[index] = row.adapter ?? -1;
    const reach = ids.length * (this.options.chunkTokens ?? 1);
    this.covered[index] = Math.min(row.covered ?? input, reach);
    this.addIds(index, ids);
    this.addParents(index, parents);
    this.count += 1;
    return index;
  }

  /** The list so far. */
  done(): RequestList {
    const { chunkTokens = 1, classes = [plainClass], adapters = [], concurrency = 0 } = this.options;
    const end = this.count;
    return {
      count: end,
      release: this.release.slice(0, end),
      input: this.input.slice(0, end),
      output: this.output.slice(0, end),
      chunkTokens,
      idStart: this.idStart.slice(0, end + 1),
      ids: this.ids.slice(0, this.idStart[end]),
      covered: this.covered.slice(0, end),
      parentStart: this.parentStart.slice(0, end + 1),
      parents: this.parents.slice(0, this.parentStart[end]),
      session: this.session.slice(0, end),
      classOf: this.classOf.slice(0, end),
      classes,
      adapter: this.adapter.slice(0, end),
      adapters,
      concurrency,
    };
  }

  private addIds(index: number, ids: ArrayLike<number>): void {
    const start = this.idStart[index] ?? 0;
    const end = start + ids.length;
    if (end > this.ids.length) this.ids = larger(this.ids, new Int32Array(Math.max(end, 2 * this.ids.length)));
    for (let at = 0; at < ids.length; at++) this.ids[start + at] = ids[at] as number;
    this.idStart[index + 1] = end;
  }

  private addParents(index: number, parents: readonly number[]): void {
    const start = this.parentStart[index] ?? 0;
    const end = start + parents.length;
    if (end > this.parents.length) {
      this.parents = larger(this.parents, new Int32Array(Math.max(end, 2 * this.parents.length)));
    }
    parents.forEach((parent, at) => {
      if (!(parent >= 0 && parent < index)) throw new Error(`request ${index} cannot wait for request ${parent}`);
      this.parents[start + at] = parent;
    });
    this.parentStart[index + 1] = end;
  }

  private growRows(): void {
    const rows = 2 * this.release.length;
    this.release = larger(this.release, new Float64Array(rows));
    this.input = larger(this.input, new Int32Array(rows));
    this.output = larger(this.output, new Int32Array(rows));
    this.covered = larger(this.covered, new Int32Array(rows));
    this.session = larger(this.session, new Int32Array(rows));
    this.classOf = larger(this.classOf, new Uint8Array(rows));
    this.adapter = larger(this.adapter, new Int32Array(rows));
    this.idStart = larger(this.idStart, new Int32Array(rows + 1));
    this.parentStart = larger(this.parentStart, new Int32Array(rows + 1));
  }
}

/** What is the same for all rows. */
export interface ListOptions {
  readonly chunkTokens?: number;
  readonly classes?: readonly RequestClass[];
  readonly adapters?: readonly string[];
  readonly concurrency?: number;
}

/** The first so many rows: parents are earlier rows, so what is left is whole. */
export function firstRequests(list: RequestList, count: number): RequestList {
  if (list.count <= count) return list;
  const ids = list.idStart[count];
  const parents = list.parentStart[count];
  return {
    ...list,
    count,
    release: list.release.slice(0, count),
    input: list.input.slice(0, count),
    output: list.output.slice(0, count),
    idStart: list.idStart.slice(0, count + 1),
    ids: list.ids.slice(0, ids),
    covered: list.covered.slice(0, count),
    parentStart: list.parentStart.slice(0, count + 1),
    parents: list.parents.slice(0, parents),
    session: list.session.slice(0, count),
    classOf: list.classOf.slice(0, count),
    adapter: list.adapter.slice(0, count),
  };
}

function larger<Values extends Float64Array | Int32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from as never);
  return to;
}
