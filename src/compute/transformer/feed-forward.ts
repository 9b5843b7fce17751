/** Feed-forward blocks as operators: dense, and routed experts with their router, permutation and shared experts. */

import type { DenseFeedForward, ExpertFeedForward } from "../../catalog/model.ts";
import type { LayerShard, LayerStyle, Module, Operator } from "./operator.ts";
import { activationPass, element, pass, tokensBetweenBlocks, tokensPerRank } from "./passes.ts";

/** One dense block. */
export function pushDense(
  operators: Operator[],
  hidden: number,
  feed: DenseFeedForward,
  shard: LayerShard,
  style: LayerStyle,
): void {
  const tokens = tokensPerRank(shard);
  pushMlp(operators, {
    name: "mlp",
    hidden,
    width: feed.width / shard.tensor,
    gated: feed.gated,
    tokens,
    module: "mlp",
    style,
  });
}

function pushMlp(
  operators: Operator[],
  mlp: {
    readonly name: string;
    readonly hidden: number;
    readonly width: number;
    readonly gated: "gated" | "plain";
    readonly tokens: number;
    readonly module: Module;
    readonly style: LayerStyle;
  },
): void {
  const { name, hidden, width, tokens, module } = mlp;
  const ways = mlp.gated === "gated" ? 2 : 1;
  operators.push({
    kind: "matrix",
    name: `${name}-up`,
    modules: [module],
    m: tokens,
    n: ways * width,
    k: hidden,
    recipe: "layer",
  });
  operators.push(activationPass(`${name}-activation`, [module], tokens * width * element, ways, mlp.style));
  operators.push({
    kind: "matrix",
    name: `${name}-down`,
    modules: [module],
    m: tokens,
    n: hidden,
    k: width,
    recipe: "layer",
  });
}

/** One block of routed experts, the always-on shared ones beside them. */
export function pushExperts(
  operators: Operator[],
  hidden: number,
  feed: ExpertFeedForward,
  shard: LayerShard,
  style: LayerStyle,
): void {
  // Under sequence parallelism a rank routes its own slice of the tokens; without it every tensor rank routes all.
  const tokens = tokensBetweenBlocks(shard);
  operators.push(product("router", { m: tokens, n: feed.experts, k: hidden }, "16-bit"));
  operators.push(routerChoice(tokens * feed.experts, style));
  if (feed.inner !== hidden) {
    operators.push(product("latent-down", { m: tokens, n: feed.inner, k: hidden }, "layer"));
    operators.push(product("latent-up", { m: tokens, n: hidden, k: feed.inner }, "layer"));
  }
  const share = shard.sequenceParallel === "on" ? 1 : 1 / shard.tensor;
  pushRouted(operators, feed, { shard, style, rows: tokens * feed.topK * share * shard.expertTensor });
  const shared = { hidden, gated: feed.gated, tokens: tokensPerRank(shard), module: "moe" as const, style };
  if (feed.sharedWidth > 0) pushMlp(operators, { ...shared, name: "shared", width: feed.sharedWidth / shard.tensor });
  if (feed.parallelDenseWidth > 0) {
    pushMlp(operators, { ...shared, name: "dense", width: feed.parallelDenseWidth / shard.tensor });
  }
}

/**
 * From logits to the chosen experts, in 32 bit over tokens x experts. Fused: a kernel reads logits and writes
 * probabilities and map. Separate: scores, bias, top-k (a selection and a sort), gather, normalisation, scatter of
 * probabilities and map, counts, and the auxiliary loss: some 24 passes, backward half as many.
 * @source megatron-core-router
 */
function routerChoice(elements: number, style: LayerStyle): Operator {
  if (style.router === "fused") return pass("router-choice", ["moe"], elements * 8, elements * 8, 4);
  return pass("router-choice", ["moe"], elements * 4 * 24, elements * 4 * 12, 24);
}

function product(
  name: string,
  shape: { readonly m: number; readonly n: number; readonly k: number },
  recipe: "layer" | "16-bit",
): Operator {
  return { kind: "matrix", name, modules: ["moe"], ...shape, recipe };
}

/** What happens to the rows that reach this rank's experts. */
function pushRouted(
  operators: Operator[],
  feed: ExpertFeedForward,
  { shard, style, rows }: { readonly shard: LayerShard; readonly style: LayerStyle; readonly rows: number },
): void {
  const width = feed.width / shard.expertTensor;
  const ways = feed.gated === "gated" ? 2 : 1;
  const imbalance = style.expertImbalance;
  const groups = feed.experts / shard.expert;
  const filled = filledRows(rows, groups, style.rowAlignment);
  const common = { kind: "experts", modules: ["moe"], groups, rows: filled, imbalance } as const;
  // Each side of the exchange sorts the rows (read and write) and the way back undoes it; backward the same.
  const permuted = 4 * style.permutePasses * rows * feed.inner * element;
  operators.push(pass("permute", ["moe"], permuted, permuted, 2 * style.permutePasses));
  if (style.rowAlignment > 1 && style.rowFilling === "separate") {
    // Filling before the first product, emptying after the last: each reads and writes every row, both ways.
    const copied = 4 * filled * feed.inner * element;
    operators.push(pass("fill", ["moe"], copied, copied, 2));
  }
  operators.push({ ...common, name: "experts-up", n: ways * width, k: feed.inner });
  const activated = filled * width * element * imbalance;
  operators.push(activationPass("experts-activation", ["moe", "expert-activation"], activated, ways, style));
  operators.push({ ...common, name: "experts-down", n: feed.inner, k: width });
  if (!hasBias(feed)) return;
  if (style.expertBias === "separate") operators.push(expertBiasPass(feed, { rows, width, groups }));
  else if (style.expertBiasSums === "memory") operators.push(spilledSumsPass(filled * ways * width * imbalance));
}

/**
 * Rows with those that fill each expert's up to a multiple: where rows fall at random, half a multiple less one each.
 *
 *     rows + groups (a - 1) / 2
 *
 * @source megatron-core-experts
 */
function filledRows(rows: number, groups: number, alignment: number): number {
  return rows === 0 ? 0 : rows + (groups * (alignment - 1)) / 2;
}

/** Routed parameters beyond the matrices are biases (GPT-OSS). */
function hasBias({ experts, gated, inner, width, parameters }: ExpertFeedForward): boolean {
  return parameters.routed > experts * (gated === "gated" ? 3 : 2) * inner * width;
}

/**
 * Biases added expert by expert and joined again, and a clamped gate in separate kernels: 4 passes over the first
 * product's output, 14 over the gate's, 6 over the second's, some of them in 32 bit; backward as many and the
 * reductions. Each expert's bias is weighted and added in kernels of its own, then joined and cast; backward weights and
 * sums the gradients of bias and of routing weight.
 * @source megatron-core-experts
 */
function expertBiasPass(
  feed: ExpertFeedForward,
  { rows, width, groups }: { readonly rows: number; readonly width: number; readonly groups: number },
): Operator {
  const ways = feed.gated === "gated" ? 2 : 1;
  const bytes = rows * element * (4 * ways * width + 14 * width + 6 * feed.inner);
  const looped = { forward: 2 * groups, backward: 4 * groups };
  return {
    ...pass("experts-bias", ["moe", "expert-activation"], bytes, 1.7 * bytes, 0),
    forwardKernels: looped.forward + 2,
    backwardKernels: looped.backward + 2,
    looped,
  };
}

/**
 * Bytes that the fused backward product moves for each gradient of an expert's inner layer where its compiler keeps the
 * sums of bias gradients in local memory. GPT-OSS 20B on 8 GB200 went from 421.1 to 627.3 ms a step with the compiler,
 * nothing else changed: 24 layers of 65,536 rows of 5,760 gradients, 22.8 ps each at the 7.27 TB/s of memory passes. The
 * kernel alone went from 156 to 1,363 us.
 * @source megatron-bridge-gpt-oss
 * @source cudnn-frontend-dglu
 */
const spilledBytes = 165;

function spilledSumsPass(gradients: number): Operator {
  return { ...pass("experts-bias-sums", ["moe"], 0, gradients * spilledBytes, 1), forwardKernels: 0 };
}
