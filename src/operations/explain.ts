/**
 * `explain`: the term tree of a prediction with formulas and sources, and what each resource is worth; with a
 * measurement, where the gap to it lies.
 */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import { findTerm, type Term, walkTerm } from "../base/term.ts";
import { type Source, sources } from "../catalog/index.ts";
import { type Design, type Prediction, predictDesign, resolve, trainingOf } from "../scenario/index.ts";
import { type MeasuredStragglers, type MemoryUse, predictTraining } from "../training/index.ts";
import { type BillAnswer, billAnswer } from "./bill.ts";
import { type GoodputDemands, goodputDemands } from "./goodput.ts";
import type { Host } from "./host.ts";
import { withLinks } from "./links.ts";
import { explainGap, type MeasuredAnswer, measuredField, readMeasurement } from "./measured.ts";
import { field, type Operation } from "./operation.ts";
import { readStragglers } from "./ranks.ts";
import { readScenario, type ScenarioInput, scenarioField } from "./scenario-input.ts";
import { type Difference, differencesOf, type Sensitivity } from "./sensitivity.ts";
import { explainServingGap, type ServingMeasuredAnswer } from "./serving-measured.ts";
import { svgName } from "./svg-name.ts";
import { type TornadoAnswer, tornadoDrawing, tornadoOf } from "./tornado.ts";

export interface ExplainInput {
  readonly scenario: string;
  readonly term?: string;
  readonly measured?: readonly string[];
  readonly ranks?: string;
  readonly bill?: true;
  readonly goodput?: string;
  readonly tornado?: string;
  readonly swing?: string;
  readonly output?: string;
}

export interface ExplainOutput {
  readonly name: string;
  readonly design: Design;
  /** The whole tree, or the part that was asked for. */
  readonly term: Term;
  /** Value of the tree's root, of which the term is a part. */
  readonly whole: number;
  /** Sources that the terms name. */
  readonly sources: Readonly<Record<string, Source>>;
  readonly sensitivities: readonly Sensitivity[];
  /** How they were taken, of simulated serving. */
  readonly difference?: Difference;
  /** What fills the memory of the fullest stage, of training. */
  readonly memory?: MemoryUse;
  readonly prediction: Prediction;
  /** With a measurement: the gap, and what would help. */
  readonly measured?: MeasuredAnswer;
  /** The same of serving: a gap for each mean latency. */
  readonly servingMeasured?: ServingMeasuredAnswer;
  /** Where it was asked for: what the design is made of, and of a job or a service what owning it costs. */
  readonly bill?: BillAnswer;
  /** Where it was asked for: what a wanted goodput demands. */
  readonly goodput?: GoodputDemands;
  /** Where a table of measured rank times was given: what its slow ranks, stages, data and jitter cost. */
  readonly stragglers?: MeasuredStragglers;
  /** Where it was asked for: a metric with each resource alone less and more. */
  readonly tornado?: TornadoAnswer;
}

export const explainOperation: Operation<ExplainInput, ExplainOutput> = {
  name: "explain",
  summary: "Open a prediction: its terms with formula and source, and what each resource is worth.",
  input: z.strictObject({
    scenario: scenarioField,
    term: field(z.string().min(1).exactOptional(), {
      description: "name or path of one term; the whole tree without it",
      as: "argument",
    }),
    measured: measuredField,
    ranks: field(z.string().min(1).exactOptional(), {
      description: "measured times of ranks and steps (CSV, JSON lines): what slow ranks, stages, data and jitter cost",
      value: "FILE",
    }),
    bill: field(z.literal(true).exactOptional(), {
      description:
        "what it is made of: machines, switches, cables, optics, storage, racks, power; owning against renting",
      as: "switch",
    }),
    goodput: field(z.string().min(1).exactOptional(), {
      description: 'what a wanted goodput demands, e.g. "95 %": stall, interval, restart, time between failures',
      value: "SHARE",
    }),
    tornado: field(z.string().min(1).exactOptional(), {
      description: "a metric with each resource alone less and more, the strongest first",
      value: "METRIC",
    }),
    swing: field(z.string().min(1).exactOptional(), {
      description: "how much less and more, with --tornado; default 10 %",
      value: "RATIO",
    }),
    output: field(z.string().min(1).exactOptional(), {
      description: "draw the tornado as SVG, light and dark",
      value: "FILE",
      short: "o",
    }),
  }),
  examples: [
    { command: "windtunnel explain scenario.yaml", does: "the whole tree and all sensitivities" },
    { command: "windtunnel explain scenario.yaml communication", does: "one term and what is below it" },
    {
      command: 'windtunnel explain scenario.yaml --measured "stepTime=6.7 s"',
      does: "the gap to a measured step, by part",
    },
    { command: "windtunnel explain scenario.yaml --measured train.log", does: "the same from a training log" },
    {
      command: "windtunnel explain serving.yaml --measured result.json",
      does: "the gaps to what vllm bench serve, AIPerf or inference-perf measured, by part of a mean request",
    },
    { command: "windtunnel explain scenario.yaml --ranks ranks.csv", does: "which ranks and stages a run waits for" },
    {
      command: "windtunnel explain scenario.yaml --bill",
      does: "with its bill of materials, and what owning it costs",
    },
    {
      command: 'windtunnel explain scenario.yaml --goodput "95 %"',
      does: "which stall, interval and restart reach it",
    },
    {
      command: "windtunnel explain scenario.yaml --tornado stepTime -o tornado.svg",
      does: "what each resource 10 % less and more does to a metric, as text and drawn",
    },
    { command: "windtunnel explain scenario.yaml --json", does: "the same for programs" },
  ],
  document: ({ design: _, ...answer }) => answer,
  infeasible: ({ prediction }) => !prediction.feasible,
  async run({ scenario, term, measured, ranks, bill, goodput, tornado, ...drawing }, host) {
    if (term !== undefined && ranks !== undefined) {
      const message = "times of ranks are held against the whole step, not against one term";
      throw new ProblemError([{ path: "term", message, hint: "leave the term out, or ask for it by itself" }]);
    }
    const input = await readScenario(scenario, host);
    const design = resolve(input.scenario, input.files);
    const prediction = withLinks(predictDesign(design), design, "asked");
    const found = { input, design, prediction };
    const held = measured === undefined ? {} : await heldAgainst(measured, scenario, found, host);
    const chosen = chooseTerm(prediction.terms, term);
    const drawn = await drawnTornado(design, { ...(tornado === undefined ? {} : { tornado }), ...drawing }, host);
    return {
      name: prediction.name,
      design,
      term: chosen,
      whole: prediction.terms.value,
      sources: sourcesOf(chosen),
      ...differencesOf(design),
      ...(design.kind === "training" ? { memory: predictTraining(design.training.case).memory } : {}),
      prediction,
      ...(bill === undefined ? {} : { bill: billAnswer(design, prediction) }),
      ...(goodput === undefined ? {} : { goodput: goodputDemands(trainingOf(design, "goodput"), goodput) }),
      ...(drawn === undefined ? {} : { tornado: drawn }),
      ...held,
      ...(ranks === undefined
        ? {}
        : { stragglers: await readStragglers(ranks, trainingOf(design, "a table of rank times"), host) }),
    };
  },
};

/** The tornado that was asked for, written to its file. */
async function drawnTornado(
  design: Design,
  { tornado, swing, output }: Pick<ExplainInput, "tornado" | "swing" | "output">,
  host: Host,
): Promise<TornadoAnswer | undefined> {
  if (tornado === undefined) {
    const lone = swing !== undefined ? "--swing" : output !== undefined ? "--output" : undefined;
    if (lone === undefined) return undefined;
    throw new ProblemError([{ path: lone, message: "belongs to --tornado", hint: "add --tornado METRIC" }]);
  }
  const answer = tornadoOf(design, tornado, swing);
  if (output === undefined) return answer;
  await host.write(svgName(output), tornadoDrawing(answer));
  return { ...answer, file: output };
}

/** The gap to a measurement, of a training step or of latencies. */
async function heldAgainst(
  measured: readonly string[],
  scenario: string,
  found: { readonly input: ScenarioInput; readonly design: Design; readonly prediction: Prediction },
  host: Host,
): Promise<Pick<ExplainOutput, "measured" | "servingMeasured">> {
  if (found.design.kind === "serving") {
    const { design, prediction } = found;
    return { servingMeasured: await explainServingGap(measured, { scenario, design, prediction }, host) };
  }
  const design = trainingOf(found.design, "a measured step");
  const measurement = await readMeasurement(measured, { scenario, design }, host);
  return { measured: explainGap(found.input, design, found.prediction, measurement) };
}

function chooseTerm(root: Term, wanted: string | undefined): Term {
  if (wanted === undefined) return root;
  const found = findTerm(root, wanted);
  if (found !== undefined) return found;
  const names: string[] = [];
  walkTerm(root, (term) => names.push(term.name));
  const near = suggestion(wanted, names);
  const hint = near === undefined ? `terms: ${[...new Set(names)].join(", ")}` : `did you mean "${near}"?`;
  throw new ProblemError([{ path: "term", message: `no term "${wanted}" in this prediction`, hint }]);
}

function sourcesOf(root: Term): Record<string, Source> {
  const found: Record<string, Source> = {};
  walkTerm(root, ({ source }) => {
    const entry = source === undefined ? undefined : sources[source];
    if (source !== undefined && entry !== undefined) found[source] = entry;
  });
  return found;
}
