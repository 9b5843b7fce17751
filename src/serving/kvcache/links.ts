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

export class KvLinks {
  private readonly clock: Clock;
  private readonly capacity: Float64Array;
  private readonly sharing: Sharing;
  /** Transfers on each link, those in their latency included. */
  private readonly users: Int32Array;
  /** Bytes asked to move over each link so far. */
  private readonly asked: Float64Array;

  /** Bytes per second of every link; Infinity for one that never binds. */
  constructor(clock: Clock, capacities: readonly BytesPerSecond[]) {
    this.clock = clock;
    this.capacity = Float64Array.from(capacities);
    this.sharing = new Sharing(clock, this.capacity);
    this.users = new Int32Array(capacities.length);
    this.asked = new Float64Array(capacities.length);
  }

  /** A way over links; those that never bind are left out. */
  path(links: readonly number[], latency: Seconds): LinkPath {
    const binding = links.filter((link) => this.capacity[link]! < Number.POSITIVE_INFINITY);
    return { path: { resources: Int32Array.from(new Set(binding)) }, latency };
  }

  send({ path, latency }: LinkPath, size: Bytes, done: () => void): void {
    for (const link of path.resources) {
      this.users[link]! += 1;
      this.asked[link]! += size;
    }
    const ended = (): void => {
      for (const link of path.resources) this.users[link]! -= 1;
      done();
    };
    const start = (): void => {
      this.sharing.start({ path, size, done: ended });
    };
    if (latency > 0) this.clock.after(latency, start, "arrive");
    else start();
  }

  /** What a transfer started now would take if those under way went on beside it. */
  estimate({ path, latency }: LinkPath, size: Bytes): Seconds {
    let slowest = Number.POSITIVE_INFINITY;
    for (const link of path.resources) slowest = Math.min(slowest, this.capacity[link]! / (this.users[link]! + 1));
    return latency + size / slowest;
  }

  /** Bytes that were asked to move over a link so far. */
  carried(link: number): Bytes {
    return this.asked[link]!;
  }
}
