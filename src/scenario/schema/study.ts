/** `vary:`, `sampling:`, `objective:`, `constraints:` what a study adds to a scenario. */

import { z } from "zod";
import { choice, count, expectation, list, ratio, strict, text } from "./fields.ts";

/** A number, or text with a unit. */
export type Written = number | string;

export interface RangeText {
  readonly from: Written;
  readonly to: Written;
  readonly scale?: "linear" | "log2" | "log10" | "log";
  readonly step?: Written;
  readonly factor?: number;
  readonly count?: number;
}

export type VaryText = Readonly<Record<string, readonly unknown[] | RangeText>>;

export type SamplingMethod = "grid" | "random" | "latin-hypercube" | "evolutionary";

export interface SamplingText {
  readonly method?: SamplingMethod;
  readonly points?: number;
  readonly seed?: number;
}

export interface GoalText {
  readonly minimize?: string;
  readonly maximize?: string;
}

export interface LimitText {
  readonly metric: string;
  readonly atMost?: Written;
  readonly atLeast?: Written;
}

/** What a study adds, as it is written. */
export interface StudyText {
  readonly vary?: VaryText;
  readonly sampling?: SamplingMethod | SamplingText;
  readonly objective?: readonly GoalText[];
  readonly constraints?: readonly LimitText[];
}

const value = z.union([z.number(), z.string()], {
  error: expectation({ expected: "a number, or text with a unit" }),
});

const range = strict(() => ({
  from: value.meta({ description: "First value." }),
  to: value.meta({ description: "Last value, never exceeded." }),
  scale: choice(
    ["linear", "log2", "log10", "log"],
    "Spacing: even distances, doublings, decades, or even ratios (log, with count). Default linear.",
  ).exactOptional(),
  step: value.meta({ description: "Distance of neighbours, with scale linear." }).exactOptional(),
  factor: ratio("Factor between neighbours.", { above: 1, atMost: 1e6 }).exactOptional(),
  count: count("Number of values, both ends among them.", { atLeast: 2, atMost: 100_000 }).exactOptional(),
}));

/** Values of fields, by their dotted path. */
export const varyField: z.ZodType<VaryText> = z
  .record(
    z.string(),
    z.union([z.array(z.unknown()), range], { error: expectation({ expected: "a list, or { from, to }" }) }),
    {
      error: expectation({ expected: "an object from field path to values" }),
    },
  )
  .meta({ description: "Fields to vary, e.g. cluster.nodes: [1024, 2048]; makes a study, for windtunnel sweep." });

const method = choice(
  ["grid", "random", "latin-hypercube", "evolutionary"],
  "Every combination; points drawn freely; drawn so that each field is covered evenly; bred from the best so far.",
);
const sampling = strict(() => ({
  method: method.exactOptional(),
  points: count("Points to draw; a grid has what it has.", { atLeast: 1, atMost: 1_000_000 }).exactOptional(),
  seed: count("Seed of the draw. Default 0.", { atLeast: 0, atMost: 2 ** 32 - 1 }).exactOptional(),
}));

/** Which points of the space are looked at. */
export const samplingField: z.ZodType<SamplingMethod | SamplingText> = z
  .union([method, sampling], {
    error: expectation({
      expected: "grid, random, latin-hypercube or evolutionary, or an object",
      hint: "e.g. sampling: { method: latin-hypercube, points: 1000 }",
    }),
  })
  .meta({ description: "Points of the space that are looked at. Default grid." });

const goal = strict(() => ({
  minimize: text("Metric.").exactOptional(),
  maximize: text("Metric.").exactOptional(),
}));

/** What the best design minimises or maximises. */
export const objectiveField: z.ZodType<readonly GoalText[]> = list(
  goal,
  "Metrics to minimise or maximise: one gives the best points, several the points that none beats in all (Pareto).",
);

const constraint = strict(() => ({
  metric: text("Metric."),
  atMost: value.meta({ description: "Upper limit." }).exactOptional(),
  atLeast: value.meta({ description: "Lower limit." }).exactOptional(),
}));

/** Limits that a design must keep. */
export const constraintsField: z.ZodType<readonly LimitText[]> = list(
  constraint,
  "Limits on metrics, e.g. { metric: timeToTrain, atMost: 60 days }.",
);

/** The keys that a study adds, in the order of the language. */
export const studyKeys = ["vary", "sampling", "objective", "constraints"] as const;

/** The study's part of a document; the rest is a scenario and passes through. */
export const studySchema: z.ZodType<StudyText> = z.looseObject({
  vary: varyField.exactOptional(),
  sampling: samplingField.exactOptional(),
  objective: objectiveField.exactOptional(),
  constraints: constraintsField.exactOptional(),
}) as unknown as z.ZodType<StudyText>;
