/**
 * Consistent hashing: replicas have many points on a ring, a key belongs to the next point. A replica that comes or
 * goes moves only the keys next to its points.
 * @source karger-1997
 */

import type { ReplicaView } from "./policy.ts";

/** The ring of the replicas that are ready. Rebuilt when they change. */
export class HashRing {
  private points: Uint32Array = new Uint32Array(0);
  private owners: Int32Array = new Int32Array(0);
  private members = "";
  private readonly pointsEach: number;

  constructor(pointsEach: number) {
    this.pointsEach = pointsEach;
  }

  /** Owner of a key; -1 on an empty ring. */
  owner(key: number, replicas: readonly ReplicaView[]): number {
    return this.walk(key, replicas, () => true);
  }

  /** First owner from the key's place on that is accepted; the key's own where none is. */
  walk(key: number, replicas: readonly ReplicaView[], accepts: (replica: number) => boolean): number {
    this.build(replicas);
    const count = this.points.length;
    if (count === 0) return -1;
    const start = this.place(mixed(key, 0x2545f491));
    const seen = new Set<number>();
    for (let step = 0; step < count; step++) {
      const owner = this.owners[(start + step) % count] as number;
      if (seen.has(owner)) continue;
      if (accepts(owner)) return owner;
      seen.add(owner);
    }
    return this.owners[start % count] as number;
  }

  private build(replicas: readonly ReplicaView[]): void {
    const ready = replicas.filter((view) => view.ready).map((view) => view.index);
    const members = ready.join();
    if (members === this.members) return;
    this.members = members;
    const points = ready.flatMap((index) =>
      Array.from({ length: this.pointsEach }, (_, number) => ({ index, point: mixed(index, number + 1) })),
    );
    points.sort((one, other) => one.point - other.point || one.index - other.index);
    this.points = Uint32Array.from(points, ({ point }) => point);
    this.owners = Int32Array.from(points, ({ index }) => index);
  }

  /** First point at or after a place. */
  private place(hash: number): number {
    let [low, high] = [0, this.points.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.points[middle] as number) < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** 32 well mixed bits of two integers (the finishing steps of MurmurHash3). */
function mixed(value: number, salt: number): number {
  let state = Math.imul(value ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  state = Math.imul(state ^ (state >>> 16) ^ salt, 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
