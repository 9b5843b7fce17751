/** What a user says of logs of collective tests that do not say it themselves. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { type RunOptions, testProgram, testPrograms } from "../evidence/index.ts";
import { field } from "./operation.ts";

export interface LogInput {
  readonly operation?: string;
  readonly ranks?: number;
  readonly nodes?: number;
}

type WholeField = z.ZodExactOptional<z.ZodCoercedNumber>;

function whole(description: string): WholeField {
  const schema = z.coerce
    .number({ error: "expected a whole number" })
    .int("expected a whole number")
    .min(1, "expected at least 1")
    .exactOptional();
  return field(schema, { description, value: "N" });
}

/** The fields of an operation on such logs. */
export const logFields: {
  readonly operation: z.ZodExactOptional<z.ZodString>;
  readonly ranks: WholeField;
  readonly nodes: WholeField;
} = {
  operation: field(z.string().min(1).exactOptional(), {
    description: "which collective, of logs that do not name their program: all_reduce, alltoall, …",
    value: "NAME",
  }),
  ranks: whole("how many ranks, of logs that do not list them"),
  nodes: whole("how many nodes, of logs that do not list their hosts"),
};

/** What the options say of logs that do not. */
export function runOptions({ operation, ranks }: { readonly operation?: string; readonly ranks?: number }): RunOptions {
  const program = operation === undefined ? undefined : testProgram(operation);
  if (operation !== undefined && program === undefined) {
    const hint = `known: ${testPrograms.map(({ name }) => name).join(", ")}`;
    throw new ProblemError([{ path: "--operation", message: `unknown collective "${operation}"`, hint }]);
  }
  return {
    ...(program === undefined ? {} : { operation: program }),
    ...(ranks === undefined ? {} : { ranks }),
  };
}
