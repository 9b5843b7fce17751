/**
 * One scheduler with its cache: the requests that run, those that wait, and the blocks they hold. Batching policies
 * decide on it who computes how much; the rank keeps the books.
 */

import type { BlockKeys } from "../kvcache/block-keys.ts";
import type { BlockPool } from "../kvcache/block-pool.ts";
import type { Connector } from "../kvcache/connector.ts";
import type { RequestState } from "../request-state.ts";
import type { EngineSettings } from "./settings.ts";
import { WaitingQueue } from "./waiting.ts";

export class Rank {
  readonly settings: EngineSettings;
  readonly state: RequestState;
  readonly pool: BlockPool;
  readonly waiting: WaitingQueue;
  /** Rows that have a place, in the order in which they got it. */
  running: Int32Array = new Int32Array(64);
  runningCount = 0;
  preemptions = 0;
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
  private readonly storing: boolean;
  // Blocks by slot: a row that holds blocks has a slot. Blocks of it, and how many of them were stored under a key.
  private readonly tables: Int32Array[] = [];
  private held: Int32Array = new Int32Array(64);
  private stored: Int32Array = new Int32Array(64);
  private readonly slotsFree: number[] = [];

  constructor(options: {
    readonly settings: EngineSettings;
    readonly state: RequestState;
    readonly pool: BlockPool;
    readonly keys: BlockKeys;
  }) {
    const { settings, state } = options;
    this.settings = settings;
    this.state = state;
    this.pool = options.pool;
    this.keys = options.keys;
    this.blockTokens = settings.blockTokens;
    this.storing = settings.prefixCaching === "on";
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
    if (!this.storing) return 0;
    const most = Math.floor((this.state.known[row]! - 1) / this.blockTokens);
    let count = 0;
    while (count < most && this.pool.find(this.keys.key(row, count)) !== -1) count += 1;
    return count;
  }

  /**
   * Room for a waiting row: its first `cached` blocks are found in the cache, blocks for `tokens` more are taken.
   * False, and nothing changed, where fewer than `spare` blocks would stay free.
   */
  admit(row: number, cached: number, tokens: number, spare: number): boolean {
    const { pool, keys } = this;
    const needed = Math.ceil((cached * this.blockTokens + tokens) / this.blockTokens) - cached;
    while (needed + this.revived(row, cached) + spare > pool.freeCount) if (!this.giveWay()) return false;
    const slot = this.takeSlot(row, cached + needed);
    const table = this.tables[slot]!;
    for (let index = 0; index < cached; index++) {
      const block = pool.find(keys.key(row, index));
      pool.share(block);
      table[index] = block;
    }
    for (let index = cached; index < cached + needed; index++) table[index] = pool.take();
    this.held[slot] = cached + needed;
    this.stored[slot] = cached;
    this.state.computed[row] = cached * this.blockTokens;
    this.connector?.admitted(row, cached);
    return true;
  }

  /** Of the first blocks of a row, all cached, how many an admission takes out of the free list. */
  private revived(row: number, cached: number): number {
    const { pool, keys } = this;
    let revived = 0;
    for (let index = 0; index < cached; index++) if (pool.isFree(pool.find(keys.key(row, index)))) revived += 1;
    return revived;
  }

  /** Lets blocks go that are only kept for later; false where there are none. */
  private giveWay(): boolean {
    return this.connector?.giveWay() ?? false;
  }

  /** Tokens that can be fetched for a waiting row beyond its cached blocks. */
  offered(row: number, cached: number): number {
    return this.connector?.offered(row, cached) ?? 0;
  }

  /**
   * A row that was just admitted with blocks for `tokens` beyond its cached ones is put aside until they are filled from
   * elsewhere; it then waits for work before all others.
   */
  fetch(row: number, cached: number, tokens: number): void {
    const { state } = this;
    const epoch = state.epoch[row]!;
    this.fetching.add(row);
    this.connector?.fetch(row, { cached, tokens }, () => {
      if (state.epoch[row]! !== epoch) return;
      this.fetching.delete(row);
      this.advance(row, tokens);
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
    while (wanted - held > this.pool.freeCount) if (!this.giveWay()) return false;
    const table = this.roomFor(slot, wanted);
    for (let index = held; index < wanted; index++) table[index] = this.pool.take();
    this.held[slot] = wanted;
    return true;
  }

  /** The row computes `tokens` in the iteration being planned; blocks that they fill can be found from now on. */
  advance(row: number, tokens: number): void {
    const { state, blockTokens } = this;
    const before = state.computed[row]!;
    const after = before + tokens;
    state.computed[row] = after;
    if (!this.storing) return;
    const slot = state.slot[row]!;
    const full = Math.floor(Math.min(after, state.known[row]!) / blockTokens);
    for (let index = this.stored[slot]!; index < full; index++) {
      this.pool.store(this.tables[slot]![index]!, this.keys.key(row, index));
    }
    if (full > this.stored[slot]!) this.stored[slot] = full;
  }

  /** Gives the blocks of a row back, its last first: what began a prompt is kept longest. */
  releaseBlocks(row: number): void {
    const slot = this.state.slot[row]!;
    if (slot === -1) return;
    const table = this.tables[slot]!;
    for (let index = this.held[slot]! - 1; index >= 0; index--) this.pool.release(table[index]!);
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

  /** Counts what a prompt found in the cache, at its first admission. */
  countPrompt(row: number, cached: number): void {
    if (!this.state.firstAdmission(row)) return;
    this.promptTokens += this.state.list.input[row]!;
    this.promptTokensCached += cached;
    this.state.cached[row] = cached;
  }

  /** Puts a row behind those that run. */
  start(row: number): void {
    if (this.runningCount === this.running.length) this.running = doubled(this.running);
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
    const row = this.dropAt(place);
    this.state.preemptions[row]! += 1;
    this.preemptions += 1;
    this.waiting.pushFront(row);
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

  /**
   * Nobody runs and the first row that waits finds no room beside fetched blocks of others: the first of those goes
   * before it, or, where it holds fetched blocks itself, the last of those is dropped and will be computed anew. False
   * where there is none.
   */
  unblock(): boolean {
    if (this.runningCount > 0 || this.fetching.size > 0) return false;
    const { waiting } = this;
    const head = waiting.at(0);
    let holder = -1;
    for (let place = 1; place < waiting.size; place++) {
      if (!this.holdsBlocks(waiting.at(place))) continue;
      holder = place;
      if (!this.holdsBlocks(head)) break;
    }
    if (holder === -1) return false;
    const row = waiting.at(holder);
    if (!this.holdsBlocks(head)) {
      waiting.removeAt(holder);
      waiting.pushFront(row);
      if (waiting.at(0) === row) return true;
    }
    this.forget(row);
    this.state.preemptions[row]! += 1;
    this.preemptions += 1;
    return true;
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
    const slot = this.slotsFree.pop() ?? this.tables.length;
    if (slot === this.tables.length) this.tables.push(new Int32Array(64));
    if (slot >= this.held.length) {
      this.held = doubled(this.held);
      this.stored = doubled(this.stored);
    }
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
    let table = this.tables[slot]!;
    if (table.length >= blocks) return table;
    const larger = new Int32Array(Math.max(blocks, 2 * table.length));
    larger.set(table);
    table = larger;
    this.tables[slot] = table;
    return table;
  }
}

function doubled(values: Int32Array): Int32Array {
  const larger = new Int32Array(2 * values.length);
  larger.set(values);
  return larger;
}
