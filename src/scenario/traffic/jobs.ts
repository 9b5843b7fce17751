/** Jobs side by side: each phase as one flow, a round of each job beside the others and alone. */

import { random } from "../../base/random.ts";
import { mean } from "../../base/statistics.ts";
import { leaf, maxOf, sumOf, type Term } from "../../base/term.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import {
  clusterRoutes,
  collectivesFlow,
  collectiveTime,
  type JobsTraffic,
  type JobTraffic,
  overloads,
  type Platform,
  patternSteps,
  platformOf,
  type Routes,
  runTrafficJobs,
  stepFlow,
  type TrafficJob,
  type TrafficPhase,
  trafficPatterns,
} from "../../network/index.ts";
import type { Point, SharedLinks } from "../prediction.ts";
import { groupOf } from "../resolve/collective.ts";
import { type Answer, linksShown, reached } from "./answer.ts";
import type { JobDesign, PhaseDesign, TrafficDesign } from "./design.ts";

/** `messages`: ways of plain messages; collectives go over neighbours' ports where the fabric does that. */
export function jobsAnswer(design: TrafficDesign, messages: Routes): Answer {
  const { traffic, cluster, seed } = design;
  if (traffic.what !== "jobs") throw new Error("messages are answered as messages");
  const { topology } = messages;
  const collectives = clusterRoutes(cluster, topology, seed);
  const network: Network = { messages, collectives, cluster, platform: platformOf(cluster), seed };
  const jobs = traffic.jobs.map((job, index) => flowsOf(job, index, network));
  const overloaded = jobs.flatMap(({ name, phases }) => {
    return phases.flatMap(({ overload, name: phase }) => (overload === "some" ? [`${phase} of ${name}`] : []));
  });
  const run = runTrafficJobs(topology, jobs, linksShown);
  return {
    metrics: {
      time: run.time,
      "slowdown.mean": mean(run.jobs.map(({ slowdown }) => slowdown)),
      "slowdown.max": Math.max(...run.jobs.map(({ slowdown }) => slowdown)),
      hottestLinkUtilization: run.hottest[0]?.utilization ?? 0,
    },
    terms: termOf(run, traffic.jobs),
    points: run.jobs.map(pointOf),
    links: run.hottest.map(({ users, ...link }) => ({
      ...link,
      jobs: users.map((index) => run.jobs[index]?.name ?? ""),
    })),
    sharedLinks: sharedOf(run),
    assumptions: assumptionsOf(traffic.jobs),
    warnings: overloaded.length === 0 ? [] : [overloadWarning([...new Set(overloaded)])],
  };
}

interface Network {
  readonly messages: Routes;
  readonly collectives: Routes;
  readonly cluster: Cluster;
  readonly platform: Platform;
  readonly seed: number;
}

/** Numbers of flows between two jobs, and between two phases of one, so that all are hashed apart. */
const keysOfJob = 100_000_007;
const keysOfPhase = 1_000_003;

/** What the network is asked, and whether it offers a receiver more than its port takes. */
type PhaseFlow = TrafficPhase & { readonly overload?: "some" | "none" };
type FlowJob = Omit<TrafficJob, "phases"> & { readonly phases: readonly PhaseFlow[] };

function overloadWarning(phases: readonly string[]): string {
  const shown =
    phases.length > 5 ? `${phases.slice(0, 5).join(", ")} and ${phases.length - 5} more` : phases.join(", ");
  return `receivers are sent more than their ports take (${shown}): pauses or drops are not seen, times are at least so long`;
}

function flowsOf({ name, start, rounds, phases }: JobDesign, index: number, network: Network): FlowJob {
  const flows = phases.flatMap((phase, place) => {
    const key = index * keysOfJob + place * keysOfPhase;
    return phaseFlows(phase, { ...network, key, stream: `traffic/${name}/${place}` });
  });
  return { name, start, rounds, phases: flows };
}

/** What a phase becomes: one part, or one for each step of a pattern that has several. */
function phaseFlows(
  phase: PhaseDesign,
  network: Network & { readonly key: number; readonly stream: string },
): readonly PhaseFlow[] {
  const { messages, collectives, key, platform, cluster, seed, stream } = network;
  switch (phase.what) {
    case "compute":
      return [{ name: "compute", compute: phase.time, latency: 0 }];
    case "collective": {
      const { operation, algorithm, groups, size } = phase;
      const flow = reached(collectivesFlow(collectives, { operation, algorithm, groups, size, key }), cluster);
      const group = groupOf(groups[0] ?? [], cluster);
      // Steps that wait for each other are in the closed form, which knows what the library does in each.
      const { latency } = collectiveTime(platform, { operation, size, group });
      return [{ name: operation, compute: 0, latency, flow }];
    }
    case "pattern": {
      const pattern = trafficPatterns.get(phase.pattern);
      const steps = patternSteps({ ...phase, pattern, stream: random(seed).stream(stream) });
      return steps.map((step, index) => {
        const { latency, ...flow } = reached(stepFlow(messages, step, key + 7919 * index), cluster);
        const overload = overloads(messages, step) ? "some" : "none";
        return { name: pattern.name, compute: 0, latency, flow, overload };
      });
    }
  }
}

function pointOf({ name, start, end, round, contention, slowdown }: JobTraffic): Point {
  const metrics = { time: end - start, roundTime: round, roundTimeAlone: round - contention, slowdown };
  return { at: { job: name }, metrics };
}

/** The job that ends last bounds the whole; of each, what its rounds are made of. */
function termOf(run: JobsTraffic, designs: readonly JobDesign[]): Term {
  const jobs = run.jobs.map((job, index) => {
    const rounds = designs[index]?.rounds ?? 1;
    const part = (name: string, label: string, value: number, formula: string): Term => {
      return leaf({
        name,
        label,
        value: rounds * value,
        formula,
        origin: "derived",
        source: "bertsekas-gallager-1992",
      });
    };
    const label = `${job.name}: ${rounds} ${rounds === 1 ? "round" : "rounds"}`;
    return sumOf({ name: job.name, label }, [
      leaf({ name: "start", label: "until it begins", value: job.start, origin: "given" }),
      leaf({ name: "compute", label: "computation", value: rounds * job.compute, origin: "given" }),
      part("latency", "latency", job.latency, "rounds x what does not shrink with the size"),
      part("transfer", "transfer, were the job alone", job.transfer, "rounds x sum of size / rate on empty links"),
      part("contention", "waiting for other jobs", job.contention, "rounds x (round beside the others - round alone)"),
    ]);
  });
  return maxOf({ name: "time", label: "until the last job has ended" }, jobs);
}

function sharedOf({ jobs }: JobsTraffic): readonly SharedLinks[] {
  return jobs.flatMap(({ name, shares }, index) => {
    return shares
      .filter(({ job }) => jobs.findIndex((other) => other.name === job) > index)
      .map(({ job, links, hottest }) => ({ jobs: [name, job] as const, count: links, hottest }));
  });
}

function assumptionsOf(jobs: readonly JobDesign[]): Answer["assumptions"] {
  const all = jobs.flatMap(({ phases }) => phases);
  const found: { path: string; value: string; reason: string }[] = [];
  if (all.some(({ what }) => what !== "compute")) {
    const reason = "so a phase is bound by the link it uses most, and jobs share links by endpoints";
    found.push({ path: "workload.jobs.phases", value: "all messages of a phase move in step", reason });
  }
  if (all.some(({ what }) => what === "collective")) {
    const reason = "flows go through rings; reduction in switches is not in them";
    found.push({ path: "workload.jobs.phases.collective", value: "rings, inside nodes and between", reason });
  }
  return found;
}
