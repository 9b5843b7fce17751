/**
 * The life of a scenario:
 *
 *     text --parse--> Scenario --resolve--> Design --predict--> Prediction
 *
 * Everything here is synchronous and pure: files that a scenario names come in as text.
 */

import { ProblemError } from "../base/problem.ts";
import type { Prediction } from "./prediction.ts";
import type { Files } from "./resolve/model.ts";
import { resolveTraining } from "./resolve/training.ts";
import { isModelPath } from "./schema/names.ts";
import type { Scenario } from "./schema/parse.ts";
import { inOrder, locate } from "./schema/problems.ts";
import type { TrainingText } from "./schema/workload.ts";
import { refusals } from "./support.ts";
import { predictTrainingDesign } from "./training/assemble.ts";
import type { TrainingDesign } from "./training/design.ts";

/** A scenario with everything looked up. One member for each kind that is modelled. */
export type Design = { readonly kind: "training"; readonly training: TrainingDesign };

/** Paths that a scenario names, as written; `predict` wants the text of each. */
export function requiredFiles(scenario: Scenario): readonly string[] {
  const { workload } = scenario;
  const text = workload?.kind === "training" ? (workload as TrainingText) : undefined;
  const objective = text?.objective;
  const teacher = typeof objective === "object" ? objective.teacher : undefined;
  const models = [workload?.model, teacher].filter((model) => typeof model === "string").filter(isModelPath);
  return text?.lengths?.file === undefined ? models : [...models, text.lengths.file];
}

/**
 * Looks everything up.
 * @throws ProblemError with every problem: what is not modelled, unknown or impossible.
 */
export function resolve(scenario: Scenario, files: Files = {}): Design {
  const refused = refusals(scenario).map((problem) => locate(problem, scenario.places));
  if (refused.length > 0) throw new ProblemError(inOrder(refused));
  const workload = scenario.workload;
  if (workload?.kind !== "training") throw new Error("a kind that is not modelled passed the support matrix");
  return { kind: "training", training: resolveTraining(scenario, workload as TrainingText, files) };
}

/** Predicts a design. */
export function predictDesign(design: Design): Prediction {
  switch (design.kind) {
    case "training":
      return predictTrainingDesign(design.training);
  }
}

/**
 * One scenario in, one prediction out. A design that does not fit is a prediction too (`feasible: false`).
 * @throws ProblemError with every problem of the input.
 */
export function predict(scenario: Scenario, files: Files = {}): Prediction {
  return predictDesign(resolve(scenario, files));
}
