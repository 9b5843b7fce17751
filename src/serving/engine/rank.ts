/**
 * One scheduler with its cache: the requests that run, those that wait, and the blocks they hold. Batching policies
 * decide on it who computes how much; the rank keeps the books.
 */

import type { BlockKeys } from "../kvcache/block-keys.ts";
import type { BlockPool } from "../kvcache/block-pool.ts";
import type { Connector } from "../kvcache/connector.ts";
import { radixDepth } from "../kvcache/radix-depth.ts";
import type { RequestState } from "../request-state.ts";
import { dropFetched } from "./fetched-blocks.ts";
import { grown } from "./grown.ts";
import type { EngineSettings } from "./settings.ts";
import { WaitingQueue } from "./waiting.ts";

/** When others can find the blocks that a row fills: with the plan that computes them, or with its end. */
export type Storing = "planned" | "computed";

export class Rank {
  readonly settings: EngineSettings;
  readonly state: RequestState;
  readonly pool: BlockPool;
  readonly waiting: WaitingQueue;
  /** Rows that have a place, in the order in which they got it. */
  running: Int32Array = new Int32Array(64);
  runningCount = 0;
  preemptions = 0;
  /** Iterations that passed since the batching policy was asked last, all like the one it planned. */
  unplanned = 0;
  /** Rows that hold blocks which are being filled from elsewhere. */
  readonly fetching: Set<number> = new Set();
  /** Prompt tokens asked for and found at admission, first admissions only. */
  promptTokens = 0;
  promptTokensCached = 0;
  /** Called when there may be work again: a row was fetched, blocks came back; the engine sets it. */
  onFetched: () => void = () => undefined;
  /** Says what can be fetched; whoever makes it may need the rank first. */
  connector: Connector | undefined;
  /** Uses of blocks outside of the books of requests. */
  private lent = 0;
  private readonly keys: BlockKeys;
  private readonly blockTokens: number;
  private readonly storing: Storing | "never";
  // Blocks by slot: a row that holds blocks has a slot. Blocks of it, and how many of them were stored under a key.
  private readonly tables: Int32Array[] = [];
  private held: Int32Array = new Int32Array(64);
  private stored: Int32Array = new Int32Array(64);
  private readonly slotsFree: number[] = [];
  /** Blocks of the prefix that an admission is about. */
  private found: Int32Array = new Int32Array(64);

  constructor(options: {
    readonly settings: EngineSettings;
    readonly state: RequestState;
    readonly pool: BlockPool;
    readonly keys: BlockKeys;
    readonly storing: Storing;
  }) {
    const { settings, state } = options;
    this.settings = settings;
    this.state = state;
    this.pool = options.pool;
    this.keys = options.keys;
    this.blockTokens = settings.blockTokens;
    this.storing = settings.prefixCaching === "on" ? options.storing : "never";
    const { list } = state;
    const priority = (row: number): number => list.classes[list.classOf[row]!]!.priority;
    this.waiting = new WaitingQueue(settings.queueOrder === "priority" ? priority : undefined);
  }

  /** Share of blocks in use. */
  get usage(): number {
    return 1 - this.pool.freeCount / this.pool.blocks;
  }

  /** Blocks of the longest prefix of a row that the cache holds: whole blocks, and never its last known token. */
  cachedBlocks(row: number): number {
    if (this.storing === "never") return 0;
    const most = Math.floor((this.state.known[row]! - 1) / this.blockTokens);
    if (this.storing === "computed") {
      return radixDepth(most, (index) => this.pool.find(this.keys.key(row, index)) !== -1);
    }
    let count = 0;
    while (count < most && this.pool.find(this.keys.key(row, count)) !== -1) count += 1;
    return count;
  }

  /** Key of block `index` of a row: equal where rows are equal up to the block's end. */
  keyOf(row: number, index: number): number {
    return this.keys.key(row, index);
  }

  /** The first `count` blocks of a row, all of them in the cache, count as used now. */
  touch(row: number, count: number): void {
    for (let index = count - 1; index >= 0; index--) this.pool.touch(this.pool.find(this.keys.key(row, index)));
  }

  /** Blocks that a row holds. */
  blocksOf(row: number): number {
    const slot = this.state.slot[row]!;
    return slot === -1 ? 0 : this.held[slot]!;
  }

  /**
   * Room for a waiting row: its first `cached` blocks are found in the cache, blocks for `tokens` more are taken.
   * False, and nothing changed, where fewer than `spare` blocks would stay free.
   */
  admit(row: number, cached: number, tokens: number, spare: number): boolean {
    const { pool } = this;
    const needed = Math.ceil((cached * this.blockTokens + tokens) / this.blockTokens) - cached;
    let revived = this.findFirst(row, cached);
    while (needed + revived + spare > pool.freeCount) {
      if (this.connector?.giveWay() !== true) return false;
      revived = this.findFirst(row, cached);
    }
    const { found } = this;
    const slot = this.takeSlot(row, cached + needed);
    const table = this.tables[slot]!;
    for (let index = 0; index < cached; index++) {
      pool.share(found[index]!);
      table[index] = found[index]!;
    }
    for (let index = cached; index < cached + needed; index++) table[index] = pool.take();
    this.held[slot] = cached + needed;
    this.stored[slot] = cached;
    this.state.computed[row] = cached * this.blockTokens;
    this.connector?.admitted(row, cached);
    return true;
  }

  /** Notes the first blocks of a row, all cached; returns how many of them are in the free list. */
  private findFirst(row: number, cached: number): number {
    const { pool, keys } = this;
    this.found = grown(this.found, cached);
    let free = 0;
    for (let index = 0; index < cached; index++) {
      const block = pool.find(keys.key(row, index));
      this.found[index] = block;
      if (pool.isFree(block)) free += 1;
    }
    return free;
  }

  /** Tokens that can be fetched for a waiting row beyond its cached blocks. */
  offered(row: number, cached: number): number {
    return this.connector?.offered(row, cached) ?? 0;
  }

  /** A row just admitted with blocks for `tokens` beyond its cached ones waits, before all others, until those are filled. */
  fetch(row: number, cached: number, tokens: number): void {
    const { state } = this;
    const epoch = state.epoch[row]!;
    this.fetching.add(row);
    this.connector?.fetch(row, { cached, tokens }, () => {
      if (state.epoch[row]! !== epoch) return;
      this.fetching.delete(row);
      this.advance(row, tokens);
      this.settle(row, state.computed[row]!);
      this.waiting.pushFront(row);
      this.onFetched();
    });
  }

  /** Whether a waiting row already holds blocks, filled from elsewhere. */
  holdsBlocks(row: number): boolean {
    return this.state.slot[row]! !== -1;
  }

  /** Blocks for `tokens` more of a row that has a place; false, and nothing changed, where too few are free. */
  extend(row: number, tokens: number): boolean {
    const slot = this.state.slot[row]!;
    const held = this.held[slot]!;
    const reach = this.state.computed[row]! + tokens;
    if (reach <= held * this.blockTokens) return true;
    const wanted = Math.ceil(reach / this.blockTokens);
    // The only row that runs must get on: under asynchronous scheduling it would lose the token under way, for ever.
    const alone = this.runningCount === 1 && this.running[0] === row;
    while (wanted - held > this.pool.freeCount) {
      if (this.connector?.giveWay() !== true && !(alone && dropFetched(this, 0))) return false;
    }
    const table = this.roomFor(slot, wanted);
    for (let index = held; index < wanted; index++) table[index] = this.pool.take();
    this.held[slot] = wanted;
    return true;
  }

  /** Whether nobody else can know the contents of the blocks that a row with a place has yet to fill. */
  fillsOwn(row: number): boolean {
    return this.storing !== "planned" || this.stored[this.state.slot[row]!]! >= this.keys.sharedBlocks(row);
  }

  /** Tokens that a row that has a place can still compute in the blocks it holds. */
  room(row: number): number {
    return this.held[this.state.slot[row]!]! * this.blockTokens - this.state.computed[row]!;
  }

  /** The row computes `tokens` in the iteration being planned; blocks that they fill can be found from now on. */
  advance(row: number, tokens: number): void {
    const { state, blockTokens } = this;
    const after = state.computed[row]! + tokens;
    state.computed[row] = after;
    if (this.storing !== "planned") return;
    const slot = state.slot[row]!;
    const stored = this.stored[slot]!;
    const whole = Math.min(after, state.known[row]!);
    if (whole < (stored + 1) * blockTokens) return;
    const table = this.tables[slot]!;
    const full = Math.floor(whole / blockTokens);
    for (let index = stored; index < full; index++) this.pool.store(table[index]!, this.keys.key(row, index));
    this.stored[slot] = full;
  }

  /**
   * A row has computed its first `tokens`. Where blocks become known only then, like ones that another row brought take
   * the place of its own. @source sglang-scheduler
   */
  settle(row: number, tokens: number): void {
    if (this.storing !== "computed") return;
    const { pool } = this;
    const slot = this.state.slot[row]!;
    const table = this.tables[slot]!;
    const full = Math.floor(tokens / this.blockTokens);
    const shared = this.keys.sharedBlocks(row);
    for (let index = this.stored[slot]!; index < full; index++) {
      const key = this.keys.key(row, index);
      const own = table[index]!;
      const twin = index < shared ? pool.find(key) : -1;
      if (twin === -1) {
        pool.store(own, key);
      } else if (twin !== own) {
        pool.share(twin);
        table[index] = twin;
        pool.releaseBlank(own);
      }
    }
    if (full > this.stored[slot]!) this.stored[slot] = full;
  }

  /** A row is complete: what it generated is kept for those who repeat it. */
  finish(row: number): void {
    if (this.storing !== "computed") return;
    const slot = this.state.slot[row]!;
    const full = Math.floor((this.state.goal[row]! - 1) / this.blockTokens);
    const sought = Math.min(full, this.keys.sharedBlocks(row));
    if (sought > this.stored[slot]!) this.settle(row, sought * this.blockTokens);
    const table = this.tables[slot]!;
    for (let index = this.stored[slot]!; index < full; index++) this.pool.keep(table[index]!);
    if (full > this.stored[slot]!) this.stored[slot] = full;
  }

  /** Gives the blocks of a row back, its last first: what began a prompt is kept longest. */
  releaseBlocks(row: number): void {
    const slot = this.state.slot[row]!;
    if (slot === -1) return;
    const table = this.tables[slot]!;
    const kept = this.storing === "computed" ? this.stored[slot]! : this.held[slot]!;
    for (let index = this.held[slot]! - 1; index >= kept; index--) this.pool.releaseBlank(table[index]!);
    for (let index = kept - 1; index >= 0; index--) this.pool.release(table[index]!);
    this.dropSlot(row, slot);
  }

  /** Takes the blocks of a row out of the books, to be given back later with `returnBlocks`. */
  detachBlocks(row: number): Int32Array {
    const slot = this.state.slot[row]!;
    const blocks = this.tables[slot]!.slice(0, this.held[slot]!);
    this.dropSlot(row, slot);
    this.lent += blocks.length;
    return blocks;
  }

  /** Keeps cached blocks where they are while somebody reads them, until `returnBlocks`. */
  lend(blocks: Int32Array): void {
    for (const block of blocks) this.pool.share(block);
    this.lent += blocks.length;
  }

  returnBlocks(blocks: Int32Array): void {
    for (let index = blocks.length - 1; index >= 0; index--) this.pool.release(blocks[index]!);
    this.lent -= blocks.length;
    if (this.waiting.size > 0) this.onFetched();
  }

  /** Counts what the client's prompt, without what a lost replica had made, found in the cache at its first admission. */
  countPrompt(row: number, cached: number): void {
    if (!this.state.firstAdmission(row)) return;
    const sent = this.state.list.input[row]!;
    const found = Math.min(cached, sent - 1);
    this.promptTokens += sent;
    this.promptTokensCached += found;
    this.state.cached[row] = found;
  }

  /** Puts a row behind those that run. */
  start(row: number): void {
    this.running = grown(this.running, this.runningCount + 1);
    this.running[this.runningCount] = row;
    this.runningCount += 1;
  }

  /** Takes rows without blocks out of those that run. */
  sweep(): void {
    const { slot } = this.state;
    let kept = 0;
    for (let place = 0; place < this.runningCount; place++) {
      const row = this.running[place]!;
      if (slot[row]! === -1) continue;
      this.running[kept] = row;
      kept += 1;
    }
    this.runningCount = kept;
  }

  /** A running row loses place and blocks and waits again, before all others; it will be computed anew. */
  preemptAt(place: number): void {
    this.waiting.pushFront(this.counted(this.dropAt(place)));
  }

  /** The same, but it waits behind all others. */
  retractAt(place: number): void {
    this.waiting.push(this.counted(this.dropAt(place)));
  }

  /** A running row loses place and blocks; what is under way for it is void. Returns it. */
  dropAt(place: number): number {
    const { state } = this;
    const row = this.running[place]!;
    this.running.copyWithin(place, place + 1, this.runningCount);
    this.runningCount -= 1;
    this.releaseBlocks(row);
    state.computed[row] = 0;
    state.known[row] = state.made[row]!;
    state.epoch[row]! += 1;
    return row;
  }

  /** Takes a row out wherever it is; false where it is not here. */
  remove(row: number): boolean {
    const place = this.running.subarray(0, this.runningCount).indexOf(row);
    if (place !== -1) this.dropAt(place);
    else if (this.fetching.delete(row) || this.waiting.remove(row)) this.forget(row);
    else return false;
    return true;
  }

  /** Drops every row, running ones first; returns them. */
  clear(): number[] {
    const rows = [...this.running.subarray(0, this.runningCount), ...this.fetching];
    for (let place = 0; place < this.waiting.size; place++) rows.push(this.waiting.at(place));
    for (const row of rows) this.remove(row);
    return rows;
  }

  /** A waiting row loses the blocks it holds; it will be computed anew. */
  preemptWaiting(row: number): void {
    this.forget(this.counted(row));
  }

  private counted(row: number): number {
    this.state.preemptions[row]! += 1;
    this.preemptions += 1;
    return row;
  }

  /** A row that does not run loses the blocks it may hold, and what is under way for it. */
  private forget(row: number): void {
    this.releaseBlocks(row);
    this.state.computed[row] = 0;
    this.state.epoch[row]! += 1;
  }

  /** Audit: no block is lost or held twice. Throws where one is. */
  check(): void {
    let uses = this.lent;
    for (let slot = 0; slot < this.tables.length; slot++) uses += this.held[slot]!;
    this.pool.check(uses);
  }

  private takeSlot(row: number, blocks: number): number {
    const slot = this.slotsFree.pop() ?? this.tables.push(new Int32Array(64)) - 1;
    this.held = grown(this.held, slot + 1);
    this.stored = grown(this.stored, slot + 1);
    this.roomFor(slot, blocks);
    this.state.slot[row] = slot;
    return slot;
  }

  private dropSlot(row: number, slot: number): void {
    this.held[slot] = 0;
    this.stored[slot] = 0;
    this.slotsFree.push(slot);
    this.state.slot[row] = -1;
  }

  private roomFor(slot: number, blocks: number): Int32Array {
    const table = grown(this.tables[slot]!, blocks);
    this.tables[slot] = table;
    return table;
  }
}
