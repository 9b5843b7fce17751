/**
 * Training joined with reliability and storage: how often the job is interrupted, what a checkpoint takes, and where
 * the wall time of the run goes.
 */

import { type Bytes, formatQuantity, type Seconds } from "../../base/quantity.ts";
import { leaf, sumOf, type Term } from "../../base/term.ts";
import {
  bestInterval,
  type ComponentRate,
  componentRates,
  jobRates,
  type TieredPlan,
  tieredShares,
  type WallShares,
  waitingShare,
} from "../../reliability/index.ts";
import { type CheckpointTimes, checkpointTimes } from "../../storage/index.ts";
import { checkpointSize, clustersOf } from "../../training/index.ts";
import type { ReliabilityDesign, TrainingDesign } from "./design.ts";

/** A job under failures: per second of work, whatever its length. */
export interface JobUnderFailures {
  readonly rates: readonly ComponentRate[];
  readonly size: Bytes;
  readonly times: CheckpointTimes;
  readonly plan: TieredPlan;
  /** Interval that is asked for, or best; the plan's own ends with the run. */
  readonly every: Seconds;
  /** Shortest interval that is possible: a step, or what a checkpoint needs to be safe. */
  readonly least: Seconds;
  /** While no node is waited for. */
  readonly shares: WallShares;
  /** Share of the wall time in which the job waits for a repaired node. */
  readonly waiting: number;
  /** Work that counts over wall time. */
  readonly goodput: number;
  readonly warnings: readonly string[];
}

export function underFailures(
  design: TrainingDesign,
  reliability: ReliabilityDesign,
  { step, work }: { readonly step: Seconds; readonly work?: Seconds | undefined },
): JobUnderFailures {
  const clusters = clustersOf(design.case);
  const rates = componentRates(clusters, reliability.times);
  const { all, replaced } = jobRates(rates);
  const { checkpoint, detection } = reliability;
  const size = checkpointSize(design.case, checkpoint);
  const times = timesOf(design, reliability, size);
  const { plan, every, least, warnings } = planOf(reliability, { rate: all, step, work, times, detection });
  const shares = tieredShares(plan);
  const waiting = waitingShare(replaced * reliability.repair, reliability.spares);
  return { rates, size, times, plan, every, least, shares, waiting, goodput: (1 - waiting) / shares.total, warnings };
}

/** Copies, writes and loads of one checkpoint. The slowest link of all pools binds. */
function timesOf({ case: c }: TrainingDesign, { checkpoint, store }: ReliabilityDesign, size: Bytes): CheckpointTimes {
  const clusters = clustersOf(c);
  const nodes = clusters.reduce((sum, cluster) => sum + cluster.nodes, 0);
  const replicas = checkpoint.writers === "every-rank" ? 1 : c.layout.data;
  // Without a known link the stall is stated, and what a load takes on it is left out.
  const link = Math.min(...clusters.map(({ node }) => node.host?.link ?? Number.POSITIVE_INFINITY));
  const perNode = store.perNode ?? Math.min(...clusters.map(({ node }) => node.nics.bandwidth));
  const ranks = c.cluster.accelerators / replicas;
  const work = { size, ranks, nodes: Math.max(1, nodes / replicas), readers: nodes, link };
  return checkpointTimes(work, { ...store, perNode });
}

interface PlanInput {
  readonly rate: number;
  readonly step: Seconds;
  /** Of the whole run, where its length is known. */
  readonly work: Seconds | undefined;
  readonly times: CheckpointTimes;
  readonly detection: Seconds;
}

/** Stall, lag and interval. A checkpoint that is not safe when the next is due makes the steps wait for it. */
function planOf(
  { checkpoint, restart }: ReliabilityDesign,
  { rate, step, work, times, detection }: PlanInput,
): Pick<JobUnderFailures, "plan" | "every" | "least" | "warnings"> {
  const { every, mode, overhead, memory } = checkpoint;
  const copied = times.copy + overhead;
  const lag = mode === "sync" ? 0 : times.persist;
  const plain = checkpoint.stall ?? (mode === "sync" ? copied + times.persist : copied);
  const least = Math.max(step, lag);
  const outside = memory === undefined ? rate : rate * (1 - memory.recovers);
  const best = (): Seconds => (outside > 0 ? bestInterval({ rate: outside, stall: plain, least }) : 1 / rate);
  // Not more than one checkpoint a step, nor less than one a run.
  const possible = (time: Seconds): Seconds => Math.max(step, Math.min(time, work ?? time));
  const wanted = Math.max(step, every === "auto" ? best() : every);
  const interval = possible(wanted);
  const late = Math.max(0, lag - interval);
  const store = { rate, interval, stall: plain + late, lag: lag - late, detection, restart: restart + times.load };
  const warnings = [
    ...(late > 0 ? ["a checkpoint takes longer to write than the interval between two: steps wait for it"] : []),
    ...(interval < wanted ? [`no checkpoint falls within the run: ${shortRun(wanted, interval)}`] : []),
  ];
  const common = { every: wanted, least, warnings };
  if (memory === undefined) return { plan: { store }, ...common };
  // A copy in memory follows a plan that is kept.
  const copies = {
    ...memory,
    interval: possible(memory.every),
    stall: times.copy,
    lag: 0,
    restart: restart + times.copy,
  };
  return { plan: { store, memory: copies }, ...common };
}

function shortRun(every: Seconds, work: Seconds): string {
  const [interval, steps] = [every, work].map((time) => formatQuantity(time, "seconds"));
  return `one every ${interval} is wanted, and all of its steps take ${steps}; a failure loses whatever was done`;
}

/** Where the wall time of so much work goes; the parts add up to it. */
export function wallTerm(job: JobUnderFailures, work: Seconds): Term {
  const { shares, waiting, plan } = job;
  const active = work * shares.total;
  const part = (name: string, label: string, value: Seconds, formula: string): Term => {
    return leaf({ name, label, value, formula, origin: "derived", source: "daly-2006" });
  };
  const loading = plan.memory === undefined ? job.times.load / plan.store.restart : undefined;
  const restart = work * shares.restart;
  const restarts =
    loading === undefined || !(plan.store.restart > 0)
      ? [part("restart", "restart and loading", restart, "recoveries x restart, again where interrupted")]
      : [
          part("restart", "restart", restart * (1 - loading), "recoveries x restart, again where interrupted"),
          part("loading", "loading of checkpoints", restart * loading, "recoveries x load, again where interrupted"),
        ];
  const waited = (active * waiting) / (1 - waiting);
  return sumOf({ name: "wallTime", label: "wall time" }, [
    leaf({
      name: "productive",
      label: "work that counts",
      value: work,
      formula: "steps x step time",
      origin: "derived",
    }),
    part("checkpoints", "checkpoints", work * shares.stall, "stalls of the work that counts"),
    part("lostWork", "work done again", work * shares.lost, "(e^(l (d + w)) - 1) e^(l p) / l - d - w, each interval"),
    part("detection", "failures not yet noticed", work * shares.detection, "interruptions x detection"),
    ...restarts,
    leaf({
      name: "waiting",
      label: "waiting for spare nodes",
      value: waited,
      formula: "Erlang's loss of spares + 1 nodes in repair",
      source: "erlang-1917",
      origin: "derived",
    }),
  ]);
}
