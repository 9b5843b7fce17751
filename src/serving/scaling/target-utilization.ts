/**
 * The horizontal pod autoscaler of Kubernetes on one metric.
 *
 *     ratio   = mean metric of ready replicas / target
 *     desired = ceil(ratio x ready), and no change while |ratio - 1| <= tolerance
 *
 * Replicas that are starting count as unused when the ratio asks for more; if that turns the answer round, nothing
 * changes. Then the steadiest recommendation within a window is taken: the largest of the down window before
 * shrinking, the smallest of the up window before growing. Growth is limited in a period to a multiple or a number,
 * whichever is more; shrinking is not limited, as by default.
 * @source kubernetes-hpa
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
} from "./policy.ts";

const parameters = {
  ...bounds,
  metric: {
    kind: "choice",
    words: ["in-flight", "waiting", "cache-usage", "arrivals"],
    default: "in-flight",
    description: "What is measured a replica: requests running and waiting, waiting, share of cache, arrivals in 1/s.",
  },
  target: { kind: "number", default: 70, above: 0, description: "Value of the metric that a replica should have." },
  tolerance: { kind: "ratio", default: 0.1, description: "No change while the metric is so near to the target." },
  upWindow: { kind: "duration", default: 0, description: "Grow to the least that was recommended in this time." },
  downWindow: { kind: "duration", default: 300, description: "Shrink to the most that was recommended in this time." },
  growth: { kind: "number", default: 2, atLeast: 1, description: "Growth in a period at most: this multiple." },
  step: { kind: "count", default: 4, description: "Growth in a period at most: so many, if that is more." },
  period: { kind: "duration", default: 15, above: 0, description: "Period of the limit of growth." },
} as const;

export const targetUtilization: ScalingEntry = scalingEntry({
  name: "target-utilization",
  aliases: ["hpa"],
  summary: "Kubernetes' horizontal pod autoscaler: a metric a replica is held at its target.",
  sources: ["kubernetes-hpa"],
  parameters,
  create: (values) => new TargetUtilization(values),
});

interface Dated {
  readonly at: Seconds;
  readonly value: number;
}

class TargetUtilization implements ScalingPolicy {
  readonly reach: Seconds = 0;
  private readonly values: Values<typeof parameters>;
  private recommended: Dated[] = [];
  private grown: Dated[] = [];

  constructor(values: Values<typeof parameters>) {
    this.values = values;
  }

  decide(observations: readonly FleetObservation[], now: Seconds): number | undefined {
    const last = observations.at(-1);
    if (last === undefined) return undefined;
    const current = last.ready + last.starting;
    const stable = this.stabilized(bounded(this.recommendation(last), this.values), current, now);
    const wanted = bounded(this.limited(stable, current, now), this.values);
    if (wanted > current) this.grown.push({ at: now, value: wanted - current });
    return wanted;
  }

  /** What the latest measurement asks for. */
  private recommendation(last: FleetObservation): number {
    const { metric, target, tolerance } = this.values;
    const { ready, starting } = last;
    const current = ready + starting;
    if (ready === 0) return current;
    const ratio = perReplica(last, metric) / target;
    if (Math.abs(ratio - 1) <= tolerance) return current;
    if (starting === 0 || ratio < 1) return Math.ceil(exact(ratio * ready));
    const diluted = (ratio * ready) / current;
    return diluted <= 1 + tolerance ? current : Math.ceil(exact(diluted * current));
  }

  private stabilized(value: number, current: number, now: Seconds): number {
    const { upWindow, downWindow } = this.values;
    const longest = Math.max(upWindow, downWindow);
    // The first decision has the size it found for a recommendation of before.
    if (this.recommended.length === 0) this.recommended = [{ at: now, value: current }];
    this.recommended = [...this.recommended.filter(({ at }) => at > now - longest), { at: now, value }];
    const recent = (window: Seconds): number[] =>
      this.recommended.filter(({ at }) => at > now - window).map((one) => one.value);
    if (value > current) return Math.max(current, Math.min(value, ...recent(upWindow)));
    return Math.min(current, Math.max(value, ...recent(downWindow)));
  }

  /** Growth since the period began is at most the limit. */
  private limited(wanted: number, current: number, now: Seconds): number {
    const { growth, step, period } = this.values;
    this.grown = this.grown.filter(({ at }) => at > now - period);
    const before = current - this.grown.reduce((sum, { value }) => sum + value, 0);
    return Math.min(wanted, Math.max(current, Math.ceil(exact(before * growth)), before + step));
  }
}

function perReplica(last: FleetObservation, metric: Values<typeof parameters>["metric"]): number {
  if (metric === "cache-usage") return last.cacheUsage;
  if (metric === "arrivals") return last.arrivals / last.ready;
  return (last.waiting + (metric === "in-flight" ? last.running : 0)) / last.ready;
}

/** A product that misses a whole number by rounding alone is that number. */
function exact(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) <= 1e-9 * Math.max(1, whole) ? whole : value;
}
