/** Raw kinds whose domain is not modelled yet: every row is listed with that reason. */

import type { Converter } from "./converter.ts";

const kinds = ["serving-throughput", "serving-latency", "kernel", "checkpoint", "storage", "scheduling"] as const;

export const laterKinds: readonly Converter[] = kinds.map((kind) => ({
  kind,
  summary: `Rows of kind ${kind}, not modelled yet`,
  convert: () => ({ skip: `kind ${kind} is not modelled yet` }),
}));
