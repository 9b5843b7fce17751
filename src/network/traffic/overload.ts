/**
 * Receivers to which more is sent than their ports take: what a fluid shares out evenly there, a real network pauses or
 * drops. A sender of d messages at once offers each receiver a d-th of its port, so a receiver is overloaded when
 *
 *     sum over messages on their way to it of 1/d > 1
 *
 * Halo exchanges, permutations and transpositions overload nobody, incast of k senders by the factor k. Messages inside
 * a scale-up domain do not count. Ignores: that a narrow fabric may let less arrive than is offered.
 */

import type { Bytes, BytesPerSecond } from "../../base/quantity.ts";
import type { Routes } from "../routing/index.ts";
import type { Step } from "./message.ts";

export interface Overloaded {
  /** Receivers that were, and messages that were on their way to one then. */
  readonly receivers: number;
  readonly messages: number;
  /** The receiver that took longest: what it was sent in all by how many, and what its port takes. */
  readonly worst: {
    readonly receiver: number;
    readonly senders: number;
    readonly bytes: Bytes;
    readonly bandwidth: BytesPerSecond;
  };
  /** Whether the message that arrives last was one of them. */
  readonly last: "overloaded" | "free";
}

export interface OverloadQuestion {
  /** By message: until it has arrived, and its rate were it alone. */
  readonly completion: Float64Array;
  readonly rates: Float64Array;
  readonly last: number;
}

/** Nothing where no receiver was overloaded. */
export function overloadOfStep(routes: Routes, messages: Step, question: OverloadQuestion): Overloaded | undefined {
  const bound = overloadedMessages(routes, messages, question.completion);
  const receivers = new Map<number, { senders: Set<number>; bytes: Bytes; bandwidth: BytesPerSecond }>();
  let count = 0;
  messages.forEach(({ from, to, size }, index) => {
    if (bound[index] === 0) return;
    count++;
    const known = receivers.get(to) ?? { senders: new Set<number>(), bytes: 0, bandwidth: 0 };
    known.senders.add(from);
    known.bytes += size;
    known.bandwidth = Math.max(known.bandwidth, question.rates[index]!);
    receivers.set(to, known);
  });
  if (count === 0) return undefined;
  const [receiver, worst] = [...receivers].reduce((most, next) => {
    return next[1].bytes / next[1].bandwidth > most[1].bytes / most[1].bandwidth ? next : most;
  });
  return {
    receivers: receivers.size,
    messages: count,
    worst: { receiver, senders: worst.senders.size, bytes: worst.bytes, bandwidth: worst.bandwidth },
    last: bound[question.last] === 1 ? "overloaded" : "free",
  };
}

/** Whether a step overloads a receiver when all of it begins at once. */
export function overloads(routes: Routes, messages: Step): boolean {
  return overloadedMessages(routes, messages, new Float64Array(messages.length).fill(1)).includes(1);
}

/** 1 for each message that was on its way to a receiver while that was overloaded. */
function overloadedMessages(routes: Routes, messages: Step, completion: Float64Array): Uint8Array {
  const bound = new Uint8Array(messages.length);
  const sending = new Map<number, number>();
  const arriving = new Map<number, Set<number>>();
  const touched = new Set<number>();
  forEachInstant(eventsOf(routes, messages, completion), (events) => {
    for (const { index, change } of events) {
      const { from, to } = messages[index]!;
      sending.set(from, (sending.get(from) ?? 0) + change);
      const active = arriving.get(to) ?? new Set<number>();
      arriving.set(to, active);
      if (change === 1) {
        active.add(index);
        touched.add(to);
      } else active.delete(index);
    }
    for (const receiver of touched) {
      const active = arriving.get(receiver) ?? new Set<number>();
      let offered = 0;
      for (const index of active) offered += 1 / (sending.get(messages[index]!.from) ?? 1);
      if (offered > 1 + 1e-9) for (const index of active) bound[index] = 1;
    }
    touched.clear();
  });
  return bound;
}

interface Change {
  readonly time: number;
  readonly index: number;
  readonly change: 1 | -1;
}

/** Starts and ends of what crosses the fabric, ends first at one instant. */
function eventsOf(routes: Routes, messages: Step, completion: Float64Array): Change[] {
  const events: Change[] = [];
  messages.forEach(({ from, to, start }, index) => {
    if (routes.domainOf(from) === routes.domainOf(to)) return;
    events.push({ time: start, index, change: 1 }, { time: start + completion[index]!, index, change: -1 });
  });
  return events.sort((a, b) => a.time - b.time || a.change - b.change || a.index - b.index);
}

function forEachInstant(events: readonly Change[], visit: (events: readonly Change[]) => void): void {
  let begin = 0;
  for (let end = 1; end <= events.length; end++) {
    if (end < events.length && events[end]!.time === events[begin]!.time) continue;
    visit(events.slice(begin, end));
    begin = end;
  }
}
