/** Memory-bound passes between the products of a layer, and the tokens a rank sees. */

import type { PassKind } from "../../catalog/calibration/kernels.ts";
import type { LayerShard, LayerStyle, Module, Operator, PassOperator } from "./operator.ts";

/** Bytes of one 16-bit activation element. */
export const element = 2;

/** Tokens of the micro-batch on one rank where activations are whole (inside tensor-parallel blocks). */
export function tokensPerRank(shard: LayerShard): number {
  return (shard.sequences * shard.sequenceLength) / shard.context;
}

/** Tokens of the micro-batch on one rank between tensor-parallel blocks: divided under sequence parallelism. */
export function tokensBetweenBlocks(shard: LayerShard): number {
  return shard.sequenceParallel === "on" ? tokensPerRank(shard) / shard.tensor : tokensPerRank(shard);
}

/** Norms of a layer. */
export function normPass(hidden: number, norms: number, shard: LayerShard, style: LayerStyle): Operator {
  const bytes = tokensBetweenBlocks(shard) * hidden * element * norms;
  // Outside Transformer Engine the gradients of the norm's own parameters read input and gradient a second time.
  const separate = isSeparate(style) ? 2 : 0;
  return { ...pass("norms", ["layer-norm"], 2 * bytes, (3 + separate) * bytes, norms), pass: kindOf("norm", style) };
}

/** Norm of queries and keys, head by head, before the core. */
export function headNormPass(elements: number, shard: LayerShard, style: LayerStyle): Operator {
  const bytes = (tokensPerRank(shard) * elements * element) / shard.tensor;
  return { ...pass("head-norms", ["attention"], 2 * bytes, 3 * bytes, 2), pass: kindOf("norm", style) };
}

/**
 * Gate on a mixer's result before its output projection, with the norm that recurrent mixers fuse into it: reads
 * result and gate; backward reads the gradient too and writes two.
 */
export function gatePass(elements: number, shard: LayerShard, style: LayerStyle): Operator {
  const bytes = (tokensPerRank(shard) * elements * element) / shard.tensor;
  return { ...pass("gate", ["attention"], 3 * bytes, 5 * bytes, 1), pass: kindOf("norm", style) };
}

/** Residual additions, with bias and dropout merged where the stack has the fused kernel. */
export function residualPass(hidden: number, blocks: number, shard: LayerShard, style: LayerStyle): Operator {
  const bytes = tokensBetweenBlocks(shard) * hidden * element * blocks;
  const dropout = style.dropout === "on" ? (style.elementwise === "eager" ? 2.5 : 0.5) : 0;
  return pass("residual", ["always"], (3 + dropout) * bytes, (3 + dropout) * bytes, blocks * (dropout > 1 ? 2 : 1));
}

/** Activation function: reads its inputs, writes the product; backward reads both and the gradient, writes theirs. */
export function activationPass(
  name: string,
  modules: readonly Module[],
  bytes: number,
  ways: number,
  style: LayerStyle,
): Operator {
  const eager = style.elementwise === "eager" && ways === 2 ? 2 : 1;
  const moved = pass(name, modules, (ways + 1) * bytes * eager, (2 * ways + 1) * bytes * eager, eager);
  return { ...moved, pass: kindOf("activation", style) };
}

/** A pass at streaming speed. */
export function pass(
  name: string,
  modules: readonly Module[],
  forwardBytes: number,
  backwardBytes: number,
  kernels: number,
): PassOperator {
  return {
    kind: "pass",
    part: "elementwise",
    pass: "stream",
    name,
    modules,
    forwardBytes,
    backwardBytes,
    forwardKernels: kernels,
    backwardKernels: kernels,
  };
}

/** Elementwise kernels of their own, neither Transformer Engine's nor a compiler's. */
function isSeparate({ elementwise }: LayerStyle): boolean {
  return elementwise === "eager" || elementwise === "fused" || elementwise === "engine";
}

/** Separate kernels fall short of streaming speed each in their way. */
export function kindOf(kind: PassKind, style: LayerStyle): PassKind {
  return isSeparate(style) ? kind : "stream";
}
