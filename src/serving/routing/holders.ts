/**
 * Which replicas hold which chunks: a row of bits a chunk. Matching a prompt against all replicas takes one look-up a
 * chunk, however many replicas there are.
 */

const wordBits = 32;

/** Who holds what. Grows with the number of replicas and of chunks. */
export class ChunkHolders {
  private words = 1;
  private bits: Int32Array = new Int32Array(1024);
  private readonly rows = new Map<number, number>();
  private readonly freeRows: number[] = [];
  private rowCount = 0;
  private alive: Int32Array = new Int32Array(1);

  /** Chunks that anyone holds. */
  get size(): number {
    return this.rows.size;
  }

  add(chunk: number, replica: number): void {
    if (replica >= this.words * wordBits) this.widen(replica);
    let row = this.rows.get(chunk);
    if (row === undefined) {
      row = this.freeRows.pop() ?? this.rowCount++;
      if ((row + 1) * this.words > this.bits.length) this.lengthen();
      this.rows.set(chunk, row);
    }
    const at = row * this.words + (replica >>> 5);
    this.bits[at] = (this.bits[at] as number) | (1 << (replica & 31));
  }

  remove(chunk: number, replica: number): void {
    const row = this.rows.get(chunk);
    if (row === undefined || replica >= this.words * wordBits) return;
    const at = row * this.words + (replica >>> 5);
    this.bits[at] = (this.bits[at] as number) & ~(1 << (replica & 31));
    for (let word = 0; word < this.words; word++) if (this.bits[row * this.words + word] !== 0) return;
    this.rows.delete(chunk);
    this.freeRows.push(row);
  }

  /** Nobody holds the chunk any more. */
  removeAll(chunk: number): void {
    const row = this.rows.get(chunk);
    if (row === undefined) return;
    this.bits.fill(0, row * this.words, (row + 1) * this.words);
    this.rows.delete(chunk);
    this.freeRows.push(row);
  }

  /** Leading chunks, of the first `count`, that each replica holds: into `matched`, by replica. */
  match(chunks: Int32Array, count: number, matched: Int32Array): void {
    matched.fill(0);
    const { words, alive } = this;
    alive.fill(-1);
    for (let at = 0; at < count; at++) {
      const row = this.rows.get(chunks[at] as number);
      if (row === undefined) {
        this.settle(at, matched);
        return;
      }
      let left = 0;
      for (let word = 0; word < words; word++) {
        const before = alive[word] as number;
        const after = before & (this.bits[row * words + word] as number);
        if (after !== before && at > 0) note(before & ~after, { word, depth: at, matched });
        alive[word] = after;
        left |= after;
      }
      if (left === 0) return;
    }
    this.settle(count, matched);
  }

  /** All that are left hold `depth` chunks. */
  private settle(depth: number, matched: Int32Array): void {
    if (depth === 0) return;
    for (let word = 0; word < this.words; word++) note(this.alive[word] as number, { word, depth, matched });
  }

  private lengthen(): void {
    const longer = new Int32Array(2 * this.bits.length);
    longer.set(this.bits);
    this.bits = longer;
  }

  private widen(replica: number): void {
    const words = (replica >>> 5) + 1;
    const wider = new Int32Array(Math.max(this.bits.length, 2 * this.rowCount * words, words * wordBits));
    for (let row = 0; row < this.rowCount; row++) {
      for (let word = 0; word < this.words; word++) {
        wider[row * words + word] = this.bits[row * this.words + word] as number;
      }
    }
    this.bits = wider;
    this.words = words;
    this.alive = new Int32Array(words);
  }
}

interface Noted {
  readonly word: number;
  readonly depth: number;
  readonly matched: Int32Array;
}

function note(set: number, { word, depth, matched }: Noted): void {
  for (let rest = set; rest !== 0; rest &= rest - 1) {
    const replica = word * wordBits + 31 - Math.clz32(rest & -rest);
    if (replica < matched.length) matched[replica] = depth;
  }
}
