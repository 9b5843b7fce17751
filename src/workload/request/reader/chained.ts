/**
 * Ids of a trace as dense numbers of ours. A trace may name its blocks by any number or text, and by their own content
 * alone; here an id stands for a block and everything before it, so equal ids are always equal prefixes.
 */
export class ChainedIds {
  /** The trace's id to the first of ours that has it, and the block before that one. */
  private readonly known = new Map<number | string, number>();
  private before = new Int32Array(1024);
  /** Blocks that follow another block than the first time, by block before and id. */
  private readonly others = new Map<string, number>();
  private count = 0;
  private buffer = new Int32Array(256);

  /** Our ids of a row's blocks; the array is reused. Undefined where something is no id. */
  of(blocks: readonly unknown[]): Int32Array | undefined {
    if (blocks.length > this.buffer.length) this.buffer = new Int32Array(2 * blocks.length);
    let before = -1;
    for (let at = 0; at < blocks.length; at++) {
      const block = blocks[at];
      if (typeof block !== "number" && typeof block !== "string") return undefined;
      before = this.idOf(block, before);
      this.buffer[at] = before;
    }
    return this.buffer.subarray(0, blocks.length);
  }

  private idOf(block: number | string, before: number): number {
    const first = this.known.get(block);
    if (first === undefined) {
      const id = this.fresh(before);
      this.known.set(block, id);
      return id;
    }
    if (this.before[first] === before) return first;
    const key = `${before} ${block}`;
    const other = this.others.get(key);
    if (other !== undefined) return other;
    const id = this.fresh(before);
    this.others.set(key, id);
    return id;
  }

  private fresh(before: number): number {
    if (this.count === this.before.length) {
      const larger = new Int32Array(2 * this.count);
      larger.set(this.before);
      this.before = larger;
    }
    this.before[this.count] = before;
    return this.count++;
  }
}

/** Every `factor`th id: as ids are chained, the last of a few blocks stands for all of them. Returns the count. */
export function coarsen(ids: Int32Array, factor: number): Int32Array {
  if (factor === 1) return ids;
  const count = Math.floor(ids.length / factor);
  for (let at = 0; at < count; at++) ids[at] = ids[(at + 1) * factor - 1] as number;
  return ids.subarray(0, count);
}
