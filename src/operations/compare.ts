/** `compare`: several scenarios side by side, and what the difference of each to the first is made of. */

import { parse } from "yaml";
import { z } from "zod";
import { type Problem, ProblemError } from "../base/problem.ts";
import type { Term } from "../base/term.ts";
import { differenceLeaves, type TermDifference, termDifference } from "../base/term-difference.ts";
import { type Measurable, measureNext, type Told, toldApart } from "../evidence/index.ts";
import { type Design, type Prediction, predictDesign, resolve } from "../scenario/index.ts";
import { comparisonDrawing } from "./comparison-drawing.ts";
import { type FieldChange, fieldChanges } from "./field-changes.ts";
import type { Host } from "./host.ts";
import { field, type Operation } from "./operation.ts";
import { readScenario } from "./scenario-input.ts";
import { svgName } from "./svg-name.ts";

export interface CompareInput {
  readonly scenarios: readonly string[];
  readonly output?: string;
}

export interface ComparedDesign {
  readonly file: string;
  readonly prediction: Prediction;
}

/** One metric of all designs; null where a design has none of it. */
export interface ComparedMetric {
  readonly metric: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
  /** Whether the model tells each design from the first. */
  readonly told: readonly (Told | null)[];
}

/** A difference of two trees. */
export interface TreeDifference {
  /** Of the root term, by part: shares add up. */
  readonly difference: TermDifference;
  /** Its parts, the largest share first. */
  readonly parts: readonly { readonly path: string; readonly label: string; readonly share: number }[];
}

/** A design beside the first: what makes the difference of the step, or of what else takes the time. */
export interface AgainstFirst extends TreeDifference {
  readonly file: string;
  /** Fields that were written differently. */
  readonly changed: readonly FieldChange[];
  /** What is taken for granted differently, without being written. */
  readonly assumed: readonly FieldChange[];
  /** Of the wall time, where both runs have failures and a length. */
  readonly wallTime?: TreeDifference;
  /** Of training: what to measure to be surer of the difference. */
  readonly measureNext: readonly Measurable[];
}

export interface CompareOutput {
  readonly kind: string;
  readonly designs: readonly ComparedDesign[];
  readonly metrics: readonly ComparedMetric[];
  readonly against: readonly AgainstFirst[];
  readonly notes: readonly string[];
  /** Where the drawing was written. */
  readonly file?: string;
}

export const compareOperation: Operation<CompareInput, CompareOutput> = {
  name: "compare",
  summary:
    "Put designs side by side: every metric, what makes the difference, and whether the model can tell them apart.",
  input: z.strictObject({
    scenarios: field(z.array(z.string().min(1)).min(2, "name two scenarios or more"), {
      description: "scenario files of one kind; each is held against the first",
      as: "arguments",
    }),
    output: field(z.string().min(1).exactOptional(), {
      description: "draw the parts of each design side by side as SVG, light and dark",
      value: "FILE",
      short: "o",
    }),
  }),
  examples: [
    { command: "windtunnel compare h100.yaml b200.yaml", does: "metrics, differences by part, what to measure next" },
    { command: "windtunnel compare a.yaml b.yaml -o parts.svg", does: "the same, with a drawing" },
    { command: "windtunnel compare a.yaml b.yaml c.yaml --json", does: "b and c against a, for programs" },
  ],
  infeasible: ({ designs }) => designs.every(({ prediction }) => !prediction.feasible),
  async run({ scenarios, output }, host) {
    if (scenarios.filter((file) => file === "-").length > 1) {
      const message = "two scenarios are standard input, which can be read once";
      throw new ProblemError([{ path: "scenarios", message, hint: "name a file for one of them" }]);
    }
    const cases = await readCases(scenarios, host);
    refuseUnlike(cases);
    const [first, ...others] = cases;
    if (first === undefined) throw new Error("a comparison of nothing");
    if (output !== undefined) await host.write(svgName(output), comparisonDrawing(cases));
    return {
      kind: first.prediction.kind,
      designs: cases.map(({ file, prediction }) => ({ file, prediction })),
      metrics: metricsOf(cases.map(({ prediction }) => prediction)),
      against: others.map((other) => againstFirst(first, other)),
      notes: notesOf(first, others),
      ...(output === undefined ? {} : { file: output }),
    };
  },
};

interface Case extends ComparedDesign {
  readonly design: Design;
  /** As it was written. */
  readonly written: unknown;
}

/** All of them, or the mistakes of all. */
async function readCases(files: readonly string[], host: Host): Promise<readonly Case[]> {
  const problems: Problem[] = [];
  const cases: Case[] = [];
  for (const file of files) {
    try {
      const { scenario, files: named, text } = await readScenario(file, host);
      const design = resolve(scenario, named);
      cases.push({ file, design, prediction: predictDesign(design), written: parse(text) });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return cases;
}

/** A step and a latency have nothing in common. */
function refuseUnlike(cases: readonly Case[]): void {
  const kindOf = ({ design }: Case): string => (design.kind === "shared" ? "several workloads" : design.kind);
  const [first, ...others] = cases;
  const problems = others.flatMap((other, index): readonly Problem[] => {
    if (first === undefined || kindOf(first) === kindOf(other)) return [];
    return [
      {
        path: `scenarios[${index + 1}]`,
        message: `${other.file} is ${kindOf(other)}, ${first.file} is ${kindOf(first)}`,
        hint: "compare scenarios of one workload.kind",
      },
    ];
  });
  if (problems.length > 0) throw new ProblemError(problems);
}

function metricsOf(predictions: readonly Prediction[]): readonly ComparedMetric[] {
  const [first] = predictions;
  const names = new Set(predictions.flatMap(({ metrics }) => Object.keys(metrics)));
  return [...names].map((metric) => ({
    metric,
    unit: predictions.map(({ units }) => units[metric]).find((unit) => unit !== undefined) ?? "1",
    values: predictions.map(({ metrics }) => metrics[metric] ?? null),
    told: predictions.map((each) => (first === undefined ? null : (toldApart(metric, first, each) ?? null))),
  }));
}

function againstFirst(first: Case, other: Case): AgainstFirst {
  const walls = [first.prediction.wallTime, other.prediction.wallTime] as const;
  const [a, b] = [first.design, other.design];
  const training = a.kind === "training" && b.kind === "training";
  return {
    file: other.file,
    changed: fieldChanges(first.written, other.written).filter(({ path }) => path !== "name"),
    assumed: assumedChanges(first.prediction, other.prediction),
    ...treeDifference(first.prediction.terms, other.prediction.terms),
    ...(walls[0] === undefined || walls[1] === undefined ? {} : { wallTime: treeDifference(walls[0], walls[1]) }),
    measureNext: training
      ? measureNext(
          { design: a.training, prediction: first.prediction },
          { design: b.training, prediction: other.prediction },
        )
      : [],
  };
}

function treeDifference(before: Term, after: Term): TreeDifference {
  const difference = termDifference(before, after);
  const leaves = differenceLeaves(difference).filter(({ share }) => share !== 0);
  return { difference, parts: leaves.map(({ path, label, share }) => ({ path, label, share })) };
}

function assumedChanges(before: Prediction, after: Prediction): readonly FieldChange[] {
  const valuesOf = ({ assumptions }: Prediction) =>
    Object.fromEntries(assumptions.map(({ path, value }) => [path, value]));
  const [from, to] = [valuesOf(before), valuesOf(after)];
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .map((path): FieldChange => ({ path, before: from[path] ?? null, after: to[path] ?? null }))
    .filter((change) => change.before !== change.after);
}

/** Keys that change what one step does. */
const work = /^workload\.(model|globalBatch|sequenceLength|lengths|objective|tuning)/;

function notesOf(first: Case, others: readonly Case[]): readonly string[] {
  const all = [first, ...others];
  const unfit = all
    .filter(({ prediction }) => !prediction.feasible)
    .map(({ file }) => `${file} does not fit: its figures say what it would do with enough memory`);
  const unlike = others
    .filter(({ written }) => fieldChanges(first.written, written).some(({ path }) => work.test(path)))
    .map(({ file }) => `${file} does other work in a step than ${first.file}: compare rates and totals, not steps`);
  return [...unfit, ...(first.design.kind === "training" ? unlike : [])];
}
