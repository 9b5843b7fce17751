/** Raw kinds whose domain is not modelled yet, or that no scenario can say: every row is listed with the reason. */

import type { Converter } from "./converter.ts";

const reasons: Readonly<Record<string, string>> = {
  kernel: "times of single iterations of an engine that is older than any that is modelled (vLLM of 2023)",
  checkpoint: "kind checkpoint is not modelled yet",
  storage: "kind storage is not modelled yet",
  scheduling: "kind scheduling is not modelled yet",
};

export const laterKinds: readonly Converter[] = Object.entries(reasons).map(([kind, skip]) => ({
  kind,
  summary: `Rows of kind ${kind}, listed with the reason`,
  convert: () => ({ skip }),
}));
