/** Raw kinds whose domain is not modelled yet, or that no scenario can say: every row is listed with the reason. */

import type { Converter } from "./converter.ts";

const kinds = ["kernel", "checkpoint", "storage", "scheduling"] as const;

const reasons: readonly (readonly [id: RegExp, reason: string])[] = [
  [/^splitwise-/, "times of single iterations of an engine that is older than any that is modelled (vLLM of 2023)"],
  [/^llmd-p2p-/, "a prefix pulled from a peer against computing it: the accelerators of a pod are not stated"],
];

export const laterKinds: readonly Converter[] = kinds.map((kind) => ({
  kind,
  summary: `Rows of kind ${kind}, not modelled yet`,
  convert: ({ id }) => ({
    skip: reasons.find(([pattern]) => pattern.test(id))?.[1] ?? `kind ${kind} is not modelled yet`,
  }),
}));
