/** Training jobs side by side: each job's step beside the others and alone, and the links they meet on. */

import { mean } from "../../base/statistics.ts";
import { maxOf } from "../../base/term.ts";
import { hottestLinks, linkName, type Topology } from "../../network/index.ts";
import type { LinkUse, Point, Prediction, SharedLinks } from "../prediction.ts";
import { trainingUnits } from "../prediction.ts";
import { predictTrainingDesign } from "../training/assemble.ts";
import type { TrainingDesign } from "../training/design.ts";
import { busiestTime } from "../training/links.ts";
import { version } from "../version.ts";
import type { SharedDesign, SharedJob } from "./design.ts";
import { activityOf, factorsLeft, type LinkActivity, partsLeft } from "./sharing.ts";

export function predictSharedDesign(design: SharedDesign): Prediction {
  const alone = design.jobs.map((job) => predictTrainingDesign(job.alone));
  const { predictions, activities } = settled(design, alone);
  const slowdowns = predictions.map((each, index) => stepOf(each) / stepOf(alone[index]!));
  const metrics = {
    "slowdown.mean": mean(slowdowns),
    "slowdown.max": Math.max(...slowdowns),
    tokensPerSecond: predictions.reduce((sum, each) => sum + (each.metrics.tokensPerSecond ?? 0), 0),
  };
  const tight = predictions.some(({ fit }) => fit === "tight") ? "tight" : "fits";
  const fit = predictions.some(({ fit: each }) => each === "does-not-fit") ? "does-not-fit" : tight;
  const binding = predictions.find((each) => each.binding !== undefined)?.binding;
  const terms = predictions.map(({ terms: tree }, index) => {
    const { name } = design.jobs[index]!;
    return { ...tree, name, label: `a step of ${name}` };
  });
  return {
    name: design.name,
    kind: "training",
    fit,
    feasible: predictions.every(({ feasible }) => feasible),
    ...(binding === undefined ? {} : { binding }),
    metrics,
    units: {
      "slowdown.mean": "1",
      "slowdown.max": "1",
      tokensPerSecond: "token/s",
      stepTimeAlone: "s",
      slowdown: "1",
      ...unitsOf(predictions),
    },
    terms: maxOf({ name: "stepTime", label: "the slowest step" }, terms),
    points: predictions.map((each, index): Point => {
      const stepTimeAlone = stepOf(alone[index]!);
      const own = { ...each.metrics, stepTimeAlone, slowdown: slowdowns[index]! };
      return { at: { workload: design.jobs[index]!.name }, metrics: own };
    }),
    links: linksOf(design, activities, predictions),
    sharedLinks: sharedOf(design, activities, predictions),
    assumptions: [...design.assumptions, ...jobAssumptions(design, alone)],
    warnings: [...design.warnings, ...predictions.flatMap(({ warnings }) => warnings)],
    basis: Object.fromEntries(
      Object.keys(metrics).map((name) => [name, { interval: null, level: 0.9, trust: "assumed" }]),
    ),
    provenance: { version, seed: design.seed },
  };
}

/** What was taken for granted in each job, by its name. */
function jobAssumptions({ jobs }: SharedDesign, alone: readonly Prediction[]): Prediction["assumptions"] {
  return alone.flatMap(({ assumptions }, index) => {
    return assumptions.map((each) => ({ ...each, path: `${jobs[index]!.name}: ${each.path}` }));
  });
}

function stepOf({ metrics }: Prediction): number {
  return metrics.stepTime ?? Number.NaN;
}

/** Rounds of jobs adapting to each other; they settle within a few. */
const roundsMost = 30;
const settledWithin = 1e-6;

function settled(
  { topology, jobs }: SharedDesign,
  alone: readonly Prediction[],
): { readonly predictions: readonly Prediction[]; readonly activities: readonly LinkActivity[] } {
  const own = jobs.map(({ dimensions }) => busiestTime({ topology, dimensions }));
  let factors = jobs.map(({ dimensions }) => dimensions.map(({ contention }) => contention.factor));
  let predictions = alone;
  let activities = jobs.map((job, index) => activityOf(topology, job, factors[index]!));
  for (let round = 0; round < roundsMost; round++) {
    const steps = predictions.map(stepOf);
    factors = jobs.map((job, index) =>
      factorsLeft(topology, job, partsLeft(topology, index, activities, steps)).slice(),
    );
    activities = jobs.map((job, index) => activityOf(topology, job, factors[index]!));
    const least = leastSteps(topology, activities, steps).map((time, index) => Math.max(time, own[index]!));
    predictions = jobs.map((job, index) => {
      return predictTrainingDesign({ ...withFactors(job, factors[index]!), leastStep: least[index]! });
    });
    const moved = predictions.map((each, index) => Math.abs(stepOf(each) / steps[index]! - 1));
    if (Math.max(...moved) < settledWithin) break;
  }
  return { predictions, activities };
}

/** Steps that no link is more than full with: those of jobs on a link that is asked for too much grow alike. */
function leastSteps(
  topology: Topology,
  activities: readonly LinkActivity[],
  steps: readonly number[],
): readonly number[] {
  const full = new Float64Array(topology.ends.length);
  activities.forEach(({ busy }, index) => {
    for (let link = 0; link < full.length; link++) full[link]! += busy[link]! / steps[index]!;
  });
  return activities.map(({ busy }, index) => {
    let most = 0;
    for (let link = 0; link < full.length; link++) if (busy[link]! > 0) most = Math.max(most, full[link]!);
    return most > 1 - 1e-9 ? most * steps[index]! : 0;
  });
}

function withFactors({ alone, dimensions }: SharedJob, factors: readonly number[]): TrainingDesign {
  const contention = Object.fromEntries(
    dimensions.map(({ traffic, contention: { delay } }, index) => [
      traffic.dimension,
      { factor: factors[index]!, delay },
    ]),
  );
  return { ...alone, case: { ...alone.case, contention } };
}

/** Links shown. */
const linksMost = 8;

/** The fullest links of all jobs together. */
/** Of what the jobs say of themselves. */
function unitsOf(predictions: readonly Prediction[]): Record<string, string> {
  const said = new Set(predictions.flatMap(({ metrics }) => Object.keys(metrics)));
  return Object.fromEntries(Object.entries(trainingUnits).filter(([name]) => said.has(name)));
}

function linksOf(
  { topology, jobs }: SharedDesign,
  activities: readonly LinkActivity[],
  predictions: readonly Prediction[],
): readonly LinkUse[] {
  const carried = fullness(topology, activities, predictions).map((full, link) => full * topology.capacity[link]!);
  const users = new Map<number, number[]>();
  carried.forEach((bytes, link) => {
    if (bytes > 0)
      users.set(
        link,
        [...jobs.keys()].filter((job) => activities[job]!.busy[link]! > 0),
      );
  });
  return hottestLinks(topology, carried, { time: 1, most: linksMost, users }).map(({ users: who, ...link }) => {
    return { ...link, jobs: who.map((job) => jobs[job]!.name) };
  });
}

/** Share of the time that every link is full, over all jobs. */
function fullness(
  topology: Topology,
  activities: readonly LinkActivity[],
  predictions: readonly Prediction[],
): Float64Array {
  const full = new Float64Array(topology.ends.length);
  activities.forEach(({ busy }, index) => {
    const step = stepOf(predictions[index]!);
    for (let link = 0; link < full.length; link++) full[link]! += busy[link]! / step;
  });
  return full;
}

function sharedOf(
  { topology, jobs }: SharedDesign,
  activities: readonly LinkActivity[],
  predictions: readonly Prediction[],
): readonly SharedLinks[] {
  const full = fullness(topology, activities, predictions);
  return jobs.flatMap((job, index) =>
    jobs.slice(index + 1).flatMap((other, distance): SharedLinks[] => {
      const [a, b] = [activities[index]!, activities[index + 1 + distance]!];
      let [count, hottest] = [0, -1];
      for (let link = 0; link < full.length; link++) {
        if (a.busy[link] === 0 || b.busy[link] === 0) continue;
        count += 1;
        if (hottest < 0 || full[link]! > full[hottest]!) hottest = link;
      }
      return count === 0 ? [] : [{ jobs: [job.name, other.name], count, hottest: linkName(topology, hottest) }];
    }),
  );
}
