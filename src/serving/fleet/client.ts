/**
 * The clients: they send requests when the list says so, start what waits for others when those have ended, keep to a
 * limit of requests at once, and give up after their patience.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { RequestList } from "../../workload/request/list.ts";
import { phases, type RequestState } from "../request-state.ts";

export interface ClientParts {
  readonly state: RequestState;
  readonly clock: Clock;
  readonly send: (row: number) => void;
  readonly giveUp: (row: number) => void;
}

export class Client {
  private readonly parts: ClientParts;
  private readonly list: RequestList;
  /** Roots by time of release; the next of them, and of those released the next to be sent. */
  private readonly roots: Int32Array;
  private nextRoot = 0;
  private nextSent = 0;
  private inFlight = 0;
  private endedCount = 0;
  /** When the last request ended so far. */
  lastEnd: Seconds = 0;
  private readonly parentsLeft: Int32Array;
  private readonly childStart: Int32Array;
  private readonly children: Int32Array;

  constructor(parts: ClientParts) {
    this.parts = parts;
    const { list } = parts.state;
    this.list = list;
    const { count, parentStart, parents } = list;
    this.parentsLeft = Int32Array.from({ length: count }, (_, row) => parentStart[row + 1]! - parentStart[row]!);
    this.roots = rootsByRelease(list, this.parentsLeft);
    this.childStart = new Int32Array(count + 1);
    this.children = new Int32Array(parents.length);
    for (const parent of parents) this.childStart[parent + 1]! += 1;
    for (let row = 0; row < count; row++) this.childStart[row + 1]! += this.childStart[row]!;
    const filled = this.childStart.slice(0, count);
    for (let row = 0; row < count; row++) {
      for (let at = parentStart[row]!; at < parentStart[row + 1]!; at++) {
        const parent = parents[at]!;
        this.children[filled[parent]!] = row;
        filled[parent]! += 1;
      }
    }
  }

  start(): void {
    this.scheduleRoot();
  }

  /** Requests that are under way or still to come. */
  get openCount(): number {
    return this.list.count - this.endedCount;
  }

  get unfinished(): boolean {
    return this.openCount > 0;
  }

  /** The client has its last token, or was refused, or gave up. */
  ended(row: number): void {
    this.inFlight -= 1;
    this.endedCount += 1;
    this.lastEnd = this.parts.clock.now();
    for (let at = this.childStart[row]!; at < this.childStart[row + 1]!; at++) {
      const child = this.children[at]!;
      this.parentsLeft[child]! -= 1;
      if (this.parentsLeft[child] === 0) this.later(this.list.release[child]!, () => this.send(child));
    }
    this.sendReleased();
  }

  private scheduleRoot(): void {
    const row = this.roots[this.nextRoot];
    if (row === undefined) return;
    const { clock } = this.parts;
    this.later(this.list.release[row]! - clock.now(), () => {
      this.nextRoot += 1;
      this.sendReleased();
      this.scheduleRoot();
    });
  }

  private sendReleased(): void {
    const { concurrency } = this.list;
    while (this.nextSent < this.nextRoot && (concurrency === 0 || this.inFlight < concurrency)) {
      const row = this.roots[this.nextSent]!;
      this.nextSent += 1;
      this.send(row);
    }
  }

  private send(row: number): void {
    const { state, clock, send, giveUp } = this.parts;
    this.inFlight += 1;
    state.released[row] = clock.now();
    state.phase[row] = phases.under;
    const { timeout } = this.list.classes[this.list.classOf[row]!]!;
    if (timeout < Number.POSITIVE_INFINITY) {
      this.later(timeout, () => {
        if (state.phase[row] === phases.under) giveUp(row);
      });
    }
    send(row);
  }

  private later(delay: Seconds, action: () => void): void {
    this.parts.clock.after(Math.max(0, delay), action, "arrive");
  }
}

/** Rows that wait for no other, by release and then by place. */
function rootsByRelease({ count, release }: RequestList, parents: Int32Array): Int32Array {
  const roots = Int32Array.from({ length: count }, (_, row) => row).filter((row) => parents[row] === 0);
  const ordered = roots.every((row, index) => index === 0 || release[roots[index - 1]!]! <= release[row]!);
  return ordered ? roots : roots.sort((a, b) => release[a]! - release[b]! || a - b);
}
