/**
 * What jobs with training steps of their own do to each other on the links that they share.
 *
 * While a job sends over a link, each other job that uses the link is sending too with a chance p, the share of its step
 * that its exchanges over the link take. Among those that send at once the link is shared max-min fairly, and who needs
 * less than a fair part leaves the rest:
 *
 *     rate / capacity = E over the sets A of others that send [ max(1 / (1 + |A|), 1 - sum of what A needs) ]
 *
 * The steps that follow change p, so this is repeated until steps stay; no link is more than full (`assemble.ts`). Ignores: that jobs in step may meet always or
 * never (phases of steps are taken as independent), and more than six other jobs on one link (the busiest six count).
 * @source bertsekas-gallager-1992 (max-min fairness)
 */

import type { Seconds } from "../../base/quantity.ts";
import type { LinkLoads, Topology } from "../../network/index.ts";
import type { SharedJob } from "./design.ts";

/** What one job does to every link in one step. */
export interface LinkActivity {
  /** Seconds of the link's whole capacity. */
  readonly busy: Float64Array;
  /** Seconds in which the job sends over it, at whatever rate. */
  readonly active: Float64Array;
}

/** @param factors contention of each dimension, as it is. */
export function activityOf(topology: Topology, job: SharedJob, factors: readonly number[]): LinkActivity {
  const busy = new Float64Array(topology.ends.length);
  const active = new Float64Array(topology.ends.length);
  job.dimensions.forEach(({ traffic, contention }, index) => {
    const { links, uses } = contention.loads;
    const stretch = (factors[index] ?? 1) / contention.factor;
    const time = contention.slowest * traffic.bytes * stretch;
    for (let at = 0; at < links.length; at++) {
      const link = links[at]!;
      busy[link]! += (uses[at]! * traffic.bytes) / topology.capacity[link]!;
      active[link]! += time;
    }
  });
  return { busy, active };
}

/** Seconds a byte on the link outside the nodes that takes longest with what is left of its capacity. */
function slowestLeft(topology: Topology, { links, uses }: LinkLoads, part: Float64Array): number {
  const { classes, classOf, capacity } = topology;
  let most = 0;
  for (let at = 0; at < links.length; at++) {
    const link = links[at]!;
    if (classes[classOf[link]!]!.medium === "scale-up") continue;
    most = Math.max(most, uses[at]! / capacity[link]! / part[link]!);
  }
  return most;
}

/** Contention of each dimension of a job when only this part of every link's capacity is left to it. */
export function factorsLeft(topology: Topology, job: SharedJob, part: Float64Array): readonly number[] {
  return job.dimensions.map(({ contention }) => {
    const { factor, slowest, loads } = contention;
    return slowest === 0 ? factor : (factor * slowestLeft(topology, loads, part)) / slowest;
  });
}

/** Other jobs of one link that are looked at one by one. */
const othersMost = 6;

/** Part of each link's capacity that a job gets while it sends, beside the others with steps of these times. */
export function partsLeft(
  topology: Topology,
  own: number,
  activities: readonly LinkActivity[],
  steps: readonly Seconds[],
): Float64Array {
  const part = new Float64Array(topology.ends.length).fill(1);
  for (let link = 0; link < part.length; link++) {
    if (activities[own]!.active[link] === 0) continue;
    const others: Other[] = [];
    activities.forEach(({ active, busy }, index) => {
      if (index === own || active[link] === 0) return;
      const chance = Math.min(1, active[link]! / steps[index]!);
      others.push({ chance, need: Math.min(1, busy[link]! / active[link]!) });
    });
    if (others.length === 0) continue;
    others.sort((a, b) => b.chance * b.need - a.chance * a.need);
    part[link] = expectedPart(others.slice(0, othersMost), 0, 0);
  }
  return part;
}

interface Other {
  readonly chance: number;
  /** Of the capacity, while it sends. */
  readonly need: number;
}

/** Over the sets of others that send at once. */
function expectedPart(others: readonly Other[], sending: number, need: number): number {
  const [first, ...rest] = others;
  if (first === undefined) return Math.max(1 / (1 + sending), 1 - need);
  const silent = first.chance === 1 ? 0 : (1 - first.chance) * expectedPart(rest, sending, need);
  return silent + first.chance * expectedPart(rest, sending + 1, need + first.need);
}
