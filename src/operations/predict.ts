/** `predict`: one scenario to one prediction, and on request the timeline of its pipeline step. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { type Design, type Prediction, predictDesign } from "../scenario/index.ts";
import { type MemoryUse, predictTraining } from "../training/index.ts";
import { field, type Operation } from "./operation.ts";
import { type Remedy, remediesOf } from "./remedies.ts";
import { readDesign, scenarioField } from "./scenario-input.ts";
import { hostLimit, type Sensitivity } from "./sensitivity.ts";
import { timelineDocument, timelineProblem } from "./timeline.ts";

export interface PredictInput {
  readonly scenario: string;
  readonly timeline?: string;
}

export interface PredictOutput {
  readonly design: Design;
  readonly prediction: Prediction;
  /** What fills the memory of the fullest stage. */
  readonly memory: MemoryUse;
  /** Where it does not fit: changes of the layout with which it does. */
  readonly remedies: readonly Remedy[];
  /** Where the way to host memory moves the step time most. */
  readonly hostLimit?: Sensitivity;
}

export const predictOperation: Operation<PredictInput, PredictOutput> = {
  name: "predict",
  summary: "Predict one scenario: time, memory, cost and what binds.",
  input: z.strictObject({
    scenario: scenarioField,
    timeline: field(z.string().min(1).exactOptional(), {
      description: "write the pipeline step as a Chrome trace (opens in Perfetto)",
      value: "FILE",
    }),
  }),
  examples: [
    { command: "windtunnel predict scenario.yaml", does: "summary, breakdown and assumptions" },
    { command: "windtunnel predict scenario.yaml --json", does: "everything, for programs" },
    { command: "windtunnel predict - < scenario.yaml", does: "reads standard input" },
    { command: "windtunnel predict scenario.yaml --timeline step.json", does: "one step to open in ui.perfetto.dev" },
  ],
  document: ({ prediction }) => prediction,
  infeasible: ({ prediction }) => !prediction.feasible,
  async run({ scenario, timeline }, host) {
    const design = await readDesign(scenario, host);
    const tooLong = timeline === undefined ? undefined : timelineProblem(design.training);
    if (tooLong !== undefined) throw new ProblemError([tooLong]);
    const prediction = predictDesign(design);
    if (timeline !== undefined) {
      await host.write(timeline, JSON.stringify(timelineDocument(design.training)));
      host.progress(`timeline written to ${timeline}; open it in ui.perfetto.dev`);
    }
    const { memory } = predictTraining(design.training.case);
    const limit = prediction.binding === undefined ? hostLimit(design) : undefined;
    const remedies = prediction.feasible ? [] : remediesOf(design);
    return { design, prediction, memory, remedies, ...(limit === undefined ? {} : { hostLimit: limit }) };
  },
};
