/**
 * Scaling by what users feel: it learns the arrivals a second of a replica at which objectives were met, and at which
 * they were missed, and keeps the fleet between.
 *
 *     grow to    ceil(arrivals / (headroom x least that missed))
 *     shrink to  ceil(arrivals / (headroom x most that met))
 *
 * A miss grows the fleet by one at least, and by a share of it while nothing else is known. Intervals with replicas
 * starting teach nothing when they miss: the queue that the new ones will work off would be blamed on the old ones. A
 * rate that meets the goal disproves misses below it, and a miss the rates above it that were met before. It shrinks to
 * the most that was wanted within a window. Arrivals must be like those before: a change from short prompts to long
 * ones shows only as misses.
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
    description: "After a miss: what is taken to have met the goal, as a share of what was offered then.",
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
  /** Most arrivals a replica at which the goal was met, and least at which it was missed. */
  private met = 0;
  private missed = Number.POSITIVE_INFINITY;
  private learntTo = Number.NEGATIVE_INFINITY;
  private wanted: { readonly at: Seconds; readonly value: number }[] = [];

  constructor(values: Values<typeof parameters>) {
    this.values = values;
  }

  decide(observations: readonly FleetObservation[], now: Seconds): number | undefined {
    const last = observations.at(-1);
    if (last === undefined) return undefined;
    let missing = false;
    for (const one of observations) if (one.at > this.learntTo && this.learn(one) === "missed") missing = true;
    this.learntTo = last.at;
    const current = last.ready + last.starting;
    const value = bounded(this.needed(last, missing), this.values);
    this.wanted = [...this.wanted.filter(({ at }) => at > now - this.values.downWindow), { at: now, value }];
    if (value >= current) return value;
    return Math.min(current, Math.max(...this.wanted.map((one) => one.value)));
  }

  private learn(one: FleetObservation): "met" | "missed" | "unclear" {
    const { goal, backOff, judgedLeast } = this.values;
    if (one.judged < judgedLeast || one.ready === 0) return "unclear";
    const offered: PerSecond = one.arrivals / one.ready;
    if (one.withinObjectives >= goal * one.judged) {
      this.met = Math.max(this.met, offered);
      if (offered >= this.missed) this.missed = Number.POSITIVE_INFINITY;
      return "met";
    }
    if (one.starting > 0) return "unclear";
    this.missed = Math.min(this.missed, offered);
    this.met = Math.min(this.met, backOff * offered);
    return "missed";
  }

  private needed({ ready, starting, arrivals }: FleetObservation, missing: boolean): number {
    const { headroom, growth } = this.values;
    const current = ready + starting;
    const known = this.missed > 0 && this.missed < Number.POSITIVE_INFINITY;
    const byRate = known ? Math.ceil(arrivals / (headroom * this.missed)) : 0;
    if (missing) return Math.max(byRate, current + 1, this.met > 0 ? 0 : Math.ceil(current * (1 + growth)));
    if (byRate > current) return byRate;
    return this.met > 0 ? Math.min(current, Math.max(byRate, Math.ceil(arrivals / (headroom * this.met)))) : current;
  }
}
