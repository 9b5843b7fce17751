/** What a drafter's passes are asked for: its model in place of the served one, on the same accelerators. */

import type { Seconds } from "../../base/quantity.ts";
import { kernelsOf } from "../../compute/index.ts";
import type { Drafter } from "./drafter.ts";
import { Memo } from "./memo.ts";
import { publishedPrecision, type StepOptions } from "./options.ts";

/** A module of the model is stored as the model is; other drafters as they were published, EAGLE heads in 16 bit. */
export function drafterOptions(served: StepOptions, { method, model }: Drafter): StepOptions {
  const precision = method === "mtp" ? served.precision : publishedPrecision(model, served.accelerator);
  const expert = method === "mtp" ? served.layout.expert : 1;
  return { ...served, model, precision, sampling: "plain", layout: { ...served.layout, pipeline: 1, expert } };
}

/** The product that joins hidden vectors, whole on every rank: so many times h by h, in 16 bit, by tokens. */
export function joiningOf(options: StepOptions, { joined, model: { hidden } }: Drafter): (tokens: number) => Seconds {
  if (joined === 0) return () => 0;
  const kernels = kernelsOf(options.accelerator, { library: options.engine.library });
  const memo = new Memo(1, (tokens, out, at) => {
    out[at] = kernels.gemm("bf16", tokens, hidden, joined * hidden);
  });
  return (tokens) => memo.value(tokens);
}

/** Captured sizes in tokens where a sequence has so many drafted ones: whole sequences, and single tokens for drafters. */
export function withDrafts(sizes: readonly number[], drafted: number): readonly number[] {
  if (drafted === 0) return sizes;
  const both = new Set([...sizes, ...sizes.map((size) => size * (1 + drafted))]);
  return [...both].sort((a, b) => a - b);
}
