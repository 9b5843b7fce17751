/**
 * The simulation: one clock and one queue on which everything that happens over time runs. Events at one instant
 * run by phase, then in the order in which they were scheduled. Two simulations share nothing.
 */

import type { Seconds } from "../base/quantity.ts";
import { type Action, EventQueue, type Phase } from "./queue.ts";

/** What a model or a policy may know about time; the live gateway gives its policies a real one. */
export interface Clock {
  now(): Seconds;
  /** Run an action after a delay of 0 or more; returns a handle for `cancel`. */
  after(delay: Seconds, action: Action, phase: Phase): number;
  /** Take a scheduled action back; false when it has run or was taken back already. */
  cancel(handle: number): boolean;
}

export class Simulation implements Clock {
  private time: Seconds = 0;
  private done = 0;
  private readonly queue = new EventQueue();

  now(): Seconds {
    return this.time;
  }

  /** Events that have run. */
  get eventCount(): number {
    return this.done;
  }

  /** Events that wait. */
  get pendingCount(): number {
    return this.queue.size;
  }

  /** Throws when the delay is negative or not a number: nothing happens in the past. */
  after(delay: Seconds, action: Action, phase: Phase): number {
    if (!(delay >= 0)) throw new Error(`cannot schedule an event ${delay} s from now`);
    return this.queue.push(this.time + delay, phase, action);
  }

  /** Run an action at a time that is not in the past. */
  at(time: Seconds, action: Action, phase: Phase): number {
    if (!(time >= this.time)) throw new Error(`cannot schedule an event at ${time} s, it is ${this.time} s`);
    return this.queue.push(time, phase, action);
  }

  cancel(handle: number): boolean {
    return this.queue.cancel(handle);
  }

  /** Run the next event; false when there is none. */
  step(): boolean {
    const next = this.queue.nextTime;
    const action = this.queue.pop();
    if (action === undefined) return false;
    this.time = next;
    this.done += 1;
    action();
    return true;
  }

  /** Run every event up to and including `end`, then set the clock to `end` unless it is Infinity. */
  run(end: Seconds = Number.POSITIVE_INFINITY): void {
    while (this.queue.size > 0 && this.queue.nextTime <= end) this.step();
    if (end < Number.POSITIVE_INFINITY && end > this.time) this.time = end;
  }
}
