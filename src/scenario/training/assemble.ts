/** Training joined with reliability, economics and what is known about its accuracy: a design in, a prediction out. */

import type { Seconds } from "../../base/quantity.ts";
import { leaf, sumOf } from "../../base/term.ts";
import { meanPeak, modelFlop, predictTraining, type TrainingRun } from "../../training/index.ts";
import { type Prediction, trainingUnits } from "../prediction.ts";
import { version } from "../version.ts";
import { basisOfMetrics } from "./basis.ts";
import type { TrainingDesign } from "./design.ts";
import { trainingLinks } from "./links.ts";
import { wholeRun } from "./whole-run.ts";

export function predictTrainingDesign(design: TrainingDesign): Prediction {
  const run = atLeast(predictTraining(design.case), design.leastStep ?? 0);
  const { memory } = run;
  const step = stepMetrics(design, run);
  const whole = wholeRun(design, run, basisOfMetrics(design.case, step).stepTime);
  const metrics = { ...step, ...whole.metrics };
  return {
    name: design.name,
    kind: "training",
    fit: memory.fit,
    feasible: memory.fit !== "does-not-fit",
    ...(memory.binding === undefined ? {} : { binding: memory.binding }),
    metrics,
    units: Object.fromEntries(Object.keys(metrics).map((name) => [name, trainingUnits[name] ?? "1"])),
    terms: run.term,
    ...(whole.wallTime === undefined ? {} : { wallTime: whole.wallTime }),
    ...(whole.wallTimeSpread === undefined ? {} : { wallTimeSpread: whole.wallTimeSpread }),
    ...(whole.interruptions === undefined ? {} : { interruptions: whole.interruptions }),
    ...(design.fabric === undefined ? {} : linksOf(design, run.stepTime)),
    ...(run.removals.length === 0 ? {} : { stragglers: run.removals }),
    assumptions: [...design.assumptions, ...run.assumptions, ...whole.assumptions],
    warnings: [...design.warnings, ...run.warnings, ...whole.warnings],
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
