/** The whole run: its wall time under failures, its cost and its energy. Without `reliability:` steps alone count. */

import { formatQuantity, type Joules, type Seconds } from "../../base/quantity.ts";
import type { Term } from "../../base/term.ts";
import { rentalCost } from "../../economics/index.ts";
import { onTime, type WallTime, wallProbability, wallQuantile, wallTime } from "../../reliability/index.ts";
import type { TrainingRun } from "../../training/index.ts";
import type { Assumption, Basis, Interruption } from "../prediction.ts";
import type { ReliabilityDesign, TrainingDesign } from "./design.ts";
import { type JobUnderFailures, underFailures, wallTerm } from "./reliability.ts";
import { runEnergy } from "./run-energy.ts";

export interface WholeRun {
  readonly metrics: Readonly<Record<string, number>>;
  /** Where its wall time goes; absent without reliability or without tokens. */
  readonly wallTime?: Term;
  readonly wallTimeSpread?: WallTime;
  readonly interruptions?: readonly Interruption[];
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
}

/** @param basis how far the step time can be trusted. */
export function wholeRun(design: TrainingDesign, run: TrainingRun, basis: Basis | undefined): WholeRun {
  const work = design.tokens === undefined ? undefined : (design.tokens / run.breakdown.tokens) * run.stepTime;
  const { reliability } = design;
  if (reliability === undefined) return work === undefined ? nothing : withoutFailures(design, run, work);
  const job = underFailures(design, reliability, { step: run.stepTime, work });
  const interruptions = job.rates.map(({ name, label, count, time, rate }): Interruption => {
    return { component: name, label, count, meanTimeBetweenFailures: time, meanTimeBetweenInterruptions: 1 / rate };
  });
  const metrics = jobMetrics(job, reliability);
  const { warnings } = job;
  if (!(job.shares.total < hopeless)) {
    const late = work === undefined || reliability.deadline === undefined ? {} : { deadlineProbability: 0 };
    const lost = "the job makes no progress: it is interrupted before it has saved anything";
    return {
      metrics: { ...metrics, trainingGoodput: 0, ...late },
      interruptions,
      assumptions: [],
      warnings: [...warnings, lost],
    };
  }
  if (work === undefined) return { metrics, interruptions, assumptions: [], warnings };
  const whole = underWay(design, run, { job, reliability, work, basis });
  return {
    metrics: { ...metrics, ...whole.metrics },
    wallTime: wallTerm(job, work),
    wallTimeSpread: whole.wall,
    interruptions,
    assumptions: whole.assumptions,
    warnings: [...warnings, ...waitingWarning(job)],
  };
}

/** Wall time over work from which on a job gets nowhere. */
const hopeless = 1e6;

const nothing: WholeRun = { metrics: {}, assumptions: [], warnings: [] };

/** Above this share of waiting its spread, which is not modelled, matters. */
const longWaiting = 0.05;

function waitingWarning({ waiting }: JobUnderFailures): string[] {
  if (waiting <= longWaiting) return [];
  return [`the job waits ${formatQuantity(waiting, "ratio")} of the time for repaired nodes: it has too few spares`];
}

function withoutFailures(design: TrainingDesign, run: TrainingRun, work: Seconds): WholeRun {
  const energy = runEnergy(design, run, { busy: work, idle: 0, spares: 0 });
  const paid = bill(design, { energy, time: work, spares: 0 });
  return {
    metrics: { timeToTrain: work, ...paid.metrics },
    assumptions: [
      { path: "reliability", value: "no failures, no checkpoints", reason: "timeToTrain counts uninterrupted steps" },
      ...paid.assumptions,
    ],
    warnings: [],
  };
}

/** What does not depend on the length of the run. */
function jobMetrics(
  { goodput, plan, every, times, size, rates }: JobUnderFailures,
  { spares }: ReliabilityDesign,
): Record<string, number> {
  const { store } = plan;
  return {
    trainingGoodput: goodput,
    timeBetweenInterruptions: 1 / rates.reduce((sum, { rate }) => sum + rate, 0),
    restartTime: store.detection + store.restart,
    spareNodes: spares,
    checkpointSize: size,
    ...(Number.isFinite(every) ? { checkpointInterval: every } : {}),
    checkpointStall: store.stall,
    checkpointPersistTime: times.persist,
    loadTime: times.load,
  };
}

interface UnderWay {
  readonly job: JobUnderFailures;
  readonly reliability: ReliabilityDesign;
  readonly work: Seconds;
  readonly basis: Basis | undefined;
}

/** Time to train under failures: expected, its spread, and what it costs. */
function underWay(
  design: TrainingDesign,
  run: TrainingRun,
  { job, reliability, work, basis }: UnderWay,
): Pick<WholeRun, "metrics" | "assumptions"> & { readonly wall: WallTime } {
  const time = work / job.goodput;
  const wall = wallTime(job.plan, { work, waiting: job.waiting });
  const busy = work * (1 + job.shares.lost);
  const { spares, deadline } = reliability;
  const energy = runEnergy(design, run, { busy, idle: time - busy, spares });
  const paid = bill(design, { energy, time, spares });
  const chance = deadline === undefined ? undefined : chanceOf(wall, deadline, { basis, step: run.stepTime });
  const metrics = {
    timeToTrain: time,
    "timeToTrain.p50": wallQuantile(wall, 0.5),
    "timeToTrain.p90": wallQuantile(wall, 0.9),
    productiveTime: work,
    interruptions: work * job.shares.interruptions,
    ...(chance === undefined ? {} : { deadlineProbability: chance.probability }),
    ...paid.metrics,
  };
  return { metrics, wall, assumptions: [...(chance?.assumptions ?? []), ...paid.assumptions] };
}

/** The probability of a deadline: the chance of interruptions, and how far off the step time may be where that is known. */
function chanceOf(
  wall: WallTime,
  deadline: Seconds,
  { basis, step }: { readonly basis: Basis | undefined; readonly step: Seconds },
): { readonly probability: number; readonly assumptions: readonly Assumption[] } {
  if (basis === undefined || basis.interval === null) {
    const reason = "no runs like it were measured, so the error of the step time is not in the probability";
    const known: Assumption = { path: "reliability.deadline", value: "steps take what is predicted", reason };
    return { probability: wallProbability(wall, deadline), assumptions: [known] };
  }
  const [low, high] = basis.interval;
  return {
    probability: onTime(wall, deadline, { low: low / step, high: high / step, level: basis.level }),
    assumptions: [],
  };
}

/** Cost and energy of the run, spare nodes among what is rented; what is unknown or left out is said. */
function bill(
  design: TrainingDesign,
  { energy, time, spares }: { readonly energy: Joules | "unknown"; readonly time: Seconds; readonly spares: number },
): Pick<WholeRun, "metrics" | "assumptions"> {
  const { cluster } = design.case;
  const { prices } = design;
  const cost = rentalCost({
    accelerators: cluster.accelerators + spares * cluster.node.acceleratorsPerNode,
    time,
    price: prices.acceleratorSecond === "unknown" ? "unknown" : { value: prices.acceleratorSecond },
    ...(prices.joule === undefined ? {} : { energy: { used: energy, price: prices.joule } }),
  });
  return {
    metrics: {
      ...(energy === "unknown" ? {} : { energy }),
      ...(cost.value === "unknown" ? {} : { cost: cost.value }),
    },
    assumptions: [
      // Without a price there is no cost, which the price's own assumption says.
      ...(cost.value === "unknown"
        ? []
        : [{ path: "cost", value: `without ${cost.excluded.join(", ")}`, reason: "not priced" }]),
      ...(energy === "unknown"
        ? [{ path: "energy", value: "unknown", reason: "no public power rating of the node or its accelerators" }]
        : []),
    ],
  };
}
