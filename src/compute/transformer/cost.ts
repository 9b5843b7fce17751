/**
 * Time of a layer's operators on one accelerator: forward, backward by input and by weight, and what recompute adds.
 * Quantised recipes pay for casting activations and gradients; weights stay cast between micro-batches.
 */

import type { Flop, Seconds } from "../../base/quantity.ts";
import type { GemmFormat, Kernels } from "../kernel.ts";
import { adapterCost } from "./adapter-cost.ts";
import type { Module, Operator, Part } from "./operator.ts";

export type PartTimes = Record<Part, Seconds>;

/** Precision recipe of a layer's matrix products. */
export interface MatrixRecipe {
  readonly format: GemmFormat;
  /** Format of 16-bit products under the same recipe. */
  readonly wide: GemmFormat;
  /** Bytes moved per operand element to cast it (amax pass, read, both layouts written); 0 without casts. */
  readonly castBytes: number;
  readonly castKernels: number;
}

export interface LayerCost {
  readonly forward: PartTimes;
  readonly backwardInput: PartTimes;
  readonly backwardWeight: PartTimes;
  /** Forward work done again in the backward pass. */
  readonly recompute: PartTimes;
  /** Kernels launched in each pass. */
  readonly kernels: { readonly forward: number; readonly backward: number; readonly recompute: number };
  /** Of these, kernels of the mixer. */
  readonly mixer: { readonly forward: number; readonly backward: number };
  /**
   * Of these, kernels of the routed experts' block, and the forward time it takes; `gated` is what of both comes after
   * the first product, where the gate is a kernel of its own that takes its constants from the host.
   */
  readonly experts: {
    readonly forward: number;
    readonly backward: number;
    readonly time: Seconds;
    readonly gated: { readonly forward: number; readonly time: Seconds };
  };
  /** Executed FLOP of one forward pass (for power). */
  readonly flop: Flop;
}

export interface CostOptions {
  readonly kernels: Kernels;
  readonly recipe: MatrixRecipe;
  /**
   * Modules recomputed in the backward pass; "all" is full recompute, "all-needed" stops once every saved input is
   * back: the last product's output is not computed again. @source torch-checkpoint
   */
  readonly recompute: "all" | "all-needed" | readonly Module[];
  /** lora: frozen weights have no weight gradient. */
  readonly weights: "learn" | "frozen";
  /** What a plain PyTorch operation, without a module of the framework around it, costs the host over a counted kernel. */
  readonly plainShare: number;
  /** Bytes moved per weight to make a stored frozen weight usable in each pass; absent where it is used as it lies. */
  readonly unpack?: { readonly forward: number; readonly backward: number };
}

const parts: readonly Part[] = [
  "matrix",
  "attention",
  "experts",
  "elementwise",
  "quantize",
  "recurrent",
  "unpack",
  "adapters",
];

export function emptyParts(): PartTimes {
  return { matrix: 0, attention: 0, experts: 0, elementwise: 0, quantize: 0, recurrent: 0, unpack: 0, adapters: 0 };
}

/** Adds `factor` times `more` to `into`, in place. */
export function addParts(into: PartTimes, more: PartTimes, factor = 1): void {
  for (const part of parts) into[part] += factor * more[part];
}

/**
 * What a turn of a loop over experts costs the host, over a counted kernel: slices, buffers and descriptors of its own,
 * but no module, no cast and no node of the gradient's graph. Assumed; runs that the launch time is fitted on follow
 * equally well between a quarter and a half.
 * @source transformer-engine-grouped
 */
const loopedShare = 0.5;

/** Sum of all parts. */
export function partsTotal(times: PartTimes): Seconds {
  const products = times.matrix + times.attention + times.experts;
  return products + times.elementwise + times.quantize + times.recurrent + times.unpack + times.adapters;
}

/** Costs one layer given as operators. */
export function layerCost(operators: readonly Operator[], options: CostOptions): LayerCost {
  const sum = {
    forward: emptyParts(),
    backwardInput: emptyParts(),
    backwardWeight: emptyParts(),
    recompute: emptyParts(),
    kernels: { forward: 0, backward: 0, recompute: 0 },
    mixer: { forward: 0, backward: 0 },
    experts: { forward: 0, backward: 0, time: 0, gated: { forward: 0, time: 0 } },
    flop: 0,
  };
  const separateGate = operators.some(({ name }) => name === "experts-bias");
  const last = operators.findLastIndex((operator) => operator.kind === "matrix" || operator.kind === "experts");
  operators.forEach((operator, index) => {
    const cost = operatorCost(operator, options);
    addParts(sum.forward, cost.forward);
    addParts(sum.backwardInput, cost.input);
    addParts(sum.backwardWeight, cost.weight);
    sum.kernels.forward += cost.launches;
    sum.kernels.backward += cost.backwardLaunches;
    sum.flop += cost.flop;
    if (isMixer(operator)) {
      sum.mixer.forward += cost.launches;
      sum.mixer.backward += cost.backwardLaunches;
    }
    if (isRouted(operator)) {
      sum.experts.forward += cost.launches;
      sum.experts.backward += cost.backwardLaunches;
      sum.experts.time += partsTotal(cost.forward);
    }
    if (separateGate && afterGate.has(operator.name)) {
      sum.experts.gated.forward += cost.launches;
      sum.experts.gated.time += partsTotal(cost.forward);
    }
    if (!isRecomputed(operator, options.recompute, index < last)) return;
    addParts(sum.recompute, cost.forward);
    sum.kernels.recompute += cost.launches;
  });
  return sum;
}

const routedPasses: ReadonlySet<string> = new Set(["permute", "fill", "experts-activation", "experts-bias"]);

const afterGate: ReadonlySet<string> = new Set(["experts-activation", "experts-down", "experts-bias"]);

/** Part of the block whose shapes depend on the routing: it waits for the host to know them. */
function isRouted(operator: Operator): boolean {
  if (operator.kind === "adapter") return operator.name.startsWith("adapter-experts");
  return operator.kind === "experts" || routedPasses.has(operator.name);
}

function isMixer({ modules }: Operator): boolean {
  return modules.includes("attention") || modules.includes("attention-core");
}

function isRecomputed(operator: Operator, recompute: CostOptions["recompute"], beforeLast: boolean): boolean {
  if (recompute === "all") return true;
  if (recompute === "all-needed") return beforeLast;
  return operator.modules.some((module) => recompute.includes(module));
}

interface OperatorCost {
  readonly forward: PartTimes;
  readonly input: PartTimes;
  readonly weight: PartTimes;
  readonly launches: number;
  readonly backwardLaunches: number;
  readonly flop: number;
}

function operatorCost(operator: Operator, options: CostOptions): OperatorCost {
  switch (operator.kind) {
    case "matrix":
      return matrixCost(operator, options);
    case "experts":
      return expertCost(operator, options);
    case "attention":
      return attentionCost(operator, options);
    case "batched":
      return batchedCost(operator, options.kernels);
    case "pass":
      return passCost(operator, options.kernels);
    case "recurrent":
      return recurrentCost(operator, options.kernels);
    case "adapter":
      return adapterParts(operator, options);
  }
}

function matrixCost(operator: Extract<Operator, { kind: "matrix" }>, options: CostOptions): OperatorCost {
  const { m, n, k } = operator;
  const { kernels, recipe } = options;
  const format = operator.recipe === "layer" ? recipe.format : recipe.wide;
  const cast = operator.recipe === "layer" ? recipe.castBytes : 0;
  const learn = options.weights === "learn";
  const forward = emptyParts();
  const input = emptyParts();
  const weight = emptyParts();
  forward.matrix = kernels.gemm(format, m, n, k);
  input.matrix = kernels.gemm(format, m, k, n);
  if (learn) weight.matrix = kernels.gemm(format, n, k, m);
  if (cast > 0) {
    forward.quantize = kernels.memoryPass(cast * m * k);
    input.quantize = kernels.memoryPass(cast * m * n);
  }
  const unpacked = operator.recipe === "layer" ? addUnpack(options, n * k, forward, input) : nothingUnpacked;
  const casts = cast > 0 ? recipe.castKernels : 0;
  return {
    forward,
    input,
    weight,
    launches: 1 + casts + unpacked.forward,
    backwardLaunches: (learn ? 2 : 1) + casts + unpacked.backward,
    flop: 2 * m * n * k,
  };
}

function expertCost(operator: Extract<Operator, { kind: "experts" }>, options: CostOptions): OperatorCost {
  const { groups, rows, n, k, imbalance } = operator;
  const { kernels, recipe } = options;
  const learn = options.weights === "learn";
  const forward = emptyParts();
  const input = emptyParts();
  const weight = emptyParts();
  forward.experts = kernels.groupedGemm(recipe.format, { groups, rows, n, k, imbalance });
  input.experts = kernels.groupedGemm(recipe.format, { groups, rows, n: k, k: n, imbalance });
  // Weight gradients: per expert an n x k product over its rows; one grouped call with the roles exchanged.
  const gradient = { groups, rows: groups * n, n: k, k: rows / groups, imbalance };
  if (learn) weight.experts = kernels.groupedGemm(recipe.format, gradient);
  if (recipe.castBytes > 0) {
    forward.quantize = kernels.memoryPass(recipe.castBytes * rows * k * imbalance);
    input.quantize = kernels.memoryPass(recipe.castBytes * rows * n * imbalance);
  }
  const unpacked = addUnpack(options, groups * n * k, forward, input);
  // Libraries launch a product for each expert; one cast serves them all.
  const casts = recipe.castBytes > 0 ? recipe.castKernels : 0;
  const each = loopedShare * groups;
  return {
    forward,
    input,
    weight,
    launches: each * (1 + unpacked.forward) + casts,
    backwardLaunches: each * ((learn ? 2 : 1) + unpacked.backward) + casts,
    flop: 2 * rows * n * k * imbalance,
  };
}

/** Adds the passes that unpack so many stored weights; returns the kernels of each pass. */
function addUnpack(
  { kernels, unpack }: CostOptions,
  weights: number,
  forward: PartTimes,
  input: PartTimes,
): { readonly forward: number; readonly backward: number } {
  if (unpack === undefined) return nothingUnpacked;
  if (unpack.forward > 0) forward.unpack = kernels.memoryPass(unpack.forward * weights);
  if (unpack.backward > 0) input.unpack = kernels.memoryPass(unpack.backward * weights);
  return { forward: unpack.forward > 0 ? 1 : 0, backward: unpack.backward > 0 ? 1 : 0 };
}

const nothingUnpacked = Object.freeze({ forward: 0, backward: 0 });

function adapterParts(operator: Extract<Operator, { kind: "adapter" }>, options: CostOptions): OperatorCost {
  const { kernels, recipe, plainShare } = options;
  const cost = adapterCost(operator, { format: recipe.wide, kernels, plainShare });
  const only = (adapters: Seconds): PartTimes => ({ ...emptyParts(), adapters });
  return { ...cost, forward: only(cost.forward), input: only(cost.input), weight: only(cost.weight) };
}

function attentionCost(operator: Extract<Operator, { kind: "attention" }>, options: CostOptions): OperatorCost {
  const { shape, sharedBy, time } = operator;
  const forward = emptyParts();
  const input = emptyParts();
  forward.attention = time?.forward ?? options.kernels.attention(shape) / sharedBy;
  input.attention = time?.backward ?? options.kernels.attentionBackward(shape) / sharedBy;
  const launches = time?.launches ?? 1;
  const span = shape.window === undefined ? shape.keys / 2 : Math.min(shape.window, shape.keys / 2);
  const flop =
    (2 * shape.sequences * shape.queries * span * shape.heads * (shape.headDim + shape.valueHeadDim)) / sharedBy;
  return { forward, input, weight: emptyParts(), launches, backwardLaunches: 3 * launches, flop };
}

/**
 * Batched products of unfused attention, as one product with all rows: their inner or outer dimension is the head's,
 * so what prologue and epilogue of a tile cost weighs heavily. Backward has two of each.
 */
function batchedCost(operator: Extract<Operator, { kind: "batched" }>, kernels: Kernels): OperatorCost {
  const { count, m, n, k } = operator;
  const forward = emptyParts();
  const input = emptyParts();
  const one = Math.max(kernels.gemm("bf16", count * m, n, k), kernels.memoryPass(2 * count * (m * k + n * k + m * n)));
  forward.attention = one;
  input.attention = 2 * one;
  return { forward, input, weight: emptyParts(), launches: 1, backwardLaunches: 2, flop: 2 * count * m * n * k };
}

function passCost(operator: Extract<Operator, { kind: "pass" }>, kernels: Kernels): OperatorCost {
  const forward = emptyParts();
  const input = emptyParts();
  forward[operator.part] = passTime(operator, operator.forwardBytes, operator.forwardKernels, kernels);
  input[operator.part] = passTime(operator, operator.backwardBytes, operator.backwardKernels, kernels);
  return {
    forward,
    input,
    weight: emptyParts(),
    launches: operator.forwardKernels - (1 - loopedShare) * (operator.looped?.forward ?? 0),
    backwardLaunches: operator.backwardKernels - (1 - loopedShare) * (operator.looped?.backward ?? 0),
    flop: 0,
  };
}

/** Bytes spread over so many kernels, each with its own fixed time. */
function passTime(
  { pass }: Extract<Operator, { kind: "pass" }>,
  bytes: number,
  count: number,
  kernels: Kernels,
): Seconds {
  return count <= 0 ? 0 : count * kernels.memoryPass(bytes / count, pass);
}

/**
 * Chunked scan of a recurrent mixer: its kernels reach a small share of the matrix peak whatever the length (measured
 * on the chunked gated delta rule, applied to Mamba-2's scan too); backward recomputes the chunk states and walks
 * them twice. The short convolution before it moves its channels through memory, backward twice.
 * @source aiconfigurator
 */
function recurrentCost(operator: Extract<Operator, { kind: "recurrent" }>, kernels: Kernels): OperatorCost {
  const forward = emptyParts();
  const input = emptyParts();
  const convolution = kernels.convolution(operator.convolutionBytes);
  const scan = kernels.scan(operator.flop);
  forward.recurrent = scan + convolution;
  input.recurrent = 3 * scan + 2 * convolution;
  return { forward, input, weight: emptyParts(), launches: 6, backwardLaunches: 10, flop: operator.flop };
}
