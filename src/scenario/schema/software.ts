/** `software:` a training stack by name and version, or an inline object that changes some of its switches. */

import { z } from "zod";
import type { SoftwareProfile } from "../../training/software.ts";
import { choice, count, expectation, list, quantity, ratio, strict, text } from "./fields.ts";
import type { Partially } from "./hardware.ts";

export type SoftwareInline = Partially<Omit<SoftwareProfile, "sources">> & { readonly extends?: string };

const onOff = (description: string): z.ZodType<"on" | "off"> => choice(["on", "off"], description);

const kernels = strict(() => ({
  attention: choice(
    ["flash", "flash-1", "unfused", "cudnn"],
    "Attention kernel; flash and cudnn count the same.",
  ).exactOptional(),
  elementwise: choice(
    ["eager", "fused", "transformer-engine", "compiled"],
    "How elementwise work is merged; compiled counts like transformer-engine.",
  ).exactOptional(),
  expertBias: choice(
    ["separate", "fused"],
    "Biases and gates of routed experts: passes of their own, or in the products.",
  ).exactOptional(),
  expertBiasSums: choice(
    ["registers", "memory"],
    "Where fused products add up the gradients of experts' biases; memory: spilled, as CUTLASS DSL 4.5 does.",
  ).exactOptional(),
  router: choice(["fused", "separate"], "Choice of experts in one kernel, or operation by operation.").exactOptional(),
  permutation: choice(
    ["separate", "in-copy"],
    "Sorting of routed rows by expert: passes of their own, or inside HybridEP's copy.",
  ).exactOptional(),
  rowFilling: choice(
    ["separate", "fused"],
    "Filling experts' rows up to what block-scaled products need: copies of their own, or while sorting.",
  ).exactOptional(),
  expertWeights: choice(
    ["outputs", "activation"],
    "Routing weights multiply the experts' outputs (which are kept for it), or inside the activation.",
  ).exactOptional(),
  activationInputs: choice(
    ["16-bit", "8-bit"],
    "What is kept of the inputs of a feed-forward activation.",
  ).exactOptional(),
  gradientAccumulation: choice(
    ["product", "separate"],
    "Gradients of micro-batches add up in the weight gradient's product, or in passes of their own.",
  ).exactOptional(),
  crossEntropy: choice(["eager", "fused"], "Loss kernel.").exactOptional(),
  recompute: choice(
    ["whole", "needed"],
    "Full recompute runs the whole forward again, or stops once every saved input is back.",
  ).exactOptional(),
  dropout: onOff("Dropout layers active in the run.").exactOptional(),
}));

const overlap = strict(() => ({
  tensor: choice(
    ["on", "off", "asynchronous", "fused"],
    "Tensor-parallel communication under the products: in chunks (on, or asynchronous by copy engines), or tile by tile in fused kernels.",
  ).exactOptional(),
  tensorGradient: onOff("Input gradients under their weight-gradient product.").exactOptional(),
  gradientReduce: onOff("Gradient reduction under the backward pass.").exactOptional(),
  parameterGather: onOff("Parameter gathers under the forward pass.").exactOptional(),
  pipeline: onOff("Sends between stages under computation.").exactOptional(),
  optimizerOffload: onOff("Gradients down, update on the host and weights up beside one another.").exactOptional(),
  expert: onOff("Expert all-to-all under another micro-batch.").exactOptional(),
  sharedExpert: onOff("Expert all-to-all under the shared experts of the same layer.").exactOptional(),
}));

/** Bytes per parameter: sizes, so they carry a unit. */
const bytes = strict(() => ({
  gradient: quantity("bytes", "Stored gradient, per parameter.").exactOptional(),
  gradientReduce: quantity("bytes", "Reduced gradient on the wire, per parameter.").exactOptional(),
  parameterGather: quantity("bytes", "Gathered parameter on the wire, per parameter.").exactOptional(),
  master: quantity("bytes", "Master copy, per parameter.", { atLeast: 0 }).exactOptional(),
  moments: quantity("bytes", "Both optimizer moments, per parameter.", { atLeast: 0 }).exactOptional(),
}));

const state = strict(() => ({
  weightShard: choice(
    ["master", "copy"],
    "Full sharding: the 32-bit shard is the weight (FSDP), or a 16-bit shard lies beside it (ZeRO-3, Megatron-FSDP).",
  ).exactOptional(),
  reduceEvery: choice(
    ["micro-batch", "round", "step"],
    "Sharded gradients are reduced in every micro-batch, after those that a chunk of an interleaved pipeline runs in a row, or kept whole and reduced once a step.",
  ).exactOptional(),
  lastBlock: choice(
    ["resharded", "kept"],
    "The block that the backward pass needs first is resharded like the others, or kept (FSDP2).",
  ).exactOptional(),
  gradients: choice(
    ["zero-2", "shard-grad-op"],
    "Sharding of gradients alone: weights whole between steps, or sharded and gathered in every micro-batch.",
  ).exactOptional(),
  prefetch: choice(
    ["before", "after"],
    "On FSDP hosts, backward gathers a block's weights before the block before it computes, or after.",
  ).exactOptional(),
}));

const softwareObject = strict(() => ({
  extends: text("Profile that this one starts from, name@version.").exactOptional(),
  name: text("Name printed for it.").exactOptional(),
  version: text("Version printed for it.").exactOptional(),
  label: text("What people read.").exactOptional(),
  kernels: kernels.meta({ description: "Kernels of the stack." }).exactOptional(),
  overlap: overlap.meta({ description: "What runs under what." }).exactOptional(),
  cudaGraphs: choice(["none", "partial", "full"], "How much of the step is captured.").exactOptional(),
  cudaGraphScope: list(
    choice(["attention", "recurrent", "router", "feed-forward"], "A part of the layer."),
    "What partial graphs capture. Default: all whose shapes are known before the router has run.",
  ).exactOptional(),
  contextExchange: choice(
    ["ring", "all-gather", "all-to-all", "hierarchical"],
    "How context-parallel ranks exchange keys and values.",
    "Ulysses is all-to-all",
  ).exactOptional(),
  dispatcher: choice(["all-to-all", "all-gather", "deepep", "hybridep"], "Expert dispatcher.").exactOptional(),
  dispatchMultiprocessors: count("Multiprocessors that DeepEP's and HybridEP's copies occupy. Default: 24 and 16.", {
    atLeast: 1,
    atMost: 1024,
  }).exactOptional(),
  routing: choice(
    ["dropless", "capacity"],
    "Experts take every token sent to them, or a fixed number each, padded or dropped.",
  ).exactOptional(),
  capacityFactor: ratio("With routing: capacity, rows of an expert over the mean. Default 1.", {
    above: 0,
    atMost: 100,
  }).exactOptional(),
  bytes: bytes.meta({ description: "Bytes per parameter." }).exactOptional(),
  state: state.meta({ description: "How sharded weights and gradients are kept." }).exactOptional(),
  optimizerRule: choice(
    ["adam", "muon", "sgd"],
    "Adam with two moments, Muon on matrices and Adam elsewhere, or momentum alone.",
  ).exactOptional(),
  optimizer: choice(["fused", "multi-tensor", "eager"], "Kernels of the optimizer update.").exactOptional(),
  host: choice(["megatron", "fsdp", "xla"], "Who launches kernels: sets the launch time.").exactOptional(),
  expertImbalance: ratio("Tokens of the worst rank over the mean; 1 is forced balance.", {
    atLeast: 1,
    atMost: 100,
  }).exactOptional(),
})).meta({ description: "A stack described here." });

/** The software section. */
export const softwareField: z.ZodType<string | SoftwareInline> = z
  .union([text("Profile, name@version."), softwareObject], {
    error: expectation({
      expected: "name@version of a profile, or an inline object",
      hint: "windtunnel catalog software",
    }),
  })
  .meta({
    description:
      "Training stack: which overlaps and kernels it has (`windtunnel catalog software`), or an inline object.",
  }) as z.ZodType<string | SoftwareInline>;
