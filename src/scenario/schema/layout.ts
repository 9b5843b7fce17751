/** `layout:` how the work is laid over the accelerators. */

import { z } from "zod";
import type { Recompute, RecomputeModule, ScheduleName, Sharding } from "../../training/layout.ts";
import { choice, count, expectation, list, ratio, strict, text } from "./fields.ts";
import { type Open, openApart, openable } from "./open.ts";
import { precisions, type TrainingText } from "./workload.ts";

/** What one pool does: pipeline stages, or data-parallel replicas with their part of the batch. */
export interface PoolShareText {
  readonly pool: string;
  readonly stages?: number;
  readonly data?: number;
  readonly sequences?: number;
  readonly precision?: TrainingText["precision"];
}

/** A layout as written: everything may be left out. */
export interface LayoutText {
  readonly tensor?: number;
  readonly sequenceParallel?: "on" | "off";
  readonly context?: number;
  readonly contextInner?: number;
  readonly contextBalance?: "zig-zag" | "contiguous";
  readonly pipeline?: number;
  readonly virtualStages?: number;
  readonly data?: number;
  readonly expert?: number;
  readonly expertTensor?: number;
  readonly microBatch?: number;
  readonly schedule?: ScheduleName;
  readonly recompute?: Recompute;
  readonly recomputeLayers?: number;
  readonly sharding?: Sharding;
  readonly shardGroup?: number;
  readonly reshardAfterForward?: "always" | "never" | "node" | number;
  readonly stageLayers?: readonly number[] | string;
  readonly activationOffload?: number;
  readonly optimizerOffload?: number;
  readonly weightOffload?: "on" | "off";
  readonly pools?: readonly PoolShareText[];
  readonly balance?: "even" | "balanced";
  /** Keys that are for a search to answer; nobody writes this one. */
  readonly open?: OpenLayout;
}

/** Keys of a layout that a search can answer. */
export type OpenKey =
  | "tensor"
  | "sequenceParallel"
  | "context"
  | "pipeline"
  | "virtualStages"
  | "data"
  | "expert"
  | "expertTensor"
  | "microBatch"
  | "schedule"
  | "recompute"
  | "recomputeLayers"
  | "sharding"
  | "optimizerOffload"
  | "weightOffload"
  | "activationOffload";

export type OpenLayout = { readonly [Key in OpenKey]?: Open<NonNullable<LayoutText[Key]>> };

const degree = { atLeast: 1, atMost: 1_000_000 };

const modules = [
  "attention-core",
  "layer-norm",
  "mlp",
  "moe",
  "expert-activation",
  "latent-up-projection",
  "attention",
] as const satisfies readonly RecomputeModule[];

const schedules = [
  "gpipe",
  "1f1b",
  "interleaved",
  "zero-bubble-h1",
  "zero-bubble-h2",
  "zero-bubble-v",
  "v-half",
  "v-min",
  "dualpipe",
  "dualpipe-v",
] as const satisfies readonly ScheduleName[];

const recompute = z
  .union([choice(["none", "selective", "full"], "How much."), list(choice(modules, "A module."), "Modules.")], {
    error: expectation({
      expected: "none, selective, full or a list of modules",
      hint: `modules: ${modules.join(", ")}`,
    }),
  })
  .meta({
    description: "Activations computed again in the backward pass: none, selective, full, or a list of modules.",
  });

const poolShare = strict(() => ({
  pool: text("Name of a pool of the cluster."),
  stages: count("Pipeline stages on it; the entries follow each other in pipeline order.", degree).exactOptional(),
  data: count("Data-parallel replicas on it.", degree).exactOptional(),
  sequences: count("Sequences of each step that its replicas train. Default: by balance.", degree).exactOptional(),
  precision: choice(precisions, "Recipe on this pool. Default: that of the workload.").exactOptional(),
})).meta({ description: "What one pool does: stages of the pipeline, or replicas." });
const stageLayers = z
  .union(
    [
      list(count("Layers of one stage.", { atLeast: 0, atMost: 100_000 }), "Layers of each stage."),
      text("Megatron-Core's layout text: E embedding, t layer, m MTP module, L loss, | the end of a stage."),
    ],
    {
      error: expectation({
        expected: "a list of layers of each stage, or a layout text",
        hint: 'e.g. [4, 4, 3] or "Et*4|t*4|t*3L"',
      }),
    },
  )
  .meta({
    description:
      "Layers of each stage, in pipeline order through all virtual stages; or Megatron-Core's layout text. Default: an even split.",
  });

/** Over how many ranks the work goes, and in which order. */
const degrees = () => ({
  tensor: openable(count("Tensor-parallel degree. Default 1.", degree)).exactOptional(),
  sequenceParallel: openable(
    choice(["on", "off"], "Split the norms along the sequence over the tensor group. Default: on with tensor > 1."),
  ).exactOptional(),
  context: openable(count("Context-parallel degree. Default 1.", degree)).exactOptional(),
  contextInner: count(
    "With software.contextExchange: hierarchical, context ranks that exchange heads; a ring joins their groups. Default: as many as one domain and the heads allow.",
    degree,
  ).exactOptional(),
  contextBalance: choice(
    ["zig-zag", "contiguous"],
    "How a sequence is cut over context ranks: two chunks each that attend to as many keys, or one piece each. Default zig-zag.",
  ).exactOptional(),
  pipeline: openable(count("Pipeline stages. Default 1.", degree)).exactOptional(),
  virtualStages: openable(
    count(
      "Model chunks per pipeline rank. Default: 2 with the schedules in a V and dualpipe; interleaved, as many as the layers allow, where the stack hides transfers.",
      degree,
    ),
  ).exactOptional(),
  data: openable(
    count(
      "Data-parallel degree. Default: what is left of the accelerators after tensor, context and pipeline.",
      degree,
    ),
  ).exactOptional(),
  expert: openable(count("Expert-parallel degree, inside tensor x context x data. Default 1.", degree)).exactOptional(),
  expertTensor: openable(
    count("Tensor-parallel degree inside an expert. Default: 1 with expert > 1, else tensor.", degree),
  ).exactOptional(),
  microBatch: openable(count("Sequences per micro-batch. Default 1.", degree)).exactOptional(),
  schedule: openable(
    choice(
      schedules,
      "Pipeline schedule. Default: interleaved with virtualStages > 1, else 1f1b.",
      "zero bubble: zero-bubble-h1, -h2 or -v; PipeDream-flush is 1f1b",
    ),
  ).exactOptional(),
});

/** What each rank keeps, and where. */
const keeping = () => ({
  recompute: openable(recompute).exactOptional(),
  recomputeLayers: openable(
    count("With recompute: full, layers of each stage that are recomputed. Default: all."),
  ).exactOptional(),
  sharding: openable(
    choice(
      ["none", "optimizer", "gradients", "full", "hybrid"],
      "Model state spread over the data-parallel ranks: optimizer = ZeRO-1, gradients = ZeRO-2 or shard-grad-op, full = ZeRO-3 or FSDP, hybrid = HSDP. Default optimizer.",
      "ZeRO-1 is optimizer, ZeRO-2 gradients, ZeRO-3 and FSDP full, HSDP hybrid",
    ),
  ).exactOptional(),
  shardGroup: count(
    "With sharding: hybrid, ranks that share one copy. Default: the data-parallel ranks of one node.",
    degree,
  ).exactOptional(),
  reshardAfterForward: z
    .union([choice(["always", "never", "node"], "Rule."), count("Ranks.", degree)], {
      error: expectation({ expected: "always, never, node or a number of ranks" }),
    })
    .meta({
      description:
        "With sharding: full or hybrid, gathered weights after the forward pass: sharded again (always), kept (never), or sharded over the data-parallel ranks of one node or over so many ranks. Default always.",
    })
    .exactOptional(),
  stageLayers: stageLayers.exactOptional(),
  optimizerOffload: openable(
    ratio("Fraction of the optimizer state kept and updated in host memory. Default 0."),
  ).exactOptional(),
  weightOffload: openable(
    choice(
      ["on", "off"],
      "With sharding: full or hybrid, weights, gradients and optimizer state in host memory. Default off.",
    ),
  ).exactOptional(),
  activationOffload: openable(ratio("Fraction of the activations moved to host memory. Default 0.")).exactOptional(),
  pools: list(
    poolShare,
    "How the job is spread over the pools of the cluster: all by stages, or all by data.",
  ).exactOptional(),
  balance: choice(
    ["even", "balanced"],
    "Over pools: layers a stage, or sequences a replica, all alike, or as makes the step shortest. Default even.",
  ).exactOptional(),
});

const layoutObject = strict(() => ({ ...degrees(), ...keeping() })).meta({
  description: "Degrees multiply to the accelerators: tensor x context x pipeline x data.",
});

/** The layout section, or `auto`. */
export const layoutField: z.ZodType<LayoutText | "auto"> = z
  .union([z.literal("auto"), layoutObject.transform((written) => openApart(written) as LayoutText)], {
    error: expectation({ expected: "an object of degrees, or auto", hint: "e.g. layout: { tensor: 8, pipeline: 4 }" }),
  })
  .meta({ description: "How the work is laid over the accelerators, or auto." });
