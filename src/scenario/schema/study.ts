/** `vary:`, `objective:`, `constraints:` what a study adds to a scenario. */

import { z } from "zod";
import { choice, expectation, list, ratio, strict, text } from "./fields.ts";

const value = z.union([z.number(), z.string()], {
  error: expectation({ expected: "a number, or text with a unit" }),
});

const range = strict({
  from: value.meta({ description: "First value." }),
  to: value.meta({ description: "Last value." }),
  scale: choice(["linear", "log2", "log10"], "Spacing.").exactOptional(),
  step: value.meta({ description: "Distance of neighbours." }).exactOptional(),
  factor: ratio("Factor between neighbours.", { above: 1, atMost: 1e6 }).exactOptional(),
});

/** Values of one or several fields, by their dotted path. */
export const varyField: z.ZodType<Readonly<Record<string, unknown>>> = z
  .record(
    z.string(),
    z.union([z.array(z.unknown()), range], { error: expectation({ expected: "a list, or { from, to }" }) }),
    {
      error: expectation({ expected: "an object from field path to values" }),
    },
  )
  .meta({ description: "Fields to vary, e.g. cluster.nodes: [1024, 2048]. Not modelled yet." });

const goal = strict({
  minimize: text("Metric.").exactOptional(),
  maximize: text("Metric.").exactOptional(),
});

/** What the best design minimises or maximises. */
export const objectiveField: z.ZodType<readonly { readonly minimize?: string; readonly maximize?: string }[]> = list(
  goal,
  "Metrics to minimise or maximise, most important first. Not modelled yet.",
);

const constraint = strict({
  metric: text("Metric."),
  atMost: value.meta({ description: "Upper limit." }).exactOptional(),
  atLeast: value.meta({ description: "Lower limit." }).exactOptional(),
});

/** Limits that a design must keep. */
export const constraintsField: z.ZodType<
  readonly { readonly metric: string; readonly atMost?: number | string; readonly atLeast?: number | string }[]
> = list(constraint, "Limits on metrics, e.g. { metric: timeToTrain, atMost: 60 days }. Not modelled yet.");
