/**
 * Scaling by what users feel: it learns how many arrivals a second one replica takes within the objectives, and asks
 * for as many replicas as the arrivals of now need.
 *
 *     wanted = ceil(arrivals / (headroom x capacity))
 *
 * Capacity a replica is the most arrivals at which the goal was met of late; an interval that misses the goal while no
 * replica is starting lowers it to less than was offered then. Until anything is known, a miss adds a share of the
 * fleet. It shrinks to the most that was wanted within a window. It needs arrivals that are like those before: a
 * change from short prompts to long ones shows only as misses.
 * @source windtunnel-slo-driven
 */

import type { PerSecond, Seconds } from "../../base/quantity.ts";
import type { Values } from "../routing/parameter.ts";
import {
  bounded,
  bounds,
  type FleetObservation,
  type ScalingEntry,
  type ScalingPolicy,
  scalingEntry,
} from "./policy.ts";

const parameters = {
  ...bounds,
  goal: { kind: "ratio", default: 0.99, above: 0, atMost: 1, description: "Share of requests within objectives." },
  headroom: { kind: "ratio", default: 0.8, above: 0, atMost: 1, description: "Share of the capacity that is used." },
  backOff: {
    kind: "ratio",
    default: 0.9,
    above: 0,
    atMost: 1,
    description: "Capacity after a miss, as a share of what was offered then.",
  },
  growth: { kind: "ratio", default: 0.25, above: 0, description: "Growth at a miss while no capacity is known." },
  judgedLeast: {
    kind: "count",
    default: 20,
    atLeast: 1,
    description: "Requests that an interval must judge to count.",
  },
  downWindow: { kind: "duration", default: 300, description: "Shrink to the most that was wanted in this time." },
} as const;

export const sloDriven: ScalingEntry = scalingEntry({
  name: "slo-driven",
  summary: "Ours: as many replicas as the arrivals need, by the rate at which objectives were met.",
  sources: ["windtunnel-slo-driven"],
  parameters,
  create: (values) => new SloDriven(values),
});

class SloDriven implements ScalingPolicy {
  readonly reach: Seconds = 0;
  private readonly values: Values<typeof parameters>;
  private capacity: PerSecond | undefined;
  private learntTo = Number.NEGATIVE_INFINITY;
  private wanted: { readonly at: Seconds; readonly value: number }[] = [];

  constructor(values: Values<typeof parameters>) {
    this.values = values;
  }

  decide(observations: readonly FleetObservation[], now: Seconds): number | undefined {
    const last = observations.at(-1);
    if (last === undefined) return undefined;
    let missed = false;
    for (const one of observations) {
      if (one.at <= this.learntTo) continue;
      if (this.learn(one) === "missed") missed = true;
    }
    this.learntTo = last.at;
    const current = last.ready + last.starting;
    const value = bounded(this.needed(last, missed), this.values);
    this.wanted = [...this.wanted.filter(({ at }) => at > now - this.values.downWindow), { at: now, value }];
    if (value >= current) return value;
    return Math.min(current, Math.max(...this.wanted.map((one) => one.value)));
  }

  private learn(one: FleetObservation): "met" | "missed" | "unclear" {
    const { goal, backOff, judgedLeast } = this.values;
    if (one.judged < judgedLeast || one.ready === 0) return "unclear";
    const offered = one.arrivals / one.ready;
    if (one.withinObjectives >= goal * one.judged) {
      this.capacity = Math.max(this.capacity ?? 0, offered);
      return "met";
    }
    // While replicas start, the queue that they shall work off would be blamed on those that serve.
    if (one.starting > 0) return "unclear";
    // What is offered while a queue drains says little; only a rate below the known capacity disproves it.
    if (this.capacity !== undefined && offered > 0) this.capacity = Math.min(this.capacity, backOff * offered);
    return "missed";
  }

  private needed(last: FleetObservation, missed: boolean): number {
    const current = last.ready + last.starting;
    const { headroom, growth } = this.values;
    const more = missed ? Math.ceil(current * (1 + growth)) : 0;
    if (this.capacity === undefined || this.capacity === 0) return Math.max(current, more);
    const byRate = Math.ceil(last.arrivals / (headroom * this.capacity));
    return missed ? Math.max(byRate, current + 1) : byRate;
  }
}
