/** `predict`: one scenario to one prediction, and on request the timeline of its pipeline step. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { type Design, type DesignOf, type Prediction, predictDesign, trainingOf } from "../scenario/index.ts";
import { type MemoryUse, predictTraining } from "../training/index.ts";
import { withLinks } from "./links.ts";
import { field, type Operation } from "./operation.ts";
import { type Remedy, remediesOf } from "./remedies.ts";
import { readDesign, scenarioField } from "./scenario-input.ts";
import { hostLimit, type Sensitivity } from "./sensitivity.ts";
import { timelineDocument, timelineProblem } from "./timeline.ts";

export interface PredictInput {
  readonly scenario: string;
  readonly timeline?: string;
  readonly links?: true;
}

export interface PredictOutput {
  readonly design: Design;
  readonly prediction: Prediction;
  /** What only training has. */
  readonly training?: TrainingAside;
}

export interface TrainingAside {
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
    links: field(z.literal(true).exactOptional(), {
      description: "the busiest links of jobs of any size; up to 1,024 accelerators they are shown unasked",
      as: "switch",
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
  async run({ scenario, timeline, links }, host) {
    const design = await readDesign(scenario, host);
    const timed = timeline === undefined ? undefined : trainingOf(design, "the timeline of a step").training;
    const tooLong = timed === undefined ? undefined : timelineProblem(timed);
    if (tooLong !== undefined) throw new ProblemError([tooLong]);
    const prediction = withLinks(predictDesign(design), design, links === undefined ? "unasked" : "asked");
    if (timeline !== undefined && timed !== undefined) {
      await host.write(timeline, JSON.stringify(timelineDocument(timed)));
      host.progress(`timeline written to ${timeline}; open it in ui.perfetto.dev`);
    }
    return { design, prediction, ...(design.kind === "training" ? { training: asideOf(design, prediction) } : {}) };
  },
};

function asideOf(design: DesignOf<"training">, prediction: Prediction): TrainingAside {
  const { memory } = predictTraining(design.training.case);
  const limit = prediction.binding === undefined ? hostLimit(design) : undefined;
  const remedies = prediction.feasible ? [] : remediesOf(design);
  return { memory, remedies, ...(limit === undefined ? {} : { hostLimit: limit }) };
}
