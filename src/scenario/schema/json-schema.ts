/** The language as JSON Schema, for editors. */

import { z } from "zod";
import { scenarioSchema } from "./scenario.ts";

/** JSON Schema (2020-12) of a scenario as it is written: quantities are text, counts numbers or text. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(scenarioSchema, { io: "input", unrepresentable: "any" });
  return { $schema, ...rest };
}
