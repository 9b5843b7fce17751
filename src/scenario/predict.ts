/**
 * The life of a scenario:
 *
 *     text --parse--> Scenario --resolve--> Design --predict--> Prediction
 *
 * Everything here is synchronous and pure: files that a scenario names come in as text.
 */

import { ProblemError } from "../base/problem.ts";
import { formatQuantity } from "../base/quantity.ts";
import { predictCollectiveDesign } from "./collective/assemble.ts";
import type { CollectiveDesign } from "./collective/design.ts";
import type { Assumption, Prediction } from "./prediction.ts";
import { resolveCollective } from "./resolve/collective.ts";
import { graphPath, withGraph } from "./resolve/graph.ts";
import type { Files } from "./resolve/model.ts";
import { resolveServing, servingFiles } from "./resolve/serving.ts";
import { resolveShared } from "./resolve/shared.ts";
import { resolveTraffic } from "./resolve/traffic.ts";
import { resolveTraining } from "./resolve/training.ts";
import type { CollectiveText } from "./schema/collective.ts";
import { type InputRange, middleOf } from "./schema/input-range.ts";
import { isModelPath } from "./schema/names.ts";
import type { Scenario } from "./schema/parse.ts";
import { inOrder, locate } from "./schema/problems.ts";
import type { TrafficText } from "./schema/traffic.ts";
import type { ServingWorkloadText, TrainingText } from "./schema/workload.ts";
import { predictServingDesign } from "./serving/assemble.ts";
import type { ServingDesign } from "./serving/design.ts";
import { predictSharedDesign } from "./shared/assemble.ts";
import type { SharedDesign } from "./shared/design.ts";
import { refusals } from "./support.ts";
import { predictTrafficDesign } from "./traffic/assemble.ts";
import type { TrafficDesign } from "./traffic/design.ts";
import { predictTrainingDesign } from "./training/assemble.ts";
import type { TrainingDesign } from "./training/design.ts";

/** A scenario with everything looked up. One member for each kind that is modelled. */
export type Design =
  | { readonly kind: "training"; readonly training: TrainingDesign }
  | { readonly kind: "collective"; readonly collective: CollectiveDesign }
  | { readonly kind: "traffic"; readonly traffic: TrafficDesign }
  | { readonly kind: "serving"; readonly serving: ServingDesign }
  | { readonly kind: "shared"; readonly shared: SharedDesign };

/** The member of one kind. */
export type DesignOf<Kind extends Design["kind"]> = Extract<Design, { readonly kind: Kind }>;

/**
 * The design of a training scenario.
 * @throws ProblemError where the scenario is of another kind; `what` names what belongs to training.
 */
export function trainingOf(design: Design, what: string = "this"): DesignOf<"training"> {
  if (design.kind === "training") return design;
  const found = design.kind === "shared" ? "has several workloads" : `is of kind ${design.kind}`;
  const path = design.kind === "shared" ? "workloads" : "workload.kind";
  throw new ProblemError([{ path, message: `${what} belongs to one training job; this scenario ${found}` }]);
}

/** Paths that a scenario names, as written; `predict` wants the text of each. */
export function requiredFiles(scenario: Scenario): readonly string[] {
  const { workloads } = scenario;
  const all = workloads === undefined ? [scenario.workload] : workloads.map(({ workload }) => workload);
  const graph = graphPath(scenario);
  return [...new Set([...(graph === undefined ? [] : [graph]), ...all.flatMap((each) => filesOf(each, scenario))])];
}

function filesOf(workload: Scenario["workload"], { serving }: Scenario): readonly string[] {
  if (workload?.kind === "serving") return servingFiles(workload as ServingWorkloadText, serving);
  if (workload?.kind === "collective") {
    const { calibration } = workload as CollectiveText;
    return calibration === undefined ? [] : [calibration];
  }
  const trace = workload?.kind === "traffic" ? (workload as TrafficText).trace : undefined;
  if (trace !== undefined) return [trace];
  const text = workload?.kind === "training" ? (workload as TrainingText) : undefined;
  if (text === undefined) return [];
  const { objective, model, lengths } = text;
  const teacher = typeof objective === "object" ? objective.teacher : undefined;
  const models = [model, teacher].filter((each) => typeof each === "string").filter(isModelPath);
  return lengths?.file === undefined ? models : [...models, lengths.file];
}

/**
 * Looks everything up.
 * @throws ProblemError with every problem: what is not modelled, unknown or impossible.
 */
export function resolve(written: Scenario, files: Files = {}): Design {
  try {
    return withOpenInputs(resolved(written, files), written);
  } catch (error) {
    throw error instanceof ProblemError ? ofMiddles(error, written.inputs?.ranges ?? []) : error;
  }
}

/** Problems with the middle of a range say so: nobody wrote it. */
function ofMiddles({ problems }: ProblemError, ranges: readonly InputRange[]): ProblemError {
  return new ProblemError(
    problems.map((problem) => {
      const range = ranges.find(({ path }) => path === problem.path);
      return range === undefined ? problem : { ...problem, message: `the middle of ${range.text}: ${problem.message}` };
    }),
  );
}

/** What one design cannot say of a scenario whose inputs are ranges, or that states limits: noted among its assumptions. */
function withOpenInputs(design: Design, { inputs, constraints }: Scenario): Design {
  const middles = (inputs?.ranges ?? []).map((range): Assumption => {
    const middle = middleOf(range);
    const value = Number(middle) >= 1e4 ? formatQuantity(Number(middle), "count") : String(middle);
    return { path: range.path, value, reason: `the middle of ${range.text}` };
  });
  const limits = (constraints ?? []).map(({ metric, atMost, atLeast }, index): Assumption => {
    const ends = [
      ...(atMost === undefined ? [] : [`at most ${atMost}`]),
      ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ];
    const value = `${metric} ${ends.join(", ")}`;
    return { path: `constraints[${index}]`, value, reason: "windtunnel predict says how probable it is" };
  });
  const noted = [...middles, ...limits];
  return noted.length === 0 ? design : withAssumptions(design, noted);
}

function withAssumptions(design: Design, noted: readonly Assumption[]): Design {
  const and = <Each extends { readonly assumptions: readonly Assumption[] }>(each: Each): Each => {
    return { ...each, assumptions: [...noted, ...each.assumptions] };
  };
  switch (design.kind) {
    case "training":
      return { kind: design.kind, training: and(design.training) };
    case "collective":
      return { kind: design.kind, collective: and(design.collective) };
    case "traffic":
      return { kind: design.kind, traffic: and(design.traffic) };
    case "serving":
      return { kind: design.kind, serving: and(design.serving) };
    case "shared":
      return { kind: design.kind, shared: and(design.shared) };
  }
}

function resolved(written: Scenario, files: Files): Design {
  const scenario = withGraph(written, files);
  const refused = refusals(scenario).map((problem) => locate(problem, scenario.places));
  if (refused.length > 0) throw new ProblemError(inOrder(refused));
  const { workload, workloads } = scenario;
  if (workloads !== undefined) return { kind: "shared", shared: resolveShared(scenario, workloads, files) };
  switch (workload?.kind) {
    case "training":
      return { kind: "training", training: resolveTraining(scenario, workload as TrainingText, files) };
    case "collective":
      return { kind: "collective", collective: resolveCollective(scenario, workload as CollectiveText, files) };
    case "traffic":
      return { kind: "traffic", traffic: resolveTraffic(scenario, workload as TrafficText, files) };
    case "serving":
      return { kind: "serving", serving: resolveServing(scenario, workload as ServingWorkloadText, files) };
    default:
      throw new Error("a kind that is not modelled passed the support matrix");
  }
}

/** Predicts a design. */
export function predictDesign(design: Design): Prediction {
  switch (design.kind) {
    case "training":
      return predictTrainingDesign(design.training);
    case "collective":
      return predictCollectiveDesign(design.collective);
    case "traffic":
      return predictTrafficDesign(design.traffic);
    case "serving":
      return predictServingDesign(design.serving);
    case "shared":
      return predictSharedDesign(design.shared);
  }
}

/**
 * One scenario in, one prediction out. A design that does not fit is a prediction too (`feasible: false`).
 * @throws ProblemError with every problem of the input.
 */
export function predict(scenario: Scenario, files: Files = {}): Prediction {
  return predictDesign(resolve(scenario, files));
}
