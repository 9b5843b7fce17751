/**
 * Kernels of a layer without attention and routed experts, in their order: products, and the passes between them. Shapes
 * are those of one accelerator of the layout; all work grows with its tokens, so that what one token asks for is found
 * once.
 *
 * Ignores: fusions of norms with all-reduces that vLLM and SGLang have as switches, layers that a quantised checkpoint
 * leaves in 16 bit.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { LayerKind, Mixer } from "../../catalog/model.ts";
import { type Kernels, type LayerShard, type LayerStyle, layerOperators, type Operator } from "../../compute/index.ts";
import type { LinearPart, LinearPrecision, StepOptions } from "./options.ts";
import { castOf, productTime } from "./product-time.ts";

/** A kernel, or several of one operator. */
export interface LayerKernel {
  readonly part: "products" | "passes";
  /** Shared experts, what else runs inside the operator of the experts, or the layer around it. */
  readonly within: "layer" | "experts" | "shared";
  readonly launched: number;
  /** Tokens up to which another kernel does its work; absent where none does. */
  readonly absorbed?: number;
  readonly time: (tokens: number) => Seconds;
}

const element = 2;

const style: Omit<LayerStyle, "deltaInputs"> = {
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
  accumulationBytes: 0,
};

export function layerKernels(options: StepOptions, kernels: Kernels, kind: LayerKind): readonly LayerKernel[] {
  const { model, layout, engine } = options;
  const own: LayerStyle = { ...style, deltaInputs: engine.deltaInputs };
  const operators = layerOperators({ hidden: model.hidden, kind, shard: oneToken(layout), style: own });
  const written = operators.flatMap((operator) => {
    if (operator.kind === "matrix") return products(options, kernels, operator);
    return operator.kind === "pass" && isPass(operator.name, options) ? [pass(options, kernels, operator)] : [];
  });
  return [
    ...written,
    ...mixerPasses(options, kernels, kind.mixer),
    ...sharedGate(kind.feedForward, kernels, model.hidden),
  ];
}

function oneToken({ tensor, expert, attentionData }: StepOptions["layout"]): LayerShard {
  return {
    tensor,
    sequenceParallel: "off",
    context: 1,
    expert,
    expertTensor: (tensor * attentionData) / expert,
    sequences: 1,
    sequenceLength: 1,
  };
}

type Written<Kind extends Operator["kind"]> = Extract<Operator, { readonly kind: Kind }>;

const plain: LinearPrecision = { compute: "bf16", weightBytes: element };

function products(options: StepOptions, kernels: Kernels, operator: Written<"matrix">): readonly LayerKernel[] {
  const { name, m, n, k } = operator;
  const part = partOf(name, operator.modules.includes("mlp"), operator.recipe);
  const linear = part === undefined ? plain : options.precision[part];
  const product: LayerKernel = {
    part: "products",
    within: name.startsWith("shared") ? "shared" : "layer",
    launched: castOf(options, linear) === "separate" ? 2 : 1,
    time: (tokens) => productTime(options, kernels, linear, { m: m * tokens, n, k }),
  };
  if (!name.endsWith("key-value-up")) return [product];
  // Absorbed latent attention multiplies by both halves of this weight, before and after the core, which launches them.
  const second = kernels.gemm("bf16", 0, 0, 0);
  return [
    { ...product, launched: 0 },
    { ...product, launched: 0, time: () => second },
  ];
}

/** Which precision a product has; undefined for what always stays in 16 bit. */
function partOf(name: string, mlp: boolean, recipe: "layer" | "16-bit"): LinearPart | undefined {
  if (recipe === "16-bit") return undefined;
  if (mlp || name.startsWith("dense")) return "dense";
  if (name.startsWith("shared") || name.startsWith("latent-")) return "shared";
  return "attention";
}

/** Passes that are kernels of their own in an engine; residual additions ride in norms, expert sorting in experts. */
function isPass(name: string, { engine }: StepOptions): boolean {
  if (name === "rotary") return !engine.fused.includes("rotary");
  return name !== "residual" && name !== "permute" && name !== "experts-activation" && name !== "fill";
}

function pass(options: StepOptions, kernels: Kernels, operator: Written<"pass">): LayerKernel {
  const { name, forwardKernels, forwardBytes } = operator;
  // Engines choose experts in one kernel.
  const launched = name === "router-choice" ? 1 : forwardKernels;
  return {
    part: "passes",
    within: name.startsWith("shared") ? "shared" : name === "router-choice" ? "experts" : "layer",
    launched,
    ...(name === "norms" && ridesInReduction(options) ? { absorbed: reducedTokens(options) } : {}),
    time: (tokens) => launched * kernels.memoryPass((forwardBytes * tokens) / launched, operator.pass),
  };
}

/** Whether norms are part of the all-reduce before them, as far as the engine's own kernel goes. @source tensorrt-llm-fusions */
function ridesInReduction({ engine, layout }: StepOptions): boolean {
  return engine.fused.includes("norm") && layout.tensor > 1;
}

/** Tokens up to which the all-reduce is the engine's own kernel: its workspace, or its choice. @source tensorrt-llm-fusions */
function reducedTokens({ engine, layout, model }: StepOptions): number {
  const most = (layout.tensor <= 2 ? 2 ** 24 : 2 ** 23) / (model.hidden * element);
  return layout.tensor <= 2 ? most : Math.min(most, engine.oneShotTokens ?? most);
}

/**
 * Keys and values on their way to the cache, the two norms between the factors of latent attention, and inputs of gated
 * delta nets that came joined and are laid apart.
 * @source sglang-delta-inputs
 */
function mixerPasses({ engine, layout }: StepOptions, kernels: Kernels, mixer: Mixer): readonly LayerKernel[] {
  if (mixer.kind === "gated-delta") {
    const joined = mixer.projections.reduce((sum, { split, out }) => sum + (split === "column" ? out : 0), 0);
    const bytes = (2 * joined * element) / layout.tensor;
    return engine.deltaInputs === "separate"
      ? [alone("passes", "layer", (tokens) => kernels.memoryPass(bytes * tokens))]
      : [];
  }
  const stored = storedElements(mixer, layout.tensor) * element;
  const latent = mixer.kind === "latent-attention";
  // Latent attention turns and stores in a kernel of its own in every engine.
  const separate = stored > 0 && (latent || !engine.fused.includes("rotary"));
  const store = separate ? [alone("passes", "layer", (tokens) => kernels.memoryPass(2 * stored * tokens))] : [];
  if (!latent) return store;
  const factors = 2 * latentElements(mixer) * element;
  const norms = alone("passes", "layer", (tokens) => kernels.memoryPass(factors * tokens, "norm"));
  return [...store, { ...norms, launched: 2 }];
}

/**
 * A shared expert that every token weighs by a number of its own (Qwen): a product with one column, a sigmoid, and the
 * weighing.
 * @source sglang-shared-gate
 */
function sharedGate(feed: LayerKind["feedForward"], kernels: Kernels, hidden: number): readonly LayerKernel[] {
  const gated = feed.kind === "experts" && feed.projections?.some(({ name }) => name === "shared-gate");
  if (!gated) return [];
  return [
    alone("products", "experts", (tokens) => kernels.gemm("bf16", tokens, 1, hidden)),
    alone("passes", "experts", (tokens) => kernels.memoryPass(2 * tokens * element)),
    alone("passes", "experts", (tokens) => kernels.memoryPass(2 * tokens * hidden * element, "norm")),
  ];
}

function alone(part: LayerKernel["part"], within: LayerKernel["within"], time: LayerKernel["time"]): LayerKernel {
  return { part, within, launched: 1, time };
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
