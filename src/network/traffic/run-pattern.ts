/**
 * A pattern in one or several groups of accelerators, round after round: how long it takes, where that goes, when its
 * messages arrive and what the links carry. Rounds that are alike are run once; others are drawn one by one.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import type { Routes } from "../routing/index.ts";
import { stepFlow } from "./in-step.ts";
import { addLoad } from "./loads.ts";
import { lonelyRate, type Message, type NoWay, type Step } from "./message.ts";
import { type Overloaded, overloadOfStep } from "./overload.ts";
import type { PatternOptions, TrafficPattern } from "./pattern/pattern.ts";
import { runStep } from "./run-messages.ts";

export interface PatternRequest {
  readonly pattern: TrafficPattern;
  /** Defaults filled in. */
  readonly options: PatternOptions;
  /** Accelerators of each group; the pattern runs in all at once. */
  readonly groups: readonly (readonly number[])[];
  /** Of one message. */
  readonly size: Bytes;
  readonly rounds: number;
  readonly stream: RandomStream;
}

/** Where the time of the last message of every step goes; adds up to the time. */
export interface TrafficParts {
  /** Until it starts, where messages have times of their own. */
  readonly waiting: Seconds;
  readonly latency: Seconds;
  /** Were it alone in the network. */
  readonly transfer: Seconds;
  readonly contention: Seconds;
}

export interface TrafficRun {
  readonly time: Seconds;
  readonly parts: TrafficParts;
  /** By message of the rounds that were run: from its start until it arrived, and how many times as long as alone. */
  readonly completion: Float64Array;
  readonly slowdown: Float64Array;
  /** Messages and bytes of all rounds. */
  readonly messages: number;
  readonly bytes: Bytes;
  /** Endpoints that send anything. */
  readonly senders: number;
  /** Bytes by link over all rounds. */
  readonly carried: Float64Array;
  /** Longest that rates were held although messages came or went. */
  readonly pause: Seconds;
  /** The worst of all steps, with the messages of all; absent where no receiver was overloaded. */
  readonly overload?: Overloaded;
}

export function runPattern(routes: Routes, request: PatternRequest): TrafficRun | NoWay {
  const { pattern, rounds } = request;
  const drawn = pattern.rounds === "drawn" ? rounds : 1;
  const sum = new TrafficSum(routes.topology.ends.length);
  for (let round = 0; round < drawn; round++) {
    for (const messages of patternSteps(request)) {
      const found = pattern.pace === "free" ? runFree(routes, messages) : runInStep(routes, messages);
      if ("from" in found) return found;
      sum.add(messages, found);
    }
  }
  return sum.result(rounds / drawn);
}

/** Messages of one round, step by step, on the accelerators of the groups. */
export function patternSteps({ pattern, options, groups, size, stream }: Omit<PatternRequest, "rounds">): Step[] {
  const steps: Message[][] = [];
  for (const members of groups) {
    pattern.steps(members.length, options, stream).forEach((pairs, index) => {
      steps[index] ??= [];
      for (const { from, to } of pairs) {
        steps[index].push({ from: members[from] ?? 0, to: members[to] ?? 0, size, start: 0 });
      }
    });
  }
  return steps;
}

/** A recorded or generated list of messages, each with its own start. */
export function runTrace(routes: Routes, messages: Step): TrafficRun | NoWay {
  const sum = new TrafficSum(routes.topology.ends.length);
  const found = runFree(routes, messages);
  if ("from" in found) return found;
  sum.add(messages, found);
  return sum.result(1);
}

/** What a step adds to a run. */
interface StepPart
  extends Pick<TrafficRun, "time" | "parts" | "completion" | "slowdown" | "carried" | "pause" | "overload"> {}

function runFree(routes: Routes, messages: Step): StepPart | NoWay {
  const run = runStep(routes, messages);
  if ("from" in run) return run;
  const { completion, latency, alone, carried, pause, time } = run;
  const last = lastOf(messages, completion);
  const waiting = messages[last]?.start ?? 0;
  const [way, transfer] = [latency[last] ?? 0, alone[last] ?? 0];
  const parts = { waiting, latency: way, transfer, contention: time - waiting - way - transfer };
  const slowdown = completion.map((value, index) => value / (latency[index]! + alone[index]!));
  const rates = Float64Array.from(messages, ({ size }, index) => size / alone[index]!);
  const overload = overloadOfStep(routes, messages, { completion, rates, last });
  return { time, parts, completion, slowdown, carried, pause, ...(overload === undefined ? {} : { overload }) };
}

function lastOf(messages: Step, completion: Float64Array): number {
  let last = 0;
  const end = (index: number): Seconds => (messages[index]?.start ?? 0) + (completion[index] ?? 0);
  for (let index = 1; index < messages.length; index++) if (end(index) > end(last)) last = index;
  return last;
}

/** All messages as one flow. What its first sender would need alone is the transfer, the rest contention. */
function runInStep(routes: Routes, messages: Step): StepPart | NoWay {
  const { topology } = routes;
  const flow = stepFlow(routes, messages, 0);
  if ("from" in flow) return flow;
  const own = messages.filter(({ from }) => from === messages[0]?.from);
  const single = stepFlow(routes, own, 0);
  if ("from" in single) return single;
  const { latency } = flow;
  const transfer = single.size / lonelyRate(topology, single.path);
  const whole = Math.max(transfer, flow.size / lonelyRate(topology, flow.path));
  const time = latency + whole;
  const carried = new Float64Array(topology.ends.length);
  addLoad(carried, flow.path, flow.size);
  const parts = { waiting: 0, latency, transfer, contention: whole - transfer };
  const completion = Float64Array.of(time);
  return { time, parts, completion, slowdown: Float64Array.of(time / (latency + transfer)), carried, pause: 0 };
}

/** Adds up steps. It has a life: one run, one sum. */
class TrafficSum {
  private time = 0;
  private parts = { waiting: 0, latency: 0, transfer: 0, contention: 0 };
  private readonly completion: Float64Array[] = [];
  private readonly slowdown: Float64Array[] = [];
  private readonly carried: Float64Array;
  private readonly senders = new Set<number>();
  private messages = 0;
  private bytes = 0;
  private pause = 0;
  private overload: Overloaded | undefined;

  constructor(links: number) {
    this.carried = new Float64Array(links);
  }

  add(messages: Step, step: StepPart): void {
    this.time += step.time;
    for (const part of ["waiting", "latency", "transfer", "contention"] as const) this.parts[part] += step.parts[part];
    this.completion.push(step.completion);
    this.slowdown.push(step.slowdown);
    for (let link = 0; link < this.carried.length; link++) this.carried[link]! += step.carried[link]!;
    for (const { from, size } of messages) {
      this.senders.add(from);
      this.bytes += size;
    }
    this.messages += messages.length;
    this.pause = Math.max(this.pause, step.pause);
    if (step.overload === undefined) return;
    const worse = longerOverload(step.overload, this.overload);
    this.overload = { ...worse, messages: step.overload.messages + (this.overload?.messages ?? 0) };
  }

  /** Of so many repetitions of all that was added. */
  result(times: number): TrafficRun {
    const { waiting, latency, transfer, contention } = this.parts;
    return {
      time: times * this.time,
      parts: {
        waiting: times * waiting,
        latency: times * latency,
        transfer: times * transfer,
        contention: times * contention,
      },
      completion: joined(this.completion),
      slowdown: joined(this.slowdown),
      messages: times * this.messages,
      bytes: times * this.bytes,
      senders: this.senders.size,
      carried: this.carried.map((bytes) => times * bytes),
      pause: this.pause,
      ...(this.overload === undefined
        ? {}
        : { overload: { ...this.overload, messages: times * this.overload.messages } }),
    };
  }
}

/** Of two steps, the one that decides a time first. */
function longerOverload(one: Overloaded, other: Overloaded | undefined): Overloaded {
  if (other === undefined) return one;
  if (one.last !== other.last) return one.last === "overloaded" ? one : other;
  const lasting = ({ worst }: Overloaded): Seconds => worst.bytes / worst.bandwidth;
  return lasting(one) > lasting(other) ? one : other;
}

function joined(lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(lists.reduce((count, list) => count + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
