/** Which flows use which resource: a doubly linked list a resource, all in typed arrays that grow together. */

export class Users {
  private readonly heads: Int32Array;
  private following = new Int32Array(1024);
  private before = new Int32Array(1024);
  private owners = new Int32Array(1024);
  private length = 0;
  private free = -1;

  constructor(resources: number) {
    this.heads = new Int32Array(resources).fill(-1);
  }

  /** Enters an owner under a resource; returns the entry for `remove`. */
  add(resource: number, owner: number): number {
    const entry = this.entry();
    const head = this.heads[resource]!;
    this.owners[entry] = owner;
    this.following[entry] = head;
    this.before[entry] = -1;
    if (head >= 0) this.before[head] = entry;
    this.heads[resource] = entry;
    return entry;
  }

  remove(resource: number, entry: number): void {
    const before = this.before[entry]!;
    const after = this.following[entry]!;
    if (before >= 0) this.following[before] = after;
    else this.heads[resource] = after;
    if (after >= 0) this.before[after] = before;
    this.following[entry] = this.free;
    this.free = entry;
  }

  /** First entry under a resource; -1 where there is none. */
  first(resource: number): number {
    return this.heads[resource]!;
  }

  /** The entry after one; -1 after the last. */
  next(entry: number): number {
    return this.following[entry]!;
  }

  owner(entry: number): number {
    return this.owners[entry]!;
  }

  private entry(): number {
    if (this.free >= 0) {
      const entry = this.free;
      this.free = this.following[entry]!;
      return entry;
    }
    if (this.length === this.following.length) {
      this.following = doubled(this.following);
      this.before = doubled(this.before);
      this.owners = doubled(this.owners);
    }
    return this.length++;
  }
}

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * values.length);
  larger.set(values);
  return larger;
}
