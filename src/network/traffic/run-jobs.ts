/**
 * Jobs side by side: each repeats its phases, of which some compute and some move data in step over the links that all
 * share. Says for each job what a round takes beside the others and alone, and with whom it shares which links.
 *
 *     alone = sum over phases of (compute + latency + size / rate on empty links)
 */

import type { Seconds } from "../../base/quantity.ts";
import { runJobs } from "../flow/index.ts";
import { linkName, type Topology } from "../topology/index.ts";
import type { InStep } from "./in-step.ts";
import { addLoad, type HotLink, hottestLinks } from "./loads.ts";
import { lonelyRate } from "./message.ts";

export interface TrafficPhase {
  readonly name: string;
  readonly compute: Seconds;
  readonly latency: Seconds;
  /** What moves once the phase has computed; absent: nothing. */
  readonly flow?: InStep;
}

export interface TrafficJob {
  readonly name: string;
  readonly start: Seconds;
  readonly rounds: number;
  readonly phases: readonly TrafficPhase[];
}

/** Links that two jobs have in common. */
export interface JobShare {
  readonly job: string;
  readonly links: number;
  /** The one that both together load most. */
  readonly hottest: string;
}

export interface JobTraffic {
  readonly name: string;
  readonly start: Seconds;
  readonly end: Seconds;
  /** Mean time of a round, and its parts; they add up to it. */
  readonly round: Seconds;
  readonly compute: Seconds;
  readonly latency: Seconds;
  readonly transfer: Seconds;
  readonly contention: Seconds;
  /** A round beside the others over a round alone. */
  readonly slowdown: number;
  /** First those with the most loaded link in common. */
  readonly shares: readonly JobShare[];
}

export interface JobsTraffic {
  readonly jobs: readonly JobTraffic[];
  readonly time: Seconds;
  /** `users` are numbers of jobs. */
  readonly hottest: readonly HotLink[];
}

export function runTrafficJobs(topology: Topology, jobs: readonly TrafficJob[], most = 10): JobsTraffic {
  const run = runJobs(
    topology,
    jobs.map(({ name, start, rounds, phases }) => ({
      name,
      start,
      rounds,
      phases: phases.map(({ name: phase, compute, latency, flow }) => {
        return { name: phase, wait: compute + latency, flows: flow === undefined ? [] : [flow] };
      }),
    })),
  );
  const carried = new Float64Array(topology.ends.length);
  for (const { rounds, phases } of jobs) {
    for (const { flow } of phases) if (flow !== undefined) addLoad(carried, flow.path, rounds * flow.size);
  }
  const users = usersOf(jobs, topology.ends.length);
  const shares = sharesOf(jobs, users, { topology, carried });
  const together = jobs.map((job, index): JobTraffic => {
    const { round, end } = run.jobs[index] ?? { round: 0, end: 0 };
    const alone = aloneParts(topology, job);
    const sum = alone.compute + alone.latency + alone.transfer;
    // A job without contention may come out a rounding below its time alone.
    const contention = Math.max(0, round - sum);
    const slowdown = sum > 0 ? (sum + contention) / sum : 1;
    return {
      name: job.name,
      start: job.start,
      end,
      round,
      ...alone,
      contention,
      slowdown,
      shares: shares[index] ?? [],
    };
  });
  const { time } = run;
  const hottest = hottestLinks(topology, carried, { time, most, users });
  return { jobs: together, time, hottest };
}

/** A round on empty links. */
function aloneParts(topology: Topology, { phases }: TrafficJob): Pick<JobTraffic, "compute" | "latency" | "transfer"> {
  let [compute, latency, transfer] = [0, 0, 0];
  for (const phase of phases) {
    compute += phase.compute;
    latency += phase.latency;
    if (phase.flow !== undefined) transfer += phase.flow.size / lonelyRate(topology, phase.flow.path);
  }
  return { compute, latency, transfer };
}

/** Jobs by link. */
function usersOf(jobs: readonly TrafficJob[], links: number): ReadonlyMap<number, readonly number[]> {
  const last = new Int32Array(links).fill(-1);
  const users = new Map<number, number[]>();
  jobs.forEach(({ phases }, job) => {
    for (const { flow } of phases) {
      for (const link of flow?.path.resources ?? []) {
        if (last[link] === job) continue;
        last[link] = job;
        const known = users.get(link);
        if (known === undefined) users.set(link, [job]);
        else known.push(job);
      }
    }
  });
  return users;
}

/** For each job, with whom it shares links. */
function sharesOf(
  jobs: readonly TrafficJob[],
  users: ReadonlyMap<number, readonly number[]>,
  { topology, carried }: { readonly topology: Topology; readonly carried: Float64Array },
): readonly (readonly JobShare[])[] {
  const load = (link: number): number => carried[link]! / topology.capacity[link]!;
  const pairs = jobs.map(() => new Map<number, { links: number; hottest: number }>());
  for (const [link, sharers] of users) {
    for (const one of sharers) {
      for (const other of sharers) {
        if (one === other) continue;
        const known = pairs[one]?.get(other);
        if (known === undefined) pairs[one]?.set(other, { links: 1, hottest: link });
        else {
          known.links++;
          if (load(link) > load(known.hottest)) known.hottest = link;
        }
      }
    }
  }
  return pairs.map((found) => {
    const list = [...found].sort((a, b) => load(b[1].hottest) - load(a[1].hottest) || a[0] - b[0]);
    return list.map(([other, { links, hottest }]) => {
      return { job: jobs[other]?.name ?? "", links, hottest: linkName(topology, hottest) };
    });
  });
}
