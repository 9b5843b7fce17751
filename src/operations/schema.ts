/** `schema`: the scenario language as JSON Schema. */

import { z } from "zod";
import { jsonSchema } from "../scenario/index.ts";
import type { Operation } from "./operation.ts";

export const schemaOperation: Operation<Record<never, never>, Readonly<Record<string, unknown>>> = {
  name: "schema",
  summary: "Print the scenario language as JSON Schema, for editors.",
  input: z.strictObject({}),
  examples: [{ command: "windtunnel schema > scenario.schema.json", does: "writes it to a file" }],
  run: () => Promise.resolve(jsonSchema()),
};
