/**
 * From content keys to cache blocks. Keys come in runs, block after block of one prompt, so they are kept in groups of
 * consecutive keys: one look into a hash table of groups serves a run of keys. A key may be held by several blocks (two
 * like prompts computed at once); the one that came first is found first.
 */

/** Keys of one group: a power of two. */
const groupBits = 5;
const groupKeys: number = 1 << groupBits;
const groupMask: number = groupKeys - 1;

/** Blocks by key. */
export class KeyTable {
  /** Next block with the same key, in the order in which they came, -1 for none. */
  private readonly same: Int32Array;
  // The hash table: group and its entry.
  private groups: Int32Array = new Int32Array(64).fill(-1);
  private entries: Int32Array = new Int32Array(64);
  private groupCount = 0;
  // Entries: first block of each key, and how many keys have one.
  private blocks: Int32Array = new Int32Array(32 * groupKeys).fill(-1);
  private used: Int32Array = new Int32Array(32);
  private readonly free: number[] = [];
  private entryCount = 0;
  // The group looked at last.
  private lastGroup = -1;
  private lastEntry = -1;

  /** A table for so many blocks. */
  constructor(blocks: number) {
    this.same = new Int32Array(blocks).fill(-1);
  }

  /** The block that holds a key, -1 for none. */
  find(key: number): number {
    const entry = this.entryOf(key >>> groupBits);
    return entry === -1 ? -1 : this.blocks[(entry << groupBits) + (key & groupMask)]!;
  }

  insert(key: number, block: number): void {
    const group = key >>> groupBits;
    let entry = this.entryOf(group);
    if (entry === -1) entry = this.newEntry(group);
    const place = (entry << groupBits) + (key & groupMask);
    this.same[block] = -1;
    let last = this.blocks[place]!;
    if (last === -1) {
      this.blocks[place] = block;
      this.used[entry]! += 1;
      return;
    }
    while (this.same[last]! !== -1) last = this.same[last]!;
    this.same[last] = block;
  }

  /** Takes the entry of a key and a block out; it must be there. */
  remove(key: number, block: number): void {
    const group = key >>> groupBits;
    const entry = this.entryOf(group);
    const place = (entry << groupBits) + (key & groupMask);
    let holder = entry === -1 ? -1 : this.blocks[place]!;
    if (holder === block) {
      this.blocks[place] = this.same[block]!;
      if (this.same[block] === -1) {
        this.used[entry]! -= 1;
        if (this.used[entry] === 0) this.dropEntry(group, entry);
      }
      return;
    }
    while (holder !== -1 && this.same[holder]! !== block) holder = this.same[holder]!;
    if (holder === -1) throw new Error(`block ${block} is not held under key ${key}`);
    this.same[holder] = this.same[block]!;
  }

  private entryOf(group: number): number {
    if (group === this.lastGroup) return this.lastEntry;
    const { groups } = this;
    const mask = groups.length - 1;
    for (let slot = home(group, mask); ; slot = (slot + 1) & mask) {
      const held = groups[slot]!;
      if (held !== group && held !== -1) continue;
      this.lastGroup = group;
      this.lastEntry = held === -1 ? -1 : this.entries[slot]!;
      return this.lastEntry;
    }
  }

  private newEntry(group: number): number {
    const entry = this.free.pop() ?? this.entryCount++;
    if (entry === this.used.length) {
      this.used = larger(this.used, 0);
      this.blocks = larger(this.blocks, -1);
    }
    if (2 * (this.groupCount + 1) > this.groups.length) this.growGroups();
    this.place(group, entry);
    this.groupCount += 1;
    this.lastGroup = group;
    this.lastEntry = entry;
    return entry;
  }

  private place(group: number, entry: number): void {
    const mask = this.groups.length - 1;
    let slot = home(group, mask);
    while (this.groups[slot]! !== -1) slot = (slot + 1) & mask;
    this.groups[slot] = group;
    this.entries[slot] = entry;
  }

  private dropEntry(group: number, entry: number): void {
    const { groups, entries } = this;
    const mask = groups.length - 1;
    this.free.push(entry);
    this.groupCount -= 1;
    this.lastGroup = -1;
    let hole = home(group, mask);
    while (groups[hole]! !== group) hole = (hole + 1) & mask;
    // Groups that could not stand in their home because of this one move up.
    for (let slot = (hole + 1) & mask; groups[slot]! !== -1; slot = (slot + 1) & mask) {
      const distance = (slot - home(groups[slot]!, mask)) & mask;
      if (distance < ((slot - hole) & mask)) continue;
      groups[hole] = groups[slot]!;
      entries[hole] = entries[slot]!;
      hole = slot;
    }
    groups[hole] = -1;
  }

  private growGroups(): void {
    const groups = this.groups;
    const entries = this.entries;
    this.groups = new Int32Array(2 * groups.length).fill(-1);
    this.entries = new Int32Array(2 * groups.length);
    for (let slot = 0; slot < groups.length; slot++) {
      if (groups[slot]! !== -1) this.place(groups[slot]!, entries[slot]!);
    }
  }
}

function home(group: number, mask: number): number {
  const mixed = Math.imul(group, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) & mask;
}

function larger(values: Int32Array, fill: number): Int32Array {
  const grown = new Int32Array(2 * values.length).fill(fill);
  grown.set(values);
  return grown;
}
