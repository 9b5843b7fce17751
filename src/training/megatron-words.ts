/**
 * What Megatron-Core calls the things that a layout and a stack name: shared by all that read its settings (measured
 * runs, launch commands) and by what writes them.
 * @source megatron-bridge-guide
 */

import type { TrainingPrecision } from "./case.ts";
import type { RecomputeModule } from "./layout.ts";
import type { GraphModule, SoftwareProfile } from "./software.ts";

/** `--recompute-modules`. */
export const megatronModules: Readonly<Record<string, RecomputeModule>> = Object.freeze({
  mla_up_proj: "latent-up-projection",
  layernorm: "layer-norm",
  moe_act: "expert-activation",
  moe: "moe",
  mlp: "mlp",
  core_attn: "attention-core",
});

/** `--moe-token-dispatcher-type`, with the back end of a flexible one. */
export const megatronDispatchers: Readonly<Record<string, SoftwareProfile["dispatcher"]>> = Object.freeze({
  alltoall: "all-to-all",
  allgather: "all-gather",
  "flex/hybridep": "hybridep",
  "flex/deepep": "deepep",
});

/** `--fp8-recipe`, and the format of four bits. */
export const megatronRecipes: Readonly<Record<string, TrainingPrecision>> = Object.freeze({
  delayed: "fp8-delayed",
  tensorwise: "fp8-current",
  blockwise: "fp8-block",
  mxfp8: "mxfp8",
  nvfp4: "nvfp4",
});

/** `--cp-comm-type`. */
export const megatronExchanges: Readonly<Record<string, SoftwareProfile["contextExchange"]>> = Object.freeze({
  p2p: "ring",
  all_gather: "all-gather",
  a2a: "all-to-all",
  "a2a+p2p": "hierarchical",
});

/** `--optimizer`; dist_muon spreads whole matrices over the ranks, where Adam's state is cut anywhere. */
export const megatronRules: Readonly<Record<string, SoftwareProfile["optimizerRule"]>> = Object.freeze({
  adam: "adam",
  adamw: "adam",
  muon: "muon",
  dist_muon: "muon",
  sgd: "sgd",
});

/** `--cuda-graph-scope`, of partial graphs. */
export const megatronGraphModules: Readonly<Record<string, GraphModule>> = Object.freeze({
  attn: "attention",
  mamba: "recurrent",
  moe_router: "router",
  mlp: "feed-forward",
});

/** How much of a step is captured: `--cuda-graph-impl` with `--cuda-graph-scope`. */
export function megatronGraphs(kind: string, scope: readonly string[]): SoftwareProfile["cudaGraphs"] {
  if (kind === "" || kind === "none") return "none";
  return kind === "full_iteration" || scope.includes("full_iteration") ? "full" : "partial";
}
