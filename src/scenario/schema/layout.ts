/** `layout:` how the work is laid over the accelerators. */

import { z } from "zod";
import type { Recompute, RecomputeModule, ScheduleName, Sharding } from "../../training/layout.ts";
import { choice, count, expectation, list, ratio, strict } from "./fields.ts";

/** A layout as written: everything may be left out. */
export interface LayoutText {
  readonly tensor?: number;
  readonly sequenceParallel?: "on" | "off";
  readonly context?: number;
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
  readonly stageLayers?: readonly number[];
  readonly activationOffload?: number;
  readonly optimizerOffload?: number;
  readonly weightOffload?: "on" | "off";
}

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

const layoutObject = strict({
  tensor: count("Tensor-parallel degree. Default 1.", degree).exactOptional(),
  sequenceParallel: choice(
    ["on", "off"],
    "Split the norms along the sequence over the tensor group. Default: on with tensor > 1.",
  ).exactOptional(),
  context: count("Context-parallel degree. Default 1.", degree).exactOptional(),
  pipeline: count("Pipeline stages. Default 1.", degree).exactOptional(),
  virtualStages: count(
    "Model chunks per pipeline rank (interleaving). Default: as many as the layers allow, where the stack hides transfers.",
    degree,
  ).exactOptional(),
  data: count(
    "Data-parallel degree. Default: what is left of the accelerators after tensor, context and pipeline.",
    degree,
  ).exactOptional(),
  expert: count("Expert-parallel degree, inside tensor x context x data. Default 1.", degree).exactOptional(),
  expertTensor: count(
    "Tensor-parallel degree inside an expert. Default: 1 with expert > 1, else tensor.",
    degree,
  ).exactOptional(),
  microBatch: count("Sequences per micro-batch. Default 1.", degree).exactOptional(),
  schedule: choice(
    ["gpipe", "1f1b", "interleaved"],
    "Pipeline schedule. Default: interleaved with virtualStages > 1, else 1f1b.",
  ).exactOptional(),
  recompute: recompute.exactOptional(),
  recomputeLayers: count(
    "With recompute: full, layers of each stage that are recomputed. Default: all.",
  ).exactOptional(),
  sharding: choice(
    ["none", "optimizer", "gradients", "full", "hybrid"],
    "Model state spread over the data-parallel ranks: optimizer = ZeRO-1, gradients = ZeRO-2 or shard-grad-op, full = ZeRO-3 or FSDP, hybrid = HSDP. Default optimizer.",
    "ZeRO-1 is optimizer, ZeRO-2 gradients, ZeRO-3 and FSDP full, HSDP hybrid",
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
  stageLayers: list(
    count("Layers of one stage.", { atLeast: 0, atMost: 100_000 }),
    "Layers of each stage, in pipeline order through all virtual stages. Default: an even split.",
  ).exactOptional(),
  optimizerOffload: ratio(
    "Fraction of the optimizer state kept and updated in host memory. Default 0.",
  ).exactOptional(),
  weightOffload: choice(
    ["on", "off"],
    "With sharding: full or hybrid, weights, gradients and optimizer state in host memory. Default off.",
  ).exactOptional(),
  activationOffload: ratio("Fraction of the activations moved to host memory. Default 0.").exactOptional(),
}).meta({ description: "Degrees multiply to the accelerators: tensor x context x pipeline x data." });

/** The layout section, or `auto`. */
export const layoutField: z.ZodType<LayoutText | "auto"> = z
  .union([z.literal("auto"), layoutObject], {
    error: expectation({ expected: "an object of degrees, or auto", hint: "e.g. layout: { tensor: 8, pipeline: 4 }" }),
  })
  .meta({ description: "How the work is laid over the accelerators, or auto." });
