/**
 * Speed of the built package, against its aims: search-grade evaluations, one full prediction, the command's start and
 * memory, the network's flows, and searches of layouts. Times are CPU time of one core where a rate is asked for; the first thing asserted is that search-grade
 * numbers are the ones `predict` gives.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "mitata";
import type { Layout, StepBreakdown, StepEvaluator, TrainingCase } from "../src/training/index.ts";
import { commandRuns } from "./command.ts";
import { flowTimings } from "./flows.ts";
import { layoutsOf } from "./layouts.ts";
import { searchTimings } from "./searches.ts";
import { servingTimings } from "./serving.ts";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..");
const scenarioFile = join(repository, "examples/llama-3.1-405b-16384-h100/scenario.yaml");
const tolerance = 1e-9;

// What a user installs, not the sources under a transpiler.
const built = (await import(join(repository, "dist/src/index.mjs"))) as typeof import("../src/index.ts");
const training = (await import(
  join(repository, "dist/src/training/index.mjs")
)) as typeof import("../src/training/index.ts");

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly aim: string;
  readonly met: boolean;
}

const text = readFileSync(scenarioFile, "utf8");
const scenario = built.parseScenario(text, { file: scenarioFile });
const design = built.resolve(scenario);
if (design.kind !== "training") throw new Error(`${scenarioFile} is not a training scenario`);
const job = design.training.case;
const layouts = layoutsOf(job);
const difference = largestDifference(job, layouts);
const figures = [
  {
    name: `largest difference to predict over ${layouts.length} layouts`,
    value: difference,
    unit: "",
    aim: `<= ${tolerance}`,
    met: difference <= tolerance,
  },
  ...evaluationRates(job, layouts),
  await predictionTime(),
  ...commandFigures(),
  ...(await networkFigures()),
  ...servingFigures(),
  ...searchTimings(join(repository, "dist/apps/cli/main.mjs"), join(repository, "bench")),
];
for (const { name, value, unit, aim, met } of figures) {
  console.log(`${met ? "met   " : "missed"} ${name}: ${rounded(value)}${unit} (aim ${aim})`);
}
console.log(`${job.model.name}, ${job.cluster.accelerators} accelerators; Node ${process.version}, one core`);
if (figures.some(({ met }) => !met)) process.exitCode = 1;

/** Largest relative difference of step time or memory between search-grade evaluation and `predict`; 1 if fit differs. */
function largestDifference(c: TrainingCase, list: readonly Layout[]): number {
  const evaluator = training.stepEvaluator(c);
  let largest = 0;
  for (const layout of list) {
    const quick = evaluator.evaluate(layout);
    const full = training.predictTraining({ ...c, layout });
    largest = Math.max(
      largest,
      Math.abs(quick.stepTime / full.stepTime - 1),
      Math.abs(quick.memory.total / full.memory.total - 1),
      quick.memory.fit === full.memory.fit ? 0 : 1,
    );
  }
  return largest;
}

/** Evaluations per CPU-second: each layout for the first time, and with what layouts have in common remembered. */
function evaluationRates(c: TrainingCase, list: readonly Layout[]): readonly Figure[] {
  const warm = training.stepEvaluator(c);
  for (let round = 0; round < 50; round++) evaluateAll(warm, list);
  const rounds = Array.from({ length: 21 }, () => evaluationRate(list, 50, () => warm));
  const fresh = Array.from({ length: 21 }, () => evaluationRate(list, 1, () => training.stepEvaluator(c)));
  return [
    figure("search-grade evaluations per CPU-second", median(rounds), 50_000),
    figure("the same, every layout for the first time", median(fresh), 10_000),
  ];
}

function figure(name: string, value: number, least: number): Figure {
  return { name, value, unit: "/s", aim: `>= ${least}`, met: value >= least };
}

function evaluationRate(list: readonly Layout[], rounds: number, evaluatorOf: () => StepEvaluator): number {
  const start = process.cpuUsage();
  const evaluator = evaluatorOf();
  for (let round = 0; round < rounds; round++) evaluateAll(evaluator, list);
  const { user, system } = process.cpuUsage(start);
  return (rounds * list.length) / ((user + system) / 1e6);
}

/** Evaluates every layout; the sum keeps the work from being optimised away. */
function evaluateAll(evaluator: StepEvaluator, list: readonly Layout[]): number {
  let sum = 0;
  for (const layout of list) {
    const step: StepBreakdown = evaluator.evaluate(layout);
    sum += step.stepTime + step.memory.total;
  }
  return sum;
}

/** One full prediction, from scenario to metrics, assumptions and term tree. */
async function predictionTime(): Promise<Figure> {
  const { p50 } = await measure(() => built.predict(scenario), { min_samples: 200 });
  const value = p50 / 1e6;
  return { name: "full predict, median", value, unit: " ms", aim: "< 5 ms", met: value < 5 };
}

function commandFigures(): readonly Figure[] {
  const runs = commandRuns(join(repository, "dist/apps/cli/main.mjs"), ["predict", scenarioFile], 11);
  const seconds = median(runs.map((run) => run.seconds));
  const memory = median(runs.map((run) => run.peakMegabytes));
  return [
    { name: "command, start to answer, median", value: seconds, unit: " s", aim: "< 0.6 s", met: seconds < 0.6 },
    { name: "command, peak memory, median", value: memory, unit: " MB", aim: "< 150 MB", met: memory < 150 },
  ];
}

async function networkFigures(): Promise<readonly Figure[]> {
  const network = (await import(
    join(repository, "dist/src/network/index.mjs")
  )) as typeof import("../src/network/index.ts");
  const simulation = (await import(
    join(repository, "dist/src/simulation/index.mjs")
  )) as typeof import("../src/simulation/index.ts");
  return flowTimings(network, simulation).map(({ name, value, unit, aim }) => ({
    name,
    value,
    unit: ` ${unit}`,
    aim: `< ${aim} ${unit}`,
    met: value < aim,
  }));
}

function servingFigures(): readonly Figure[] {
  return servingTimings(join(repository, "dist/apps/cli/main.mjs")).map(({ name, value, unit, aim }) => ({
    name,
    value,
    unit: ` ${unit}`,
    aim: `<= ${aim} ${unit}`,
    met: value <= aim,
  }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function rounded(value: number): string {
  return value === 0 ? "0" : Number(value.toPrecision(3)).toLocaleString("en");
}
