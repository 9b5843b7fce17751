/** Training joined with economics and with what is known about its accuracy: a design in, a prediction out. */

import type { Joules, Seconds } from "../../base/quantity.ts";
import { leaf, sumOf } from "../../base/term.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { busyFractions, clusterEnergy, rentalCost } from "../../economics/index.ts";
import { meanPeak, modelFlop, type PoolStep, predictTraining, type TrainingRun } from "../../training/index.ts";
import { type Prediction, trainingUnits } from "../prediction.ts";
import { version } from "../version.ts";
import { basisOfMetrics } from "./basis.ts";
import type { TrainingDesign } from "./design.ts";
import { trainingLinks } from "./links.ts";

export function predictTrainingDesign(design: TrainingDesign): Prediction {
  const run = atLeast(predictTraining(design.case), design.leastStep ?? 0);
  const { memory } = run;
  const whole = wholeRun(design, run);
  const metrics = { ...stepMetrics(design, run), ...whole.metrics };
  return {
    name: design.name,
    kind: "training",
    fit: memory.fit,
    feasible: memory.fit !== "does-not-fit",
    ...(memory.binding === undefined ? {} : { binding: memory.binding }),
    metrics,
    units: Object.fromEntries(Object.keys(metrics).map((name) => [name, trainingUnits[name] ?? "1"])),
    terms: run.term,
    ...(design.fabric === undefined ? {} : linksOf(design, run.stepTime)),
    ...(run.removals.length === 0 ? {} : { stragglers: run.removals }),
    assumptions: [...design.assumptions, ...run.assumptions, ...whole.assumptions],
    warnings: [...design.warnings, ...run.warnings],
    basis: basisOfMetrics(design.case, metrics),
    provenance: { version, seed: design.seed },
  };
}

function linksOf(design: TrainingDesign, stepTime: Seconds): Pick<Prediction, "links"> {
  const links = trainingLinks(design, stepTime);
  return links === undefined ? {} : { links };
}

/** The run, waiting for the fullest link where its step is shorter than that link is busy. */
function atLeast(run: TrainingRun, least: Seconds): TrainingRun {
  const wait = least - run.stepTime;
  if (wait <= 0) return run;
  const { name, label, children } = run.term;
  const formula = "time that the fullest link needs for the bytes of a step - step";
  const term = leaf({ name: "fullLinks", label: "waiting for full links", value: wait, formula, origin: "derived" });
  return { ...run, stepTime: least, term: sumOf({ name, label }, [...children, term]) };
}

/** Metrics of one step. FLOP are model FLOP under the design's convention; MFU is over the dense bf16 peaks. */
function stepMetrics(design: TrainingDesign, run: TrainingRun): Record<string, number> {
  const c = design.case;
  const { tokens } = run.breakdown;
  const count = c.cluster.accelerators;
  const flop = modelFlop(c, design.flopConvention ?? "megatron-core-2024", run.breakdown.documents);
  const rate = flop / run.stepTime / count;
  const peak = meanPeak(c);
  return {
    stepTime: run.stepTime,
    tokensPerSecond: tokens / run.stepTime,
    tokensPerSecondPerAccelerator: tokens / run.stepTime / count,
    modelFlopsPerSecondPerAccelerator: rate,
    ...(peak === undefined ? {} : { modelFlopsUtilization: rate / peak }),
    memoryPerAccelerator: run.memory.total,
    modelStateMemory: run.memory.modelState,
    activationMemory: run.memory.activations,
    bubbleTime: run.bubbleTime,
    exposedCommunicationTime: run.exposedCommunicationTime,
  };
}

/** Time, energy and cost of the whole run, where its tokens are given. Failures are not in it yet. */
function wholeRun(
  design: TrainingDesign,
  run: TrainingRun,
): Pick<Prediction, "assumptions"> & { readonly metrics: Record<string, number> } {
  if (design.tokens === undefined) return { metrics: {}, assumptions: [] };
  const c = design.case;
  const steps = design.tokens / run.breakdown.tokens;
  const time: Seconds = steps * run.stepTime;
  const energy = runEnergy(design, run, time);
  const cost = rentalCost({
    accelerators: c.cluster.accelerators,
    time,
    price: design.prices.acceleratorSecond === "unknown" ? "unknown" : { value: design.prices.acceleratorSecond },
    ...(design.prices.joule === undefined ? {} : { energy: { used: energy, price: design.prices.joule } }),
  });
  return {
    metrics: {
      timeToTrain: time,
      ...(energy === "unknown" ? {} : { energy }),
      ...(cost.value === "unknown" ? {} : { cost: cost.value }),
    },
    assumptions: [
      { path: "reliability", value: "no failures, no checkpoints", reason: "timeToTrain counts uninterrupted steps" },
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

/** Energy at the meter of the site for the whole run, of all pools; unknown where one of them is. */
function runEnergy(design: TrainingDesign, run: TrainingRun, time: Seconds): Joules | "unknown" {
  let sum = 0;
  for (const { cluster } of run.pools) {
    const alike = run.pools.filter((other) => other.cluster.node === cluster.node);
    const energy = poolEnergy(design, run, { cluster, time, pool: busiestOf(alike) });
    if (energy === "unknown") return energy;
    sum += energy;
  }
  return sum;
}

/** Nodes that are alike draw what their busiest rank draws, as on a plain cluster. */
function busiestOf(pools: readonly PoolStep[]): PoolStep {
  return pools.reduce((known, next) => (next.waiting < known.waiting ? next : known));
}

/** What is done once a step is counted as in the whole run: pools wait for the slowest. */
function poolEnergy(
  design: TrainingDesign,
  { breakdown, stepTime }: TrainingRun,
  { cluster, pool, time }: { readonly cluster: Cluster; readonly pool: PoolStep; readonly time: Seconds },
): Joules | "unknown" {
  const { parts, busiest, microBatches } = pool;
  const memoryBound =
    microBatches * (parts.forward.elementwise + parts.backward.elementwise + parts.recompute.elementwise);
  const inside = busiest.tensor + busiest.context + busiest.expert + busiest.sharded + busiest.transfer;
  const exposed = microBatches * inside + breakdown.gradientReduce + breakdown.parameterGather;
  const uneven = breakdown.lengths === undefined ? 0 : breakdown.lengths.data + breakdown.lengths.pipeline;
  const late = uneven + breakdown.stragglers + breakdown.injectedStragglers;
  const idle = Math.max(0, pool.waiting) + breakdown.fixed + late + microBatches * busiest.launch;
  const memory = memoryBound + breakdown.optimizer;
  const communication = Math.min(exposed, Math.max(0, stepTime - memory - idle));
  const energy = clusterEnergy({
    cluster,
    busy: busyFractions({ step: stepTime, memory, communication, idle }),
    time,
    pue: design.prices.powerUsageEffectiveness,
  });
  return energy === "unknown" ? energy : energy.facility;
}
