/** `predict`: one scenario to one prediction; on request a timeline of its step or engines, and single requests. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import {
  type Design,
  type DesignOf,
  type Prediction,
  predictDesign,
  resolve,
  runServingDesign,
  servingFrontier,
  servingUnit,
  trainingOf,
} from "../scenario/index.ts";
import { wantsOf } from "../search/study/index.ts";
import { type Uncertainty, uncertaintyOf } from "../search/uncertainty/index.ts";
import { type MemoryUse, predictTraining } from "../training/index.ts";
import type { Host } from "./host.ts";
import { withLinks } from "./links.ts";
import { field, type Operation } from "./operation.ts";
import { type Remedy, remediesOf } from "./remedies.ts";
import { readScenario, scenarioField } from "./scenario-input.ts";
import { hostLimit, type Sensitivity } from "./sensitivity.ts";
import { EngineTimeline, requestsText } from "./serving-output.ts";
import { timelineDocument, timelineProblem } from "./timeline.ts";

export interface PredictInput {
  readonly scenario: string;
  readonly timeline?: string;
  readonly requests?: string;
  readonly links?: true;
  readonly frontier?: true;
  readonly samples?: number | undefined;
}

export interface PredictOutput {
  readonly design: Design;
  readonly prediction: Prediction;
  /** What only training has. */
  readonly training?: TrainingAside;
  /** Where inputs are ranges or limits are stated: the spread of every metric, and how probable the limits are kept. */
  readonly uncertainty?: Uncertainty;
}

export interface TrainingAside {
  /** What fills the memory of the fullest stage. */
  readonly memory: MemoryUse;
  /** Where it does not fit: changes of the layout with which it does. */
  readonly remedies: readonly Remedy[];
  /** Where the way to host memory moves the step time most. */
  readonly hostLimit?: Sensitivity;
}

const samplesField = z.coerce
  .number({ error: "expected a whole number" })
  .int({ error: "expected a whole number" })
  .min(10, { error: "expected 10 or more" })
  .max(100_000)
  .optional();

export const predictOperation: Operation<PredictInput, PredictOutput> = {
  name: "predict",
  summary: "Predict one scenario: time, memory, cost and what binds.",
  input: z.strictObject({
    scenario: scenarioField,
    timeline: field(z.string().min(1).exactOptional(), {
      description: "write the pipeline step, or every serving engine, as a Chrome trace (opens in Perfetto)",
      value: "FILE",
    }),
    requests: field(z.string().min(1).exactOptional(), {
      description: "write what became of every request of serving: JSON lines, or CSV where the name ends so",
      value: "FILE",
    }),
    links: field(z.literal(true).exactOptional(), {
      description: "the busiest links of jobs of any size; up to 1,024 accelerators they are shown unasked",
      as: "switch",
    }),
    frontier: field(z.literal(true).exactOptional(), {
      description: "of serving: throughput of an accelerator against speed for a user, over requests under way",
      as: "switch",
    }),
    samples: field(samplesField, {
      description: "draws where inputs are ranges or limits are stated; default 400, of serving 40",
      value: "N",
    }),
  }),
  examples: [
    { command: "windtunnel predict scenario.yaml", does: "summary, breakdown and assumptions" },
    { command: "windtunnel predict scenario.yaml --json", does: "everything, for programs" },
    { command: "windtunnel predict - < scenario.yaml", does: "reads standard input" },
    { command: "windtunnel predict scenario.yaml --timeline step.json", does: "one step to open in ui.perfetto.dev" },
    { command: "windtunnel predict serving.yaml --requests requests.csv", does: "every request with its times" },
    { command: "windtunnel predict serving.yaml --frontier", does: "throughput against speed for a user" },
  ],
  document: ({ prediction, uncertainty }) => (uncertainty === undefined ? prediction : { ...prediction, uncertainty }),
  infeasible: ({ prediction }) => !prediction.feasible,
  async run({ scenario, samples, ...asked }, host) {
    const input = await readScenario(scenario, host);
    const { places, constraints, inputs } = input.scenario;
    const output = await predicted(resolve(input.scenario, input.files), asked, host);
    if (constraints === undefined && inputs === undefined) {
      if (samples === undefined) return output;
      const message = "nothing is drawn: no input is a range, and no limit is stated";
      throw new ProblemError([{ path: "--samples", message, hint: "e.g. acceleratorHour: 2..3 $/h, or constraints" }]);
    }
    const { units } = output.prediction;
    const wished = {
      ...(constraints === undefined ? {} : { constraints }),
      ...(places === undefined ? {} : { places }),
    };
    const { limits } = wantsOf(wished, units);
    const most = samples ?? defaultSamples[output.design.kind === "serving" ? "simulated" : "exact"];
    host.progress(`predict: ${most} draws`);
    const options = { samples: most, limits, files: input.files, cancelled: () => host.cancelled() };
    return { ...output, uncertainty: uncertaintyOf(input.scenario, options) };
  },
};

const defaultSamples = { exact: 400, simulated: 40 } as const;

/** The prediction itself, and what is written of it. */
async function predicted(
  design: Design,
  { timeline, requests, links, frontier }: Omit<PredictInput, "scenario" | "samples">,
  host: Host,
): Promise<PredictOutput> {
  if (design.kind === "serving") return withFrontier(await runServing(design, { timeline, requests }, host), frontier);
  for (const [flag, given] of Object.entries({ requests, frontier })) {
    if (given === undefined) continue;
    throw new ProblemError([{ path: `--${flag}`, message: "belongs to serving", hint: "leave it out" }]);
  }
  const timed = timeline === undefined ? undefined : trainingOf(design, "the timeline of a step").training;
  const tooLong = timed === undefined ? undefined : timelineProblem(timed);
  if (tooLong !== undefined) throw new ProblemError([tooLong]);
  const prediction = withLinks(predictDesign(design), design, links === undefined ? "unasked" : "asked");
  if (timeline !== undefined && timed !== undefined) {
    await host.write(timeline, JSON.stringify(timelineDocument(timed)));
    host.progress(`timeline written to ${timeline}; open it in ui.perfetto.dev`);
  }
  return { design, prediction, ...(design.kind === "training" ? { training: asideOf(design, prediction) } : {}) };
}

/** One run, and what is written of it. */
async function runServing(
  design: DesignOf<"serving">,
  { timeline, requests }: { readonly timeline: string | undefined; readonly requests: string | undefined },
  host: Host,
): Promise<PredictOutput> {
  const lines = new EngineTimeline();
  const { prediction, fleet } = runServingDesign(design.serving, timeline === undefined ? undefined : lines.observer);
  if (timeline !== undefined && fleet !== undefined) {
    await host.write(timeline, JSON.stringify(lines.document(prediction.name, fleet.held.length)));
    host.progress(`timeline written to ${timeline}; open it in ui.perfetto.dev`);
    if (lines.cut !== undefined) host.progress(lines.cut);
  }
  if (requests !== undefined && fleet !== undefined) {
    await host.write(requests, requestsText(fleet, requests));
    host.progress(`${fleet.state.list.count} requests written to ${requests}`);
  }
  return { design, prediction };
}

/** The same with the points of the frontier, where it was asked for. */
function withFrontier(output: PredictOutput, asked: true | undefined): PredictOutput {
  const { design, prediction } = output;
  if (asked === undefined || design.kind !== "serving" || !prediction.feasible) return output;
  const frontier = servingFrontier(design.serving);
  const userRate = { outputTokensPerSecondPerUser: servingUnit("outputTokensPerSecondPerUser") };
  const units = { ...prediction.units, ...userRate };
  return { ...output, prediction: { ...prediction, units, points: [...(prediction.points ?? []), ...frontier] } };
}

function asideOf(design: DesignOf<"training">, prediction: Prediction): TrainingAside {
  const { memory } = predictTraining(design.training.case);
  const limit = prediction.binding === undefined ? hostLimit(design) : undefined;
  const remedies = prediction.feasible ? [] : remediesOf(design);
  return { memory, remedies, ...(limit === undefined ? {} : { hostLimit: limit }) };
}
