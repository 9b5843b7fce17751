/**
 * Time of one layer for so many tokens, attention left out: products, the passes between them, experts. Shapes are those
 * of one accelerator of the layout; weights are read once however the tokens are mixed.
 *
 * Ignores: fusions of norms with all-reduces that vLLM and SGLang have as switches, layers that a quantised checkpoint
 * leaves in 16 bit.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { ExpertFeedForward, LayerKind, Mixer } from "../../catalog/model.ts";
import {
  type Kernels,
  type LayerShard,
  type LayerStyle,
  layerOperators,
  type Operator,
  popularityOf,
  worstRank,
} from "../../compute/index.ts";
import type { LinearPart, LinearPrecision, StepOptions } from "./options.ts";

/** Seconds of a layer by part, and the kernels it launches; those of attention itself are not among them. */
export interface LayerWork {
  readonly products: Seconds;
  readonly passes: Seconds;
  readonly experts: Seconds;
  readonly kernels: number;
  /** Of those, what runs inside the operator of the experts: their choice, themselves and shared experts. */
  readonly opaque: number;
}

const element = 2;

const style: LayerStyle = {
  attention: "flash",
  elementwise: "engine",
  dropout: "off",
  rotary: "fused",
  expertImbalance: 1,
  expertBias: "fused",
  expertBiasSums: "registers",
  permutePasses: 1,
  rowAlignment: 1,
  rowFilling: "fused",
  router: "fused",
  deltaInputs: "separate",
  accumulationBytes: 0,
};

/** A kernel, or several of one operator. */
interface Piece {
  readonly part: "products" | "passes";
  /** Shared experts, what else runs inside the operator of the experts, or the layer around it. */
  readonly within: "layer" | "experts" | "shared";
  readonly time: Seconds;
  readonly launched: number;
}

/**
 * @param tokens that this accelerator's attention rank computes.
 * @param routed tokens whose experts may be here: those of all attention ranks.
 */
export function layerWork(
  options: StepOptions,
  kernels: Kernels,
  written: LayerKind,
  tokens: number,
  routed: number,
): LayerWork {
  const joined = withSharedRouted(options, written);
  const kind = joined ?? written;
  const sum = { products: 0, passes: 0 };
  const shared = { products: 0, passes: 0 };
  let count = 0;
  let opaque = 0;
  for (const { part, within, time, launched } of piecesOf(options, kernels, kind, tokens)) {
    sum[part] += time;
    count += launched;
    if (within === "shared") shared[part] += time;
    if (within !== "layer") opaque += launched;
  }
  const { feedForward } = kind;
  if (feedForward.kind !== "experts") return { ...sum, experts: 0, kernels: count, opaque };
  const taken = joined === undefined ? 0 : 1;
  const experts = expertsWork(options, kernels, feedForward, { tokens: routed, shared: taken });
  const launched = experts > 0 ? expertKernels : 0;
  const hidden = hiddenShare(options, kernels, feedForward, { tokens, time: shared.products + shared.passes });
  return {
    products: sum.products - hidden * shared.products,
    passes: sum.passes - hidden * shared.passes,
    experts,
    kernels: count + launched,
    opaque: opaque + launched,
  };
}

/** Products and passes of a layer without attention and routed experts, in the order of their kernels. */
function piecesOf(options: StepOptions, kernels: Kernels, kind: LayerKind, tokens: number): readonly Piece[] {
  const { model, layout } = options;
  const operators = layerOperators({ hidden: model.hidden, kind, shard: shardOf(layout, tokens), style });
  const written = operators.flatMap((operator) => {
    if (operator.kind === "matrix") return productPieces(options, kernels, operator);
    return operator.kind === "pass" && isPass(operator.name, options, tokens) ? [passPiece(kernels, operator)] : [];
  });
  return [
    ...written,
    ...mixerPasses(options, kernels, kind.mixer, tokens),
    ...sharedGate(kind.feedForward, kernels, model.hidden, tokens),
  ];
}

type Written<Kind extends Operator["kind"]> = Extract<Operator, { readonly kind: Kind }>;

function productPieces(options: StepOptions, kernels: Kernels, operator: Written<"matrix">): readonly Piece[] {
  const part = partOf(operator.name, operator.modules.includes("mlp"), operator.recipe);
  const linear = part === undefined ? plain : options.precision[part];
  const within = operator.name.startsWith("shared") ? "shared" : "layer";
  const time = productTime(options, kernels, linear, operator);
  const launched = castOf(options, linear) === "separate" ? 2 : 1;
  const product: Piece = { part: "products", within, time, launched };
  if (!operator.name.endsWith("key-value-up")) return [product];
  // Absorbed latent attention multiplies by both halves of this weight, before and after the core, which launches them.
  const second = { ...product, time: kernels.gemm("bf16", 0, 0, 0), launched: 0 };
  return [{ ...product, launched: 0 }, second];
}

function passPiece(kernels: Kernels, { name, forwardKernels, forwardBytes, pass }: Written<"pass">): Piece {
  // Engines choose experts in one kernel.
  const launched = name === "router-choice" ? 1 : forwardKernels;
  const within = name.startsWith("shared") ? "shared" : name === "router-choice" ? "experts" : "layer";
  return { part: "passes", within, time: launched * kernels.memoryPass(forwardBytes / launched, pass), launched };
}

/** Keys and values on their way to the cache, and the two norms between the factors of latent attention. */
function mixerPasses(
  { engine, layout }: StepOptions,
  kernels: Kernels,
  mixer: Mixer,
  tokens: number,
): readonly Piece[] {
  const stored = storedElements(mixer, layout.tensor) * tokens * element;
  const latent = mixer.kind === "latent-attention";
  // Latent attention turns and stores in a kernel of its own in every engine.
  const separate = stored > 0 && (latent || !engine.fused.includes("rotary"));
  const store = separate ? [passOf(kernels.memoryPass(2 * stored), 1)] : [];
  if (!latent) return store;
  return [...store, passOf(kernels.memoryPass(2 * latentElements(mixer) * tokens * element, "norm"), 2)];
}

const passOf = (time: Seconds, launched: number, within: Piece["within"] = "layer"): Piece => {
  return { part: "passes", within, time, launched };
};

/**
 * A shared expert that every token weighs by a number of its own (Qwen): a product with one column, a sigmoid, and the
 * weighing.
 * @source sglang-shared-gate
 */
function sharedGate(
  feed: LayerKind["feedForward"],
  kernels: Kernels,
  hidden: number,
  tokens: number,
): readonly Piece[] {
  const gated = feed.kind === "experts" && feed.projections?.some(({ name }) => name === "shared-gate");
  if (!gated) return [];
  return [
    { part: "products", within: "experts", time: kernels.gemm("bf16", tokens, 1, hidden), launched: 1 },
    passOf(kernels.memoryPass(2 * tokens * element), 1, "experts"),
    passOf(kernels.memoryPass(2 * tokens * hidden * element, "norm"), 1, "experts"),
  ];
}

/**
 * Share of the shared experts' time that passes while the routed ones run. Reading their weights is no part of it: both
 * read from one memory.
 */
function hiddenShare(
  options: StepOptions,
  kernels: Kernels,
  feed: ExpertFeedForward,
  { tokens, time }: { readonly tokens: number; readonly time: Seconds },
): number {
  const { engine, layout, model, accelerator, precision } = options;
  if (engine.sharedExperts === "before" || time === 0 || tokens === 0 || tokens > besideMost) return 0;
  const routed = expertsWork(options, kernels, feed, { tokens: tokens * layout.attentionData, shared: 0 });
  const weights = (feed.gated === "gated" ? 3 : 2) * model.hidden * (feed.sharedWidth / layout.tensor);
  const reading = (weights * precision.shared.weightBytes) / accelerator.memory.bandwidth;
  return Math.max(0, Math.min(time - reading, routed)) / time;
}

/** Tokens up to which shared and routed experts run at once; more of them fill the accelerator. @source vllm-shared-experts-stream */
const besideMost = 256;

const plain: LinearPrecision = { compute: "bf16", weightBytes: element };

/** Kernels of a routed block: choice, sorting, two products with the activation between them, weighted sum. */
const expertKernels = 6;

function shardOf(layout: StepOptions["layout"], tokens: number): LayerShard {
  const { tensor, expert, attentionData } = layout;
  return {
    tensor,
    sequenceParallel: "off",
    context: 1,
    expert,
    expertTensor: (tensor * attentionData) / expert,
    sequences: tokens,
    sequenceLength: 1,
  };
}

/** Which precision a product has; undefined for what always stays in 16 bit. */
function partOf(name: string, mlp: boolean, recipe: "layer" | "16-bit"): LinearPart | undefined {
  if (recipe === "16-bit") return undefined;
  if (mlp || name.startsWith("dense")) return "dense";
  if (name.startsWith("shared") || name.startsWith("latent-")) return "shared";
  return "attention";
}

/** A product whose activations come in 16 bit; weight-only formats multiply in 16 bit. */
export function productTime(
  { engine }: Pick<StepOptions, "engine">,
  kernels: Kernels,
  { compute, weightBytes }: LinearPrecision,
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
): Seconds {
  switch (castOf({ engine }, { compute })) {
    case "none":
      return kernels.gemm(compute, m, n, k, weightBytes);
    case "fused":
      return kernels.gemm(compute, m, n, k);
    case "separate":
      return kernels.quantizedGemm(compute, m, n, k);
  }
}

/** How activations get a product's format; scales of blocks are found by a kernel of their own in every engine. */
export function castOf(
  { engine }: Pick<StepOptions, "engine">,
  { compute }: Pick<LinearPrecision, "compute">,
): "none" | "fused" | "separate" {
  if (compute === "bf16" || compute === "fp16") return "none";
  return engine.fused.includes("quantize") && compute !== "fp8-block" ? "fused" : "separate";
}

/** Whether norms are part of the all-reduce before them: small ones, whose kernel the engine wrote. @source tensorrt-llm-fusions */
function ridesInReduction({ engine, layout, model }: StepOptions, tokens: number): boolean {
  const workspace = layout.tensor <= 2 ? 2 ** 24 : 2 ** 23;
  return engine.fused.includes("norm") && layout.tensor > 1 && tokens * model.hidden * element <= workspace;
}

/** Passes that are kernels of their own in an engine; residual additions ride in norms, expert sorting in experts. */
function isPass(name: string, options: StepOptions, tokens: number): boolean {
  if (name === "rotary") return !options.engine.fused.includes("rotary");
  if (name === "norms") return !ridesInReduction(options, tokens);
  return name !== "residual" && name !== "permute" && name !== "experts-activation" && name !== "fill";
}

/** Elements of one token between the two factors of latent attention: two norms that run side by side. */
function latentElements({ projections, keyValueRank }: Extract<Mixer, { kind: "latent-attention" }>): number {
  const down = projections.find(({ name }) => name === "query-down");
  return (down?.out ?? 0) + keyValueRank;
}

/** Elements of keys and values that one token writes to the cache of one rank. */
function storedElements(mixer: Mixer, tensor: number): number {
  if (mixer.kind === "latent-attention") return mixer.keyValueRank + mixer.ropeDim;
  if (mixer.kind !== "attention") return 0;
  return Math.max(1, mixer.keyValueHeads / tensor) * (mixer.headDim + mixer.valueHeadDim);
}

/** Routed experts of DeepSeek-V3's family. */
const deepseekExperts = 256;

/** The layer without its shared expert, where the engine routes every token to it; undefined where it does not. */
function withSharedRouted({ engine, layout, precision }: StepOptions, kind: LayerKind): LayerKind | undefined {
  const { mixer, feedForward } = kind;
  if (engine.sharedExperts !== "routed" || feedForward.kind !== "experts" || mixer.kind !== "latent-attention") return;
  const { experts, width, sharedWidth } = feedForward;
  const alike = sharedWidth === width && precision.shared.compute === precision.routed.compute;
  if (experts !== deepseekExperts || layout.expert !== 1 || !alike) return undefined;
  return { ...kind, feedForward: { ...feedForward, sharedWidth: 0 } };
}

/** @param shared experts among the routed ones that every token takes. */
function expertsWork(
  options: StepOptions,
  kernels: Kernels,
  feed: ExpertFeedForward,
  { tokens, shared }: { readonly tokens: number; readonly shared: number },
): Seconds {
  const { layout, precision } = options;
  const { compute, weightBytes, stored } = precision.routed;
  const { experts, topK, groups } = feed;
  const popular = popularityOf(feed);
  const load = { tokens, topK, experts, ranks: layout.expert, spread: popular.experts };
  const worst = worstRank(groups === undefined ? load : { ...load, groups: { ...groups, spread: popular.groups } });
  const reached = worst.reached + (tokens > 0 ? shared : 0);
  return kernels.experts(compute, {
    tokens,
    topK: topK + shared,
    localExperts: experts / layout.expert + shared,
    experts: experts + shared,
    hidden: feed.inner,
    width: (feed.width * layout.expert) / (layout.tensor * layout.attentionData),
    gated: feed.gated,
    imbalance: worst.imbalance,
    reached,
    weightBytes,
    ...(stored === undefined ? {} : { stored }),
  });
}
