/**
 * How many replicas a fleet should have. A policy sees what was measured, as late as it was measured, and answers a
 * number; whoever runs the fleet starts and stops replicas, with all the delays that has.
 */

import type { PerSecond, Seconds } from "../../base/quantity.ts";
import type { NumberParameter, Parameters, Values } from "../routing/parameter.ts";

/** Measurements of a fleet over one interval. */
export interface FleetObservation {
  /** End of the interval, and its length. */
  readonly at: Seconds;
  readonly duration: Seconds;
  /** Replicas that serve, and those that are starting. */
  readonly ready: number;
  readonly starting: number;
  /** Means over the interval, summed over replicas. */
  readonly running: number;
  readonly waiting: number;
  /** Mean share of the cache that requests use, of the replicas that serve. */
  readonly cacheUsage: number;
  /** Requests that arrived. */
  readonly arrivals: PerSecond;
  /** Requests judged in the interval, and those of them within their objectives. */
  readonly judged: number;
  readonly withinObjectives: number;
}

export interface ScalingPolicy {
  /**
   * Replicas wanted. Called at every decision, with all observations known by `now` that any window may need, the
   * oldest first. Without observations: undefined, leave the fleet as it is.
   */
  decide(observations: readonly FleetObservation[], now: Seconds): number | undefined;
  /** Oldest observation that it looks at, as an age. */
  readonly reach: Seconds;
}

export interface ScalingEntry<Table extends Parameters = Parameters> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly sources: readonly string[];
  readonly parameters: Table;
  create(values: Values<Table>): ScalingPolicy;
}

/** An entry with its parameters' names and words known to `create`. */
export function scalingEntry<const Table extends Parameters>(entry: ScalingEntry<Table>): ScalingEntry {
  return entry as unknown as ScalingEntry;
}

/** Bounds that every policy keeps to. */
export const bounds: { readonly least: NumberParameter; readonly most: NumberParameter } = {
  least: { kind: "count", default: 1, description: "Replicas at least." },
  most: { kind: "count", default: Number.POSITIVE_INFINITY, atLeast: 1, description: "Replicas at most." },
};

export function bounded(wanted: number, { least, most }: Values<typeof bounds>): number {
  return Math.min(most, Math.max(least, wanted));
}

/** Observations that ended within `window` before `now`. */
export function within(
  observations: readonly FleetObservation[],
  window: Seconds,
  now: Seconds,
): readonly FleetObservation[] {
  return observations.filter(({ at }) => at > now - window && at <= now);
}
