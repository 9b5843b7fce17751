/**
 * From content keys to cache blocks: an open hash table of whole numbers in typed arrays. A key may be held by several
 * blocks (two like prompts computed at once); the one that came first is found first.
 */

/** Blocks by key. */
export class KeyTable {
  private readonly keys: Int32Array;
  private readonly blocks: Int32Array;
  private readonly mask: number;
  private readonly shift: number;

  /** A table for so many entries; it never grows. */
  constructor(entries: number) {
    let bits = 4;
    while (1 << bits < 2 * entries) bits += 1;
    this.keys = new Int32Array(1 << bits).fill(-1);
    this.blocks = new Int32Array(1 << bits);
    this.mask = (1 << bits) - 1;
    this.shift = 32 - bits;
  }

  /** The block that holds a key, -1 for none. */
  find(key: number): number {
    const { keys, mask } = this;
    for (let slot = this.home(key); ; slot = (slot + 1) & mask) {
      const held = keys[slot]!;
      if (held === key) return this.blocks[slot]!;
      if (held === -1) return -1;
    }
  }

  insert(key: number, block: number): void {
    const { keys, mask } = this;
    let slot = this.home(key);
    while (keys[slot]! !== -1) slot = (slot + 1) & mask;
    keys[slot] = key;
    this.blocks[slot] = block;
  }

  /** Takes the entry of a key and a block out; it must be there. */
  remove(key: number, block: number): void {
    const { keys, blocks, mask } = this;
    let hole = this.home(key);
    while (keys[hole]! !== key || blocks[hole]! !== block) {
      if (keys[hole]! === -1) throw new Error(`block ${block} is not held under key ${key}`);
      hole = (hole + 1) & mask;
    }
    // Entries that could not stand in their home because of this one move up; their order stays.
    for (let slot = (hole + 1) & mask; keys[slot]! !== -1; slot = (slot + 1) & mask) {
      const distance = (slot - this.home(keys[slot]!)) & mask;
      if (distance >= ((slot - hole) & mask)) {
        keys[hole] = keys[slot]!;
        blocks[hole] = blocks[slot]!;
        hole = slot;
      }
    }
    keys[hole] = -1;
  }

  private home(key: number): number {
    return Math.imul(key, 0x9e3779b1) >>> this.shift;
  }
}
