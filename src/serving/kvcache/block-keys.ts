/**
 * Keys of cache blocks: what the content of a block is, as a whole number. Content that the request list knows to be
 * shared gets the key of its chunk, everything else a key of the request's own.
 */

import type { RequestList } from "../../workload/request/list.ts";

/** Largest key; beyond it typed arrays would wrap. */
const keysMost = 2 ** 31 - 1;

export class BlockKeys {
  private readonly list: RequestList;
  private readonly ids: Int32Array;
  private readonly idStart: Int32Array;
  private readonly blockTokens: number;
  /** Blocks of a chunk where chunks are larger, else 1; chunks of a block where blocks are larger, else 1. */
  private readonly blocksPerChunk: number;
  private readonly chunksPerBlock: number;
  /** Blocks of each row that have shared keys, and the first own key of the row, -1 before it is needed. */
  private readonly shared: Int32Array;
  private readonly own: Int32Array;
  private ownNext: number;
  /** Keys from here on belong to single requests. */
  readonly ownFirst: number;

  /** Throws where blocks and chunks do not divide one another. */
  constructor(list: RequestList, blockTokens: number) {
    this.list = list;
    this.ids = list.ids;
    this.idStart = list.idStart;
    this.blockTokens = blockTokens;
    const { chunkTokens } = list;
    this.blocksPerChunk = Math.max(1, chunkTokens / blockTokens);
    this.chunksPerBlock = Math.max(1, blockTokens / chunkTokens);
    if (list.ids.length > 0 && !Number.isInteger(this.blocksPerChunk * this.chunksPerBlock)) {
      throw new Error(`blocks of ${blockTokens} tokens and chunks of ${chunkTokens} do not divide one another`);
    }
    this.shared = list.covered.map((tokens) => Math.floor(tokens / blockTokens));
    this.own = new Int32Array(list.count).fill(-1);
    let largest = -1;
    for (const id of list.ids) if (id > largest) largest = id;
    this.ownFirst = (largest + 1) * this.blocksPerChunk;
    this.ownNext = this.ownFirst;
  }

  /** Key of block `index` of a row: its tokens and all before them. */
  key(row: number, index: number): number {
    if (index >= this.shared[row]!) return this.ownKey(row, index);
    const { idStart, ids, blocksPerChunk } = this;
    if (blocksPerChunk > 1) {
      const chunk = (index / blocksPerChunk) | 0;
      return ids[idStart[row]! + chunk]! * blocksPerChunk + (index - chunk * blocksPerChunk);
    }
    return ids[idStart[row]! + (index + 1) * this.chunksPerBlock - 1]!;
  }

  /** Leading blocks of a row whose content other rows may have. */
  sharedBlocks(row: number): number {
    return this.shared[row]!;
  }

  /** The chunk that ends with a block, -1 where the block ends inside one or is a request's own. */
  chunkEnding(key: number): number {
    if (key >= this.ownFirst) return -1;
    const { blocksPerChunk } = this;
    if (blocksPerChunk === 1) return key;
    return (key + 1) % blocksPerChunk === 0 ? (key + 1) / blocksPerChunk - 1 : -1;
  }

  private ownKey(row: number, index: number): number {
    let first = this.own[row]!;
    if (first === -1) {
      first = this.ownNext;
      this.own[row] = first;
      this.ownNext += Math.ceil((this.list.input[row]! + this.list.output[row]!) / this.blockTokens) + 1;
      if (this.ownNext > keysMost) throw new Error("more blocks than keys");
    }
    return first + index;
  }
}
