/**
 * CUDA graphs: which launches they take from the host, and the memory of their fixed inputs and outputs.
 *
 * A graph that is captured once reads a fixed buffer, into which its input is copied. Layer by layer, every micro-batch
 * in flight needs its own; outputs are what the next block keeps anyway. A graph of the whole step plans its memory as
 * the allocator would. Ignores: private pools that cannot be shared.
 * @source megatron-bridge-guide
 */

import type { Bytes } from "../base/quantity.ts";
import type { LayerKind } from "../catalog/model.ts";
import { type LayerCost, tokensBetweenBlocks } from "../compute/index.ts";
import type { TrainingCase } from "./case.ts";
import { layerShard } from "./shard.ts";
import type { GraphModule } from "./software.ts";

/** Blocks of a layer that partial graphs capture. */
function capturedBlocks(
  { software }: TrainingCase,
  { mixer, feedForward }: LayerKind,
): {
  readonly mixer: boolean;
  readonly rest: boolean;
} {
  const scope = software.cudaGraphScope;
  const holds = (module: GraphModule): boolean => scope === undefined || scope.includes(module);
  const attention = mixer.kind === "attention" || mixer.kind === "latent-attention";
  return {
    mixer: mixer.kind !== "none" && holds(attention ? "attention" : "recurrent"),
    rest: feedForward.kind !== "none" && holds(feedForward.kind === "experts" ? "router" : "feed-forward"),
  };
}

/** Kernels outside the routed block that the host still launches. */
export function hostKernels(
  c: TrainingCase,
  kind: LayerKind,
  { kernels, mixer, experts }: LayerCost,
): { readonly forward: number; readonly backward: number; readonly recompute: number } {
  const { cudaGraphs } = c.software;
  if (cudaGraphs === "full") return { forward: 0, backward: 0, recompute: 0 };
  const own = { forward: kernels.forward - experts.forward, backward: kernels.backward - experts.backward };
  const nodes = scheduleNodes(c, kind);
  if (cudaGraphs === "none") {
    return {
      forward: own.forward + nodes.forward,
      backward: own.backward + nodes.backward,
      recompute: kernels.recompute,
    };
  }
  const captured = capturedBlocks(c, kind);
  const left = (pass: "forward" | "backward"): number =>
    (captured.mixer ? 0 : mixer[pass]) + (captured.rest ? 0 : own[pass] - mixer[pass]);
  return { forward: left("forward") + nodes.forward, backward: left("backward") + nodes.backward, recompute: 0 };
}

/**
 * Where another micro-batch hides the expert exchange, Megatron runs a routed layer piece by piece: attention, dispatch,
 * experts and combine, each with its own stream, event and run of autograd; backward, weight gradients of attention and
 * experts are pieces of their own. The host takes for a piece what it takes for a kernel (assumed).
 * @source megatron-core-expert-overlap
 */
function scheduleNodes(
  { software, layout }: TrainingCase,
  { feedForward }: LayerKind,
): { readonly forward: number; readonly backward: number } {
  const split =
    software.overlap.expert === "on" &&
    software.host === "megatron" &&
    feedForward.kind === "experts" &&
    layout.expert * layout.expertTensor > 1;
  return split ? { forward: 4, backward: 6 } : { forward: 0, backward: 0 };
}

/**
 * Fixed buffer of one layer and micro-batch in flight: neighbouring captured blocks are one graph with one input.
 *
 *     2 s b h / (c t)
 */
export function graphBytes(c: TrainingCase, kind: LayerKind): Bytes {
  if (c.software.cudaGraphs !== "partial") return 0;
  const { mixer, rest } = capturedBlocks(c, kind);
  return mixer || rest ? tokensBetweenBlocks(layerShard(c)) * c.model.hidden * 2 : 0;
}
