/**
 * Blocks of a session that a rank keeps after an answer, over the wait for a tool or a user: as long as they are pinned
 * they cannot be evicted. They are let go when the session's next request has them, when their time is over, and before
 * anybody waits or is preempted for want of room, the oldest first.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { Rank } from "../engine/rank.ts";

interface Pin {
  readonly blocks: Int32Array;
  /** Of the event that ends it. */
  readonly end: number;
}

export class Pins {
  private readonly clock: Clock;
  private readonly rank: Rank;
  private readonly timeToLive: Seconds;
  /** By session, the oldest first. */
  private readonly pins: Map<number, Pin> = new Map();

  constructor(options: { readonly clock: Clock; readonly rank: Rank; readonly timeToLive: Seconds }) {
    this.clock = options.clock;
    this.rank = options.rank;
    this.timeToLive = options.timeToLive;
  }

  /** A request of a session is done: what it holds stays. */
  keep(row: number): void {
    const session = this.rank.state.list.session[row]!;
    if (session === -1) return;
    this.release(session);
    const blocks = this.rank.detachBlocks(row);
    this.pins.set(session, { blocks, end: this.clock.after(this.timeToLive, () => this.release(session), "complete") });
  }

  /** The blocks of a session may be evicted. */
  release(session: number): void {
    const pin = this.pins.get(session);
    if (pin === undefined) return;
    this.pins.delete(session);
    this.clock.cancel(pin.end);
    this.rank.returnBlocks(pin.blocks);
  }

  /** Lets the oldest go; false where there is none. */
  giveWay(): boolean {
    for (const session of this.pins.keys()) {
      this.release(session);
      return true;
    }
    return false;
  }

  /** Lets all go: the replica is lost or at its end. */
  clear(): void {
    while (this.giveWay());
  }
}
