/** What is known about every request during a run, as columns beside those of its list. Times are NaN until they happen. */

import type { RequestList } from "../workload/request/list.ts";

/** Where a request is. */
export const phases = { unreleased: 0, under: 1, done: 2, rejected: 3, timedOut: 4, tooLong: 5 } as const;

export class RequestState {
  readonly list: RequestList;
  /** Tokens that an engine has in its cache or computes in an iteration under way. */
  readonly computed: Int32Array;
  /** The prompt and what was generated. */
  readonly made: Int32Array;
  /** The same, with tokens that an iteration under way will make where the next is planned ahead of it. */
  readonly known: Int32Array;
  /** `made` at which the request is complete. */
  readonly goal: Int32Array;
  readonly phase: Uint8Array;
  /** Times at which the client sent it, an engine queued it, first gave it work, and the client had first and last token. */
  readonly released: Float64Array;
  readonly queued: Float64Array;
  readonly scheduled: Float64Array;
  readonly firstToken: Float64Array;
  readonly ended: Float64Array;
  /** From the iterations of its first and its last token until the client had them. */
  readonly firstLeaving: Float64Array;
  readonly lastLeaving: Float64Array;
  /** When an engine made its latest token. */
  readonly lastToken: Float64Array;
  /** Time that its own prompt chunks would have taken alone. */
  readonly prefillAlone: Float64Array;
  /** What its iterations after the first token would have taken without prompts beside them, and what those added. */
  readonly decodeAlone: Float64Array;
  readonly interference: Float64Array;
  /** Drafting in what its iterations would have taken without prompts; part of `decodeAlone`. */
  readonly drafting: Float64Array;
  /** Prompt tokens that were found in a cache, fetched ones included; and those fetched, by tier. */
  readonly cached: Int32Array;
  readonly tierTokens: readonly Int32Array[];
  /** Time for which it waited for blocks of tiers before it first got work. */
  readonly fetching: Float64Array;
  /**
   * Of a request that is handed from a prefill to a decode replica: when the prefill replica was done and which it was
   * (-1 for none), when the decode replica queued it, took blocks for it, had them filled, and first gave it work.
   */
  readonly prefilled: Float64Array;
  readonly prefillReplica: Int32Array;
  readonly decodeQueued: Float64Array;
  readonly transferStart: Float64Array;
  readonly transferEnd: Float64Array;
  readonly resumed: Float64Array;
  readonly preemptions: Uint16Array;
  /** The replica that generates for it, -1 before it was chosen. */
  readonly replica: Int32Array;
  /** The replica that made its first token, -1 before. */
  readonly firstTokenReplica: Int32Array;
  /** The rank of the replica that has it. */
  readonly rank: Uint16Array;
  /** Its place in the block tables of the rank that holds it, -1 without. */
  readonly slot: Int32Array;
  /** Raised whenever it loses its place in an engine: what an iteration under way brings is then void. */
  readonly epoch: Uint16Array;

  /** @param tiers from which blocks can be fetched. */
  constructor(list: RequestList, tiers = 0) {
    const { count } = list;
    const times = (): Float64Array => new Float64Array(count).fill(Number.NaN);
    this.list = list;
    this.computed = new Int32Array(count);
    this.made = list.input.slice();
    this.known = list.input.slice();
    this.goal = list.input.map((input, row) => input + list.output[row]!);
    this.phase = new Uint8Array(count);
    this.released = times();
    this.queued = times();
    this.scheduled = times();
    this.firstToken = times();
    this.ended = times();
    this.firstLeaving = new Float64Array(count);
    this.lastLeaving = new Float64Array(count);
    this.lastToken = times();
    this.prefillAlone = new Float64Array(count);
    this.decodeAlone = new Float64Array(count);
    this.interference = new Float64Array(count);
    this.drafting = new Float64Array(count);
    this.cached = new Int32Array(count);
    this.tierTokens = Array.from({ length: tiers }, () => new Int32Array(count));
    this.fetching = new Float64Array(count);
    this.prefilled = times();
    this.prefillReplica = new Int32Array(count).fill(-1);
    this.decodeQueued = times();
    this.transferStart = times();
    this.transferEnd = times();
    this.resumed = times();
    this.preemptions = new Uint16Array(count);
    this.replica = new Int32Array(count).fill(-1);
    this.firstTokenReplica = new Int32Array(count).fill(-1);
    this.rank = new Uint16Array(count);
    this.slot = new Int32Array(count).fill(-1);
    this.epoch = new Uint16Array(count);
  }
  /** Whether an admission of a row is its first: it never lost its place and comes from no other replica. */
  firstAdmission(row: number): boolean {
    return this.preemptions[row] === 0 && Number.isNaN(this.prefilled[row]!);
  }
}
