/**
 * Muon: momentum whose matrices are orthogonalised by Newton-Schulz iterations; embeddings, head, norms and other small
 * parameters stay with Adam. Whole matrices are needed: gradients are reduced whole, each data-parallel rank updates its
 * share of the matrices, and weights are gathered. Tensor-parallel slices are orthogonalised as they are (blockwise).
 *
 * Ignores: uneven shares of the matrices beyond one matrix, symmetric kernels for the Gram matrix, router weights.
 * @source jordan-2024-muon @source megatron-muon @source moonlight-2025
 */

import type { Flop, Seconds } from "../base/quantity.ts";
import type { LayerKind, Projection } from "../catalog/model.ts";
import { adaptedProjections, type Kernels } from "../compute/index.ts";
import type { AdapterTuning, TrainingCase } from "./case.ts";
import type { Layout } from "./layout.ts";
import { kindOf, type StagePlan } from "./stages.ts";
import { adapterTuning, learnsIn } from "./tuning.ts";

/** Iterations of the quintic polynomial. */
export const newtonSchulzSteps = 5;

/** `count` equal matrices of one rank. */
export interface Matrices {
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
  readonly routed: "yes" | "no";
}

/**
 * FLOP to orthogonalise one matrix of n x m, n the smaller side: X X' (2 n^2 m), its square (2 n^3), their sum times X
 * (2 n^2 m), five times.
 *
 *     F = 5 (4 n^2 m + 2 n^3)
 *
 * @source jordan-2024-muon
 */
export function newtonSchulzFlop(rows: number, columns: number): Flop {
  const n = Math.min(rows, columns);
  const m = Math.max(rows, columns);
  return newtonSchulzSteps * (4 * n * n * m + 2 * n * n * n);
}

/** The matrices of one rank's slice of a layer. */
export function layerMatrices(kind: LayerKind, hidden: number, layout: Layout): readonly Matrices[] {
  const { mixer, feedForward: feed } = kind;
  const found: Matrices[] = [];
  const add = (rows: number, columns: number, count: number, routed: Matrices["routed"] = "no"): void => {
    if (rows > 0 && columns > 0 && count > 0) found.push({ rows, columns, count, routed });
  };
  if (mixer.kind !== "none") for (const projection of mixer.projections) add(...sliceOf(projection, layout.tensor), 1);
  if (feed.kind === "none") return found;
  const ups = feed.gated === "gated" ? 2 : 1;
  const pushMlp = (inner: number, width: number, count: number, routed: Matrices["routed"]): void => {
    add(width, inner, ups * count, routed);
    add(inner, width, count, routed);
  };
  if (feed.kind === "dense") {
    pushMlp(hidden, feed.width / layout.tensor, 1, "no");
    return found;
  }
  pushMlp(hidden, feed.sharedWidth / layout.tensor, 1, "no");
  pushMlp(hidden, feed.parallelDenseWidth / layout.tensor, 1, "no");
  pushMlp(feed.inner, feed.width / layout.expertTensor, feed.experts / layout.expert, "yes");
  return found;
}

function sliceOf({ in: input, out, split, splitLimit }: Projection, tensor: number): [number, number] {
  const ways = split === "replicated" ? 1 : Math.min(tensor, splitLimit ?? tensor);
  return split === "row" ? [input / ways, out] : [input, out / ways];
}

/**
 * Adapters of one rank's slice of a layer: A (in x r) is split by its input beside row-parallel projections, else by
 * rank, and B (r x out) by its output. A rank that does not divide leaves some ranks of the group a column less.
 */
export function adapterMatrices(
  kind: LayerKind,
  { model, layout }: Pick<TrainingCase, "model" | "layout">,
  { rank, targets }: AdapterTuning,
): readonly Matrices[] {
  if (rank === 0) return [];
  return adaptedProjections(kind, model.hidden, targets).flatMap(({ in: from, out, split, copies }): Matrices[] => {
    const routed = split.startsWith("expert") ? "yes" : "no";
    const ways = routed === "yes" ? layout.expertTensor : layout.tensor;
    const count = routed === "yes" ? copies / layout.expert : 1;
    const columns = Math.ceil(rank / ways);
    const down: Matrices = split.endsWith("row")
      ? { rows: from / ways, columns: rank, count, routed }
      : { rows: from, columns, count: (count * rank) / (ways * columns), routed };
    return [down, { rows: rank, columns: out / ways, count, routed }];
  });
}

/** All matrices of a rank's stages that learn: those of its layers, or the adapters beside them. */
export function rankMatrices(c: TrainingCase, plan: StagePlan, rank: number): readonly Matrices[] {
  const found: Matrices[] = [];
  const tuning = adapterTuning(c);
  for (const type of plan.rankTypes[rank]!) {
    plan.types[type]!.counts.forEach((number, index) => {
      const kind = number === 0 || !learnsIn(c, index) ? undefined : kindOf(c.model, index);
      if (kind === undefined) return;
      const matrices =
        tuning === undefined ? layerMatrices(kind, c.model.hidden, c.layout) : adapterMatrices(kind, c, tuning);
      for (const each of matrices) {
        found.push({ ...each, count: each.count * number });
      }
    });
  }
  return found;
}

/** Parameters in matrices, which keep one moment instead of two. */
export function matrixParameters(matrices: readonly Matrices[], routed: Matrices["routed"]): number {
  return matrices.reduce((sum, each) => sum + (each.routed === routed ? each.rows * each.columns * each.count : 0), 0);
}

/**
 * Newton-Schulz iterations of one rank: its share of all matrices, at least the largest.
 *
 *     t = max(sum over matrices / replicas, largest)
 */
export function orthogonalisation(
  matrices: readonly Matrices[],
  replicas: { readonly dense: number; readonly experts: number },
  kernels: Kernels,
): Seconds {
  let sum = 0;
  let largest = 0;
  for (const { rows, columns, count, routed } of matrices) {
    const n = Math.min(rows, columns);
    const m = Math.max(rows, columns);
    const once = 2 * kernels.gemm("bf16", n, n, m) + kernels.gemm("bf16", n, n, n);
    const time = newtonSchulzSteps * once;
    sum += (time * count) / (routed === "yes" ? replicas.experts : replicas.dense);
    largest = Math.max(largest, time);
  }
  return Math.max(sum, largest);
}
