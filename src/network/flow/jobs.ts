/**
 * Jobs side by side on one topology: each repeats its phases (computation, collectives, plain transfers) over its own
 * accelerators, and phases that use the same links at the same time share them max-min fairly. Answers how long a round
 * of each job takes, alone and beside the others, and which links carry most.
 */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { type SharedPath, Sharing, Simulation } from "../../simulation/index.ts";
import { linkName, type Topology } from "../topology/index.ts";

export interface JobPhase {
  readonly name: string;
  /** Time before its flows start: computation, or the latency of a collective. */
  readonly wait: Seconds;
  /** What then moves; the phase ends with the slowest. */
  readonly flows: readonly PhaseFlow[];
}

export interface PhaseFlow {
  readonly path: SharedPath;
  readonly size: Bytes;
  /** Share beside others, and most it takes; default 1 and no limit. */
  readonly weight?: number;
  readonly cap?: BytesPerSecond;
  /** Flows of this path, size, weight and cap: a class, solved as one. Default 1. */
  readonly count?: number;
}

export interface Job {
  readonly name: string;
  /** Run one after the other, `rounds` times. */
  readonly phases: readonly JobPhase[];
  readonly rounds: number;
  readonly start?: Seconds;
}

export interface JobRun {
  readonly name: string;
  /** Mean time of a round. */
  readonly round: Seconds;
  readonly end: Seconds;
}

export interface LinkLoad {
  readonly link: number;
  readonly name: string;
  readonly carried: Bytes;
  /** Share of the whole time that it was full. */
  readonly utilization: number;
}

export interface JobsRun {
  readonly jobs: readonly JobRun[];
  readonly time: Seconds;
  /** The links with the highest utilization, first the fullest. */
  readonly hottest: readonly LinkLoad[];
}

/** Runs all jobs to their end. */
export function runJobs(topology: Topology, jobs: readonly Job[], most = 10): JobsRun {
  const clock = new Simulation();
  const sharing = new Sharing(clock, topology.capacity);
  const ends = new Float64Array(jobs.length);
  jobs.forEach((job, index) => {
    const next = (round: number, phase: number): void => {
      const current = job.phases[phase];
      if (current === undefined) {
        if (round + 1 < job.rounds) next(round + 1, 0);
        else ends[index] = clock.now();
        return;
      }
      clock.after(current.wait, () => runFlows(sharing, current, () => next(round, phase + 1)), "arrive");
    };
    clock.at(job.start ?? 0, () => next(0, 0), "arrive");
  });
  clock.run();
  return {
    jobs: jobs.map(({ name, rounds, start }, index) => ({
      name,
      round: (ends[index]! - (start ?? 0)) / rounds,
      end: ends[index]!,
    })),
    time: clock.now(),
    hottest: hottestLinks(topology, sharing, clock.now(), most),
  };
}

function runFlows(sharing: Sharing, { flows }: JobPhase, done: () => void): void {
  let open = flows.length;
  if (open === 0) {
    done();
    return;
  }
  const one = (): void => {
    open--;
    if (open === 0) done();
  };
  for (const { path, size, weight = 1, cap, count = 1 } of flows) {
    const limit = cap === undefined ? {} : { cap: cap * count };
    sharing.start({ path, size: size * count, weight: weight * count, ...limit, done: one });
  }
}

function hottestLinks(topology: Topology, sharing: Sharing, time: Seconds, most: number): LinkLoad[] {
  const loads: Omit<LinkLoad, "name">[] = [];
  const after = (a: Omit<LinkLoad, "name">, b: Omit<LinkLoad, "name">): number =>
    b.utilization - a.utilization || a.link - b.link;
  let least = 0;
  for (let link = 0; link < topology.ends.length; link++) {
    const carried = sharing.carried(link);
    const utilization = carried / (topology.capacity[link]! * time);
    if (!(carried > 0) || utilization <= least) continue;
    loads.push({ link, carried, utilization });
    if (loads.length < 2 * most) continue;
    loads.length = Math.min(loads.sort(after).length, most);
    least = loads.at(-1)?.utilization ?? 0;
  }
  return loads
    .sort(after)
    .slice(0, most)
    .map((load) => ({ ...load, name: linkName(topology, load.link) }));
}
