/**
 * Timers of the framework against the parts that run while they run. What a timer measures need not be guessed: its parts
 * together are off by exactly what it says.
 *
 * Timers hold others: `forward-backward` holds the passes of all micro-batches, waiting between them and the reduction of
 * gradients; `optimizer` holds the gather of parameters unless it overlaps with the next forward pass. An inner timer is
 * taken out of the outer one, so that each part belongs to one timer.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { SoftwareProfile } from "../../training/index.ts";

export interface TimerGroup {
  /** `forward-backward without all-grads-sync`. */
  readonly timer: string;
  readonly measured: Seconds;
  /** Parts that run while it does. */
  readonly terms: readonly string[];
}

/** Names under which Megatron has measured a thing, the newest first; each of its parts only once. */
const names = {
  reduce: [
    "all-grads-sync",
    "backward-reduce-model-grads",
    "grads-reduce-scatter",
    "grads-all-reduce",
    "backward-params-all-reduce",
  ],
  gather: ["params-all-gather", "backward-gather-model-params"],
  optimizer: ["optimizer"],
  whole: ["forward-backward"],
} as const;

const passParts = ["tensor", "context", "expert", "sharded", "interference", "launch"];

/** Disjoint groups of the parts that timers cover; `computation` are the parts of that branch. */
export function timerGroups(
  timers: Readonly<Record<string, Seconds>>,
  parts: { readonly all: readonly string[]; readonly computation: readonly string[] },
  overlap: SoftwareProfile["overlap"],
): readonly TimerGroup[] {
  const once = ["optimizer", "gradientReduce", "parameterGather", "fixed"];
  const reduce = found(timers, names.reduce, ["gradientReduce"]);
  const gather = found(timers, names.gather, ["parameterGather"]);
  const passes = passesOf(timers, [...parts.computation, ...passParts]);
  const ahead = overlap.parameterGather === "on";
  const inPipeline = [...parts.all.filter((name) => !once.includes(name)), "gradientReduce"];
  const whole = found(timers, names.whole, [...inPipeline, ...(ahead ? ["parameterGather"] : [])]);
  const optimizer = found(timers, names.optimizer, ["optimizer", ...(ahead ? [] : ["parameterGather"])]);
  const inner = [reduce, passes, ...(ahead ? [gather] : [])];
  return [reduce, gather, passes, without(whole, inner), without(optimizer, ahead ? [] : [gather])].filter(
    (group) => group !== undefined,
  );
}

function found(
  timers: Readonly<Record<string, Seconds>>,
  candidates: readonly string[],
  terms: readonly string[],
): TimerGroup | undefined {
  const timer = candidates.find((name) => timers[name] !== undefined);
  return timer === undefined ? undefined : { timer, measured: timers[timer] ?? 0, terms };
}

/** Computation of the passes, with what is exposed inside them. */
function passesOf(timers: Readonly<Record<string, Seconds>>, terms: readonly string[]): TimerGroup | undefined {
  const { "forward-compute": forward, "backward-compute": backward } = timers;
  if (forward === undefined || backward === undefined) return undefined;
  return { timer: "forward-compute + backward-compute", measured: forward + backward, terms };
}

/** What is left of a timer without those inside it; nothing where slowest ranks differ so much that they exceed it. */
function without(outer: TimerGroup | undefined, inner: readonly (TimerGroup | undefined)[]): TimerGroup | undefined {
  if (outer === undefined) return undefined;
  const held = inner.filter((group) => group !== undefined);
  const measured = held.reduce((rest, group) => rest - group.measured, outer.measured);
  const terms = outer.terms.filter((term) => !held.some((group) => group.terms.includes(term)));
  if (measured < 0 || terms.length === 0) return undefined;
  const names = held.map(({ timer }) => timer).join(", ");
  return { timer: names === "" ? outer.timer : `${outer.timer} without ${names}`, measured, terms };
}
