/**
 * The event queue: a 4-ary heap in typed arrays, ordered by (time, phase, sequence). Sequence is the order of
 * scheduling, so events of one instant and phase keep their order. Nothing else decides.
 */

import type { Seconds } from "../base/quantity.ts";

/** Order of events at one instant: what ends, what comes, who chooses, who looks. */
export type Phase = "complete" | "arrive" | "decide" | "observe";

export type Action = () => void;

const ranks: Readonly<Record<Phase, number>> = Object.freeze({ complete: 0, arrive: 1, decide: 2, observe: 3 });

const ARITY = 4;
/** Phase and sequence share one number: four ranks of 2^50 sequences, more than a simulation lives to see. */
const SEQUENCES = 2 ** 50;
/** A handle is a slot and the number of times it was used before. */
const SLOTS = 2 ** 24;

/** Pending events of one simulation. */
export class EventQueue {
  private length = 0;
  private sequence = 0;
  // The heap, by position.
  private times: Float64Array;
  private orders: Float64Array;
  private slots: Int32Array;
  // What belongs to an event while it moves about the heap, by slot.
  private positions: Int32Array;
  private uses: Float64Array;
  private actions: (Action | undefined)[] = [];
  private free: number[] = [];

  /** `capacity` is the first size of the arrays; they double when full. */
  constructor(capacity = 256) {
    this.times = new Float64Array(capacity);
    this.orders = new Float64Array(capacity);
    this.slots = new Int32Array(capacity);
    this.positions = new Int32Array(capacity);
    this.uses = new Float64Array(capacity);
  }

  get size(): number {
    return this.length;
  }

  /** Time of the next event; Infinity when there is none. */
  get nextTime(): Seconds {
    return this.length === 0 ? Number.POSITIVE_INFINITY : this.times[0]!;
  }

  /** Schedule an action; returns a handle for `cancel`. Throws when the time is not a finite number. */
  push(time: Seconds, phase: Phase, action: Action): number {
    if (!(time > Number.NEGATIVE_INFINITY && time < Number.POSITIVE_INFINITY)) {
      throw new Error(`cannot schedule an event at ${time}`);
    }
    if (this.length === this.times.length) this.grow();
    const slot = this.free.pop() ?? this.length;
    this.actions[slot] = action;
    const order = ranks[phase] * SEQUENCES + this.sequence;
    this.sequence += 1;
    this.length += 1;
    this.siftUp(this.length - 1, time, order, slot);
    return slot + SLOTS * this.uses[slot]!;
  }

  /** Take an event out before it happens; false when it has happened or was cancelled already. */
  cancel(handle: number): boolean {
    const slot = handle % SLOTS;
    if (this.actions[slot] === undefined || this.uses[slot]! !== Math.floor(handle / SLOTS)) return false;
    this.remove(this.positions[slot]!);
    return true;
  }

  /** Remove the next event and return its action; undefined when there is none. */
  pop(): Action | undefined {
    return this.length === 0 ? undefined : this.remove(0);
  }

  private remove(position: number): Action | undefined {
    const slot = this.slots[position]!;
    const action = this.actions[slot];
    this.actions[slot] = undefined;
    this.uses[slot]! += 1;
    this.free.push(slot);
    this.length -= 1;
    const last = this.length;
    if (position < last) {
      const time = this.times[last]!;
      const order = this.orders[last]!;
      if (position > 0 && this.precedes(time, order, (position - 1) >> 2)) {
        this.siftUp(position, time, order, this.slots[last]!);
      } else {
        this.siftDown(position, time, order, this.slots[last]!);
      }
    }
    return action;
  }

  private siftUp(from: number, time: number, order: number, slot: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 2;
      if (!this.precedes(time, order, parent)) break;
      this.place(position, this.times[parent]!, this.orders[parent]!, this.slots[parent]!);
      position = parent;
    }
    this.place(position, time, order, slot);
  }

  private siftDown(from: number, time: number, order: number, slot: number): void {
    let position = from;
    for (;;) {
      const first = position * ARITY + 1;
      if (first >= this.length) break;
      let least = first;
      const end = Math.min(first + ARITY, this.length);
      for (let child = first + 1; child < end; child++) {
        if (this.precedes(this.times[child]!, this.orders[child]!, least)) least = child;
      }
      if (this.precedes(time, order, least)) break;
      this.place(position, this.times[least]!, this.orders[least]!, this.slots[least]!);
      position = least;
    }
    this.place(position, time, order, slot);
  }

  private precedes(time: number, order: number, position: number): boolean {
    const other = this.times[position]!;
    return time < other || (time === other && order < this.orders[position]!);
  }

  private place(position: number, time: number, order: number, slot: number): void {
    this.times[position] = time;
    this.orders[position] = order;
    this.slots[position] = slot;
    this.positions[slot] = position;
  }

  private grow(): void {
    const capacity = this.times.length * 2;
    if (capacity > SLOTS) throw new Error(`more than ${SLOTS} pending events`);
    this.times = enlarged(this.times, new Float64Array(capacity));
    this.orders = enlarged(this.orders, new Float64Array(capacity));
    this.slots = enlarged(this.slots, new Int32Array(capacity));
    this.positions = enlarged(this.positions, new Int32Array(capacity));
    this.uses = enlarged(this.uses, new Float64Array(capacity));
  }
}

function enlarged<Values extends Float64Array | Int32Array>(values: Values, larger: Values): Values {
  larger.set(values);
  return larger;
}
