/**
 * Knative's pod autoscaler on concurrency: the mean of a stable window, or in a burst of a panic window.
 *
 *     stable = ceil(mean in flight of the stable window / (target x utilisation))
 *     panic  = ceil(mean in flight of the panic window / (target x utilisation))
 *     range  = floor(ready / down rate) to ceil(ready x up rate)
 *
 * It panics when `panic` is at least the threshold times what is ready, and until that has not been so for a stable
 * window. While it panics the fleet does not shrink. Observations weigh by their length.
 * @source knative-kpa
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Values } from "../routing/parameter.ts";
import {
  bounded,
  bounds,
  type FleetObservation,
  type ScalingEntry,
  type ScalingPolicy,
  scalingEntry,
  within,
} from "./policy.ts";

const parameters = {
  ...bounds,
  target: { kind: "number", default: 100, above: 0, description: "Requests in flight that a replica can take." },
  utilization: { kind: "ratio", default: 0.7, above: 0, atMost: 1, description: "Share of them that is aimed at." },
  stableWindow: { kind: "duration", default: 60, above: 0, description: "Window of normal operation." },
  panicShare: { kind: "ratio", default: 0.1, above: 0, atMost: 1, description: "Panic window as a share of it." },
  panicThreshold: { kind: "number", default: 2, atLeast: 1, description: "Panics when so many times is wanted." },
  upRate: { kind: "number", default: 1000, above: 1, description: "One decision grows at most to this multiple." },
  downRate: { kind: "number", default: 2, above: 1, description: "One decision shrinks at most by this divisor." },
} as const;

export const kpa: ScalingEntry = scalingEntry({
  name: "kpa",
  summary: "Knative's pod autoscaler: concurrency over a stable window, and a short one in bursts.",
  sources: ["knative-kpa"],
  parameters,
  create: (values) => new Kpa(values),
});

class Kpa implements ScalingPolicy {
  readonly reach: Seconds;
  private readonly values: Values<typeof parameters>;
  private panicSince = Number.NEGATIVE_INFINITY;
  private mostInPanic = 0;

  constructor(values: Values<typeof parameters>) {
    this.values = values;
    this.reach = values.stableWindow;
  }

  decide(observations: readonly FleetObservation[], now: Seconds): number | undefined {
    const { stableWindow, panicShare, panicThreshold, upRate, downRate } = this.values;
    const last = observations.at(-1);
    const stable = this.wanted(within(observations, stableWindow, now));
    if (last === undefined || stable === undefined) return undefined;
    const panic = this.wanted(within(observations, stableWindow * panicShare, now)) ?? stable;
    const ready = Math.max(1, last.ready);
    const inRange = (wanted: number): number =>
      Math.min(Math.ceil(ready * upRate), Math.max(Math.floor(ready / downRate), wanted));
    if (panic / ready >= panicThreshold) this.panicSince = now;
    else if (this.panicSince + stableWindow < now) this.mostInPanic = 0;
    if (this.panicSince + stableWindow < now) return bounded(inRange(stable), this.values);
    this.mostInPanic = Math.max(this.mostInPanic, inRange(stable), inRange(panic));
    return bounded(this.mostInPanic, this.values);
  }

  private wanted(observations: readonly FleetObservation[]): number | undefined {
    let [time, concurrency] = [0, 0];
    for (const { duration, running, waiting } of observations) {
      time += duration;
      concurrency += duration * (running + waiting);
    }
    if (time === 0) return undefined;
    return Math.ceil(concurrency / time / (this.values.target * this.values.utilization));
  }
}
