/**
 * Time of an adapter: two small products forward, four backward (each factor's gradient and what passes through it),
 * and plain PyTorch passes around them.
 */

import type { GemmFormat, Kernels } from "../kernel.ts";
import type { AdapterOperator } from "./operator.ts";
import { element } from "./passes.ts";

export interface AdapterCost {
  readonly forward: number;
  readonly input: number;
  readonly weight: number;
  readonly launches: number;
  readonly backwardLaunches: number;
  readonly flop: number;
}

interface AdapterCostOptions {
  readonly format: GemmFormat;
  readonly kernels: Kernels;
  /** What a plain operation costs the host over a counted kernel. */
  readonly plainShare: number;
}

/**
 *     forward   x A, z B; scaling reads and writes the output, addition reads two and writes one
 *     backward  dz = dy B', dx = dz A', dB = dy' z, dA = dz' x; scaling of dy, addition to the frozen path's dx
 *     dropout   reads and writes the input, and a mask of a byte an element
 *
 * The pairs of all local experts run as one grouped call a product. Products are modules of the framework and cost the
 * host as any do; scaling, addition and dropout are plain operations.
 * @source hu-2021-lora @source megatron-bridge-peft @source ko-2025-lora
 */
export function adapterCost(
  operator: AdapterOperator,
  { format, kernels, plainShare }: AdapterCostOptions,
): AdapterCost {
  const { rows, in: from, rankIn, rank, out, groups, imbalance, inputElements, outputElements } = operator;
  const product = (m: number, n: number, k: number): number =>
    groups === 1 ? kernels.gemm(format, m, n, k) : kernels.groupedGemm(format, { groups, rows: m, n, k, imbalance });
  // The gradient of a factor sums over the rows of its expert: roles exchanged, as for frozen experts' own gradients.
  const gradient = (n: number, k: number): number =>
    groups === 1
      ? kernels.gemm(format, n, k, rows)
      : kernels.groupedGemm(format, { groups, rows: groups * n, n: k, k: rows / groups, imbalance });
  const drop = operator.dropout === "on" ? kernels.memoryPass((2 * element + 1) * inputElements) : 0;
  const scale = kernels.memoryPass(2 * element * outputElements);
  const add = kernels.memoryPass(3 * element * outputElements);
  const accumulate = kernels.memoryPass(3 * element * inputElements);
  const plain = plainShare * (operator.dropout === "on" ? 3 : 2);
  return {
    forward: product(rows, rankIn, from) + product(rows, out, rank) + drop + scale + add,
    input: product(rows, rank, out) + product(rows, from, rankIn) + drop + scale + accumulate,
    weight: gradient(out, rank) + gradient(rankIn, from),
    launches: 2 + plain,
    backwardLaunches: 4 + plain,
    flop: 2 * rows * (from * rankIn + rank * out) * imbalance,
  };
}
