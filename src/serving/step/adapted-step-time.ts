/**
 * Iterations that also apply adapters: beside every projection two more products, whose weights are those of all adapters
 * that some sequence of the iteration asks for.
 *
 *     T = model + P sum [ x A (n, r, in) + B (n, out, r) + n out 2 / B ] + (a - P) w / B
 *     a = sum_j 1 - (1 - p_j)^s,  P = 1 - (1 - sum_j p_j)^s
 *
 * n tokens, s sequences, p_j the share of requests for adapter j, w bytes of one adapter's weights in the layers, B
 * bandwidth. The first adapter is read by the products themselves. Ignores: rows of one adapter that fill no tile, ranks
 * below the slots'.
 * @source vllm-lora
 */

import { pow } from "../../base/math.ts";
import type { Seconds } from "../../base/quantity.ts";
import { leaf, sumOf } from "../../base/term.ts";
import type { LayerKind } from "../../catalog/model.ts";
import { type Kernels, kernelsOf } from "../../compute/index.ts";
import { type AdapterPair, adapterPairs, pairBytes } from "../adapters.ts";
import type { Batch, StepTime } from "./batch.ts";
import { Memo } from "./memo.ts";
import type { StepOptions } from "./options.ts";

export interface AppliedAdapters {
  readonly rank: number;
  /** Share of all requests that ask for each adapter; what is missing to 1 asks for none. */
  readonly shares: readonly number[];
}

type Options = Pick<StepOptions, "model" | "accelerator" | "layout" | "engine" | "kernels">;

export function adaptedStepTime(step: StepTime, options: Options, adapters: AppliedAdapters): StepTime {
  const kernels = options.kernels ?? kernelsOf(options.accelerator, { library: options.engine.library });
  const { pipeline } = options.layout;
  const stage = Math.ceil(options.model.layers.length / pipeline) / options.model.layers.length;
  const { rank, shares } = adapters;
  const products = new Memo(1, (tokens, out, at) => {
    out[at] = stage * sumOfLayers(options, (kind) => pairsTime(kind, options, kernels, rank, tokens));
  });
  const weights = stage * sumOfLayers(options, (kind) => pairBytes(pairsOf(kind, options, rank), rank));
  const read = kernels.memoryPass(weights) - kernels.memoryPass(0);
  const asked = new Memo(2, (sequences, out, at) => {
    out[at] = 1 - pow(1 - total(shares), sequences);
    out[at + 1] = distinctAdapters(shares, sequences);
  });
  const own = (batches: readonly Batch[]): Seconds => {
    let longest = 0;
    for (const batch of batches) {
      const sequences = batch.decodes + batch.prefills;
      if (sequences === 0) continue;
      const at = asked.at(sequences);
      const some = asked.table[at] as number;
      const more = Math.max(0, (asked.table[at + 1] as number) - some);
      longest = Math.max(longest, some * products.value(batch.tokens) + more * read);
    }
    return longest;
  };
  return {
    time: (batches) => step.time(batches) + own(batches),
    terms(batches) {
      const formula = "two products beside each projection, weights of every adapter asked for";
      const part = leaf({ name: "adapters", label: "Adapters", value: own(batches), formula, origin: "derived" });
      return sumOf({ name: "iteration", label: "Iteration on the accelerators" }, [
        { ...step.terms(batches), name: "model", label: "The model itself" },
        part,
      ]);
    },
  };
}

/** Adapters that at least one of so many sequences asks for. */
export function distinctAdapters(shares: readonly number[], sequences: number): number {
  return shares.reduce((sum, share) => sum + 1 - pow(1 - Math.min(1, share), sequences), 0);
}

function total(shares: readonly number[]): number {
  return Math.min(
    1,
    shares.reduce((sum, share) => sum + share, 0),
  );
}

function sumOfLayers({ model }: Options, of: (kind: LayerKind) => number): number {
  const kinds = model.layerKinds.map(of);
  return model.layers.reduce((sum, kind) => sum + (kinds[kind] ?? 0), 0);
}

function pairsOf(kind: LayerKind, { model, layout }: Options, rank: number): readonly AdapterPair[] {
  return adapterPairs(kind, model, layout.tensor, rank);
}

/** Shrinking and expanding beside every projection of a layer, and the outputs that are read again to add to them. */
function pairsTime(kind: LayerKind, options: Options, kernels: Kernels, rank: number, tokens: number): Seconds {
  return pairsOf(kind, options, rank).reduce((sum, pair) => {
    const again = kernels.memoryPass(tokens * pair.out * 2) - kernels.memoryPass(0);
    return (
      sum + kernels.gemm("bf16", tokens, pair.inner, pair.in) + kernels.gemm("bf16", tokens, pair.out, rank) + again
    );
  }, 0);
}
