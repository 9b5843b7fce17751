/**
 * The links over which blocks move: every transfer waits a latency, then shares all links of its path with whatever else
 * moves over them, max-min fair.
 *
 *     time alone = latency + bytes / slowest link
 *
 * Ignores: how a transfer is cut into messages; protocols below it.
 */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { type Clock, type SharedPath, Sharing } from "../../simulation/index.ts";

/** Links in the order of the bytes; make one object and use it for all transfers alike. */
export interface LinkPath {
  readonly path: SharedPath;
  readonly latency: Seconds;
}

/** A transfer that has all its links for itself: its end is known without solving anything. */
interface Alone {
  readonly way: LinkPath;
  readonly size: Bytes;
  readonly done: () => void;
  /** When its bytes begin to move, and how fast. */
  readonly begins: Seconds;
  readonly rate: BytesPerSecond;
  end: number;
}

export class KvLinks {
  private readonly clock: Clock;
  private readonly capacity: Float64Array;
  private readonly sharing: Sharing;
  /** Transfers on each link, those in their latency included, and the one that has it for itself. */
  private readonly users: Int32Array;
  private readonly alone: (Alone | undefined)[];
  /** Bytes asked to move over each link so far. */
  private readonly asked: Float64Array;

  /** Bytes per second of every link; Infinity for one that never binds. */
  constructor(clock: Clock, capacities: readonly BytesPerSecond[]) {
    this.clock = clock;
    this.capacity = Float64Array.from(capacities);
    this.sharing = new Sharing(clock, this.capacity);
    this.users = new Int32Array(capacities.length);
    this.alone = capacities.map(() => undefined);
    this.asked = new Float64Array(capacities.length);
  }

  /** A way over links; those that never bind are left out. */
  path(links: readonly number[], latency: Seconds): LinkPath {
    const binding = links.filter((link) => this.capacity[link]! < Number.POSITIVE_INFINITY);
    return { path: { resources: Int32Array.from(new Set(binding)) }, latency };
  }

  send(way: LinkPath, size: Bytes, done: () => void): void {
    let others = 0;
    for (const link of way.path.resources) {
      const before = this.alone[link];
      if (before !== undefined) this.join(before);
      others += this.users[link]!;
      this.users[link]! += 1;
      this.asked[link]! += size;
    }
    if (others === 0) this.sendAlone(way, size, done);
    else this.share(way, size, way.latency, done);
  }

  /** What a transfer started now would take if those under way went on beside it. */
  estimate({ path, latency }: LinkPath, size: Bytes): Seconds {
    return latency + size / this.rate(path, 1);
  }

  /** Bytes that were asked to move over a link so far. */
  carried(link: number): Bytes {
    return this.asked[link]!;
  }

  private sendAlone(way: LinkPath, size: Bytes, done: () => void): void {
    const begins = this.clock.now() + way.latency;
    const transfer: Alone = { way, size, done, begins, rate: this.rate(way.path, 0), end: -1 };
    for (const link of way.path.resources) this.alone[link] = transfer;
    const time = size === 0 ? 0 : size / transfer.rate;
    transfer.end = this.clock.after(way.latency + time, () => this.ended(way, done), "complete");
  }

  /** Another transfer comes to one of its links: what is left is shared from now on. */
  private join({ way, size, done, begins, rate, end }: Alone): void {
    this.clock.cancel(end);
    for (const link of way.path.resources) this.alone[link] = undefined;
    const waits = begins - this.clock.now();
    this.share(way, waits >= 0 ? size : Math.max(0, size + rate * waits), Math.max(0, waits), done);
  }

  private share(way: LinkPath, size: Bytes, latency: Seconds, done: () => void): void {
    const start = (): void => {
      this.sharing.start({ path: way.path, size, done: () => this.ended(way, done) });
    };
    if (latency > 0) this.clock.after(latency, start, "arrive");
    else start();
  }

  private ended({ path }: LinkPath, done: () => void): void {
    for (const link of path.resources) {
      this.users[link]! -= 1;
      this.alone[link] = undefined;
    }
    done();
  }

  /** Rate of one more transfer beside those there, where each link is divided evenly. */
  private rate({ resources }: SharedPath, more: number): BytesPerSecond {
    let slowest = Number.POSITIVE_INFINITY;
    for (const link of resources) {
      slowest = Math.min(slowest, this.capacity[link]! / Math.max(1, this.users[link]! + more));
    }
    return slowest;
  }
}
