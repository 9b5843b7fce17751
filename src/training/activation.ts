/**
 * Activations one layer keeps for its backward pass, bytes of one micro-batch on one rank: the inputs of every
 * matrix product and non-linearity, less what recompute throws away.
 *
 * Three places: between tensor-parallel blocks (whole on every rank unless sequence-parallel), inside them (divided
 * by t), and in the routed experts.
 * @source korthikanti-2022
 */

import type { Bytes } from "../base/quantity.ts";
import type { ExpertFeedForward, LayerKind, Mixer } from "../catalog/model.ts";
import { type AdapterTarget, adaptedProjections, tokensBetweenBlocks, tokensPerRank } from "../compute/index.ts";
import type { TrainingCase } from "./case.ts";
import { savedOperandBytes } from "./recipe.ts";
import { expertImbalance } from "./routing.ts";
import { layerShard, recomputedModules } from "./shard.ts";

export function layerActivationBytes(c: TrainingCase, kind: LayerKind): Bytes {
  const modules = recomputedModules(c);
  if (typeof modules === "string") {
    const all = c.model.layers.length;
    const share =
      c.layout.recomputeLayers === undefined ? 1 : Math.min(1, c.layout.recomputeLayers / (all / c.layout.pipeline));
    return share * layerInput(c) + (1 - share) * keptBytes(c, kind, []);
  }
  return keptBytes(c, kind, modules);
}

/**
 * What the backward pass of one layer holds beyond what was kept for it: activations computed again, and with
 * activations on the host those of this layer brought back and of the next one on their way.
 */
export function liveLayerBytes(c: TrainingCase, kind: LayerKind): Bytes {
  const modules = recomputedModules(c);
  const whole = keptBytes(c, kind, []);
  const kept = typeof modules === "string" ? layerInput(c) : keptBytes(c, kind, modules);
  return whole - kept * (1 - 2 * c.layout.activationOffload);
}

/** Hidden states that enter a layer. */
function layerInput(c: TrainingCase): Bytes {
  return tokensBetweenBlocks(layerShard(c)) * c.model.hidden * 2 * (c.model.streams ?? 1);
}

function keptBytes(c: TrainingCase, kind: LayerKind, modules: readonly string[]): Bytes {
  const shard = layerShard(c);
  const tokens = tokensPerRank(shard);
  const between = tokensBetweenBlocks(shard);
  const dropout = c.software.kernels.dropout === "on" ? 1 : 0;
  const hidden = c.model.hidden;
  const blocks = (kind.mixer.kind === "none" ? 0 : 1) + (kind.feedForward.kind === "none" ? 0 : 1);
  const operands =
    (kind.mixer.kind === "none" ? 0 : operandBytes(c, "linear_qkv")) +
    (kind.feedForward.kind === "none" ? 0 : operandBytes(c, "linear_fc1"));
  const normInputs = kind.norms * 2 * hidden * (c.model.streams ?? 1);
  // The norm output is the block's input; recomputing the norm drops it.
  const blockInputs = modules.includes("layer-norm") ? 0 : operands * hidden;
  const outside = between * (normInputs + blockInputs + blocks * dropout * hidden);
  const adapters = adapterBytes(c, kind, tokens);
  return outside + mixerBytes(c, kind.mixer, modules) + feedForwardBytes(c, kind, modules, tokens) + adapters;
}

/**
 * Bytes kept per element of what enters a projection, for its weight gradient. Frozen weights have none; an adapter
 * beside them keeps its input in 16 bit, and with dropout a copy and a mask instead.
 * @source hu-2021-lora @source megatron-bridge-peft
 */
function operandBytes(c: TrainingCase, target: AdapterTarget): number {
  const { tuning } = c;
  if (tuning.method === "full") return savedOperandBytes(c.precision);
  if (tuning.rank === 0 || !tuning.targets.includes(target)) return 0;
  return tuning.dropout === "on" ? 3 : 2;
}

/** What adapters keep besides their inputs: z, whole on every rank of the tensor group. */
function adapterBytes(c: TrainingCase, kind: LayerKind, tokens: number): Bytes {
  if (c.tuning.method === "full") return 0;
  const { rank, targets } = c.tuning;
  const feed = kind.feedForward;
  const routed = feed.kind === "experts" ? (tokens / c.layout.tensor) * feed.topK * c.software.expertImbalance : 0;
  let elements = 0;
  for (const { split } of adaptedProjections(kind, c.model.hidden, targets)) {
    elements += rank * (split.startsWith("expert") ? routed : tokens);
  }
  return 2 * elements;
}

function mixerBytes(c: TrainingCase, mixer: Mixer, modules: readonly string[]): Bytes {
  if (mixer.kind === "none" || modules.includes("attention")) return 0;
  const shard = layerShard(c);
  const tokens = tokensPerRank(shard);
  const operand = operandBytes(c, "linear_proj");
  if (mixer.kind !== "attention" && mixer.kind !== "latent-attention") {
    return (tokens * mixer.activationElements * 2) / Math.min(c.layout.tensor, mixer.heads);
  }
  const heads = mixer.heads / c.layout.tensor;
  const output = heads * mixer.valueHeadDim;
  if (mixer.kind === "latent-attention") {
    const latents = (2 * (mixer.queryRank ?? 0) + 2 * (mixer.keyValueRank + mixer.ropeDim)) * 2;
    const expanded = modules.includes("latent-up-projection")
      ? 0
      : (2 * heads * (mixer.nopeDim + mixer.ropeDim) + output) * 2;
    return tokens * (latents + expanded + output * (2 + operand) + 4 * heads);
  }
  const keyValue = Math.max(1, mixer.keyValueHeads / c.layout.tensor) * (mixer.headDim + mixer.valueHeadDim);
  const scores =
    c.software.kernels.attention === "unfused" && !modules.includes("attention-core")
      ? heads * (c.sequenceLength / c.layout.context)
      : 0;
  const dropout = c.software.kernels.dropout === "on" ? 1 : 0;
  const scoreBytes = scores * (4 + dropout);
  const flash = c.software.kernels.attention === "unfused" ? 0 : 4 * heads + (operand === 2 ? 0 : 2 * output);
  return tokens * (2 * (heads * mixer.headDim + keyValue) + operand * output + scoreBytes + flash);
}

function feedForwardBytes(c: TrainingCase, kind: LayerKind, modules: readonly string[], tokens: number): Bytes {
  const feed = kind.feedForward;
  const operand = operandBytes(c, "linear_fc2");
  if (feed.kind === "none") return 0;
  if (feed.kind === "dense") {
    if (modules.includes("mlp")) return 0;
    const ways = feed.gated === "gated" ? 2 : 1;
    return (tokens * feed.width * (ways * inputBytes(c) + operand)) / c.layout.tensor;
  }
  return modules.includes("moe") ? 0 : expertBytes(c, feed, modules, tokens);
}

/**
 * Router, permuted copies, expert inner activations and shared experts; the outputs too where routing weights multiply
 * them. @source megatron-core-experts @source deepseek-v3-2024
 */
function expertBytes(c: TrainingCase, feed: ExpertFeedForward, modules: readonly string[], tokens: number): Bytes {
  const { tensor, expertTensor, sequenceParallel } = c.layout;
  const [first, operand] = [operandBytes(c, "linear_fc1"), operandBytes(c, "linear_fc2")];
  const routed = (tokens / tensor) * feed.topK * expertImbalance(c, feed);
  const own = sequenceParallel === "on" ? tokens / tensor : tokens;
  const ways = feed.gated === "gated" ? 2 : 1;
  const product = modules.includes("expert-activation") ? 0 : operand;
  const outputs = c.software.kernels.expertWeights === "outputs" ? 2 : 0;
  const inner = (feed.width / expertTensor) * (ways * inputBytes(c) + product) * expertTensor;
  const shared = ((feed.sharedWidth + feed.parallelDenseWidth) / tensor) * (ways * inputBytes(c) + operand) * tokens;
  return own * feed.experts * 4 + routed * (feed.inner * (first + outputs) + inner) + shared;
}

/** Per element that enters a feed-forward activation. */
function inputBytes(c: TrainingCase): number {
  return c.software.kernels.activationInputs === "8-bit" ? 1 : 2;
}
