/** `workload:` what is run. Kinds that are not modelled are part of the language and refused by name. */

import { z } from "zod";
import type { AdapterTarget } from "../../compute/index.ts";
import type { FrozenFormat, TrainingPrecision } from "../../training/case.ts";
import { type CollectiveText, collectiveWorkload } from "./collective.ts";
import { choice, count, expectation, list, listed, ratio, strict, text } from "./fields.ts";
import { type LengthsText, lengthsField } from "./lengths.ts";
import { type RequestsText, requestsField, type SloText, sloField } from "./requests.ts";
import { type TrafficText, trafficWorkload } from "./traffic.ts";

/** Kinds of the language; `support.ts` says which are modelled. */
export const workloadKinds = [
  "training",
  "serving",
  "collective",
  "traffic",
  "jobs",
  "data-loading",
  "rl",
  "evaluation",
] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

/** A model as written: a catalog name, a path to a config.json, or the config itself (with `extends:` a few fields). */
export type ModelText = string | Readonly<Record<string, unknown>>;

export interface TuningText {
  readonly method: "full" | "lora" | "dora";
  readonly rank?: number;
  readonly targets?: readonly AdapterTarget[];
  readonly base?: FrozenFormat;
  readonly dropout?: "on" | "off";
  readonly exchange?: "all-gather" | "all-to-all";
  readonly frozenLayers?: number;
}

/** Objectives of the language; `support.ts` refuses those that generate. */
const objectives = ["next-token", "dpo", "kto", "orpo", "simpo", "reward", "distillation", "ppo", "grpo"] as const;
export type ObjectiveMethod = (typeof objectives)[number];

export interface ObjectiveText {
  readonly method: ObjectiveMethod;
  readonly reference?: "resident" | "precomputed" | "adapter-off" | "offloaded";
  readonly teacher?: ModelText;
}

export interface TrainingText {
  readonly kind: "training";
  readonly model: ModelText;
  readonly sequenceLength?: number;
  readonly lengths?: LengthsText;
  readonly globalBatch: number;
  readonly tokens?: number;
  readonly precision?: TrainingPrecision | "fp8";
  readonly tuning?: "full" | TuningText;
  readonly objective?: ObjectiveMethod | ObjectiveText;
  readonly multiTokenPrediction?: number;
  readonly routing?: "balanced" | "natural";
  readonly routingSkew?: number;
  readonly highPrecisionLayers?: { readonly first?: number; readonly last?: number };
}

export interface ServingWorkloadText {
  readonly kind: "serving";
  readonly model: ModelText;
  readonly requests: RequestsText;
  readonly sampling?: "plain" | "top-p";
  readonly slo?: SloText;
}

/** A workload of a kind that is not modelled yet, as written. */
export interface OtherWorkloadText {
  readonly kind: Exclude<WorkloadKind, "training" | "serving" | "collective" | "traffic">;
  readonly [key: string]: unknown;
}

export type WorkloadText = TrainingText | ServingWorkloadText | CollectiveText | TrafficText | OtherWorkloadText;

export const precisions = [
  "fp32",
  "tf32",
  "fp16",
  "bf16",
  "fp8",
  "fp8-delayed",
  "fp8-current",
  "fp8-block",
  "mxfp8",
  "nvfp4",
] as const;

const model = z
  .union([text("Catalog name, or path to a config.json."), z.looseObject({})], {
    error: expectation({
      expected: "a catalog name, a path to a config.json, or an inline object",
      hint: "windtunnel catalog model",
    }),
  })
  .meta({
    description:
      "Catalog name (`windtunnel catalog model`), path to a Hugging Face config.json, or such a config as an object; with `extends: NAME` only what differs.",
  });

const targets = ["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"] as const satisfies readonly AdapterTarget[];

const tuning = z
  .union(
    [
      z.literal("full"),
      strict(() => ({
        method: choice(["full", "lora", "dora"], "full: every weight learns; lora: only adapters do."),
        rank: count("Rank of the adapters.", { atLeast: 1, atMost: 65_536 }).exactOptional(),
        targets: list(
          choice(targets, "A projection."),
          "Projections that get adapters, named as in Megatron. Default all four.",
        ).exactOptional(),
        base: choice(
          ["bf16", "fp8", "nf4"],
          "How frozen weights of the layers are kept beside adapters: nf4 is QLoRA's, fp8 one 8-bit copy. Default bf16.",
        ).exactOptional(),
        dropout: choice(["on", "off"], "Dropout on what enters the adapters. Default off.").exactOptional(),
        exchange: choice(
          ["all-gather", "all-to-all"],
          "How outputs of adapters beside row-parallel projections reach their tokens under sequence parallelism. Default all-gather.",
        ).exactOptional(),
        frozenLayers: count("First layers that learn nothing, with the embedding below them. Default 0.", {
          atLeast: 0,
          atMost: 100_000,
        }).exactOptional(),
      })),
    ],
    { error: expectation({ expected: "full, or an object such as { method: lora, rank: 16 }" }) },
  )
  .meta({ description: "What learns: full, or { method: lora, rank, targets }. Default full." });

const objective = z
  .union(
    [
      choice(objectives, "The objective by name."),
      strict(() => ({
        method: choice(
          objectives,
          "dpo, orpo, simpo and reward compare pairs of sequences, kto and distillation take single ones.",
        ),
        reference: choice(
          ["resident", "precomputed", "adapter-off", "offloaded"],
          "Where dpo's and kto's reference log-probabilities come from: a copy of the model, before the run, or the model without its adapters. Default adapter-off with adapters, else resident.",
        ).exactOptional(),
        teacher: model.exactOptional(),
      })),
    ],
    {
      error: expectation({ expected: "a name such as dpo, or an object such as { method: dpo, reference: resident }" }),
    },
  )
  .meta({
    description:
      "What the loss compares: next-token (pre-training, SFT), pairs (dpo, orpo, simpo, reward; globalBatch and microBatch count pairs), kto, distillation. Default next-token.",
  });

const layerCount = (description: string) => count(description, { atLeast: 0, atMost: 100_000 });

const training = strict(() => ({
  kind: z.literal("training"),
  model,
  sequenceLength: count("Tokens per sequence.", { atLeast: 1, atMost: 100_000_000 }).exactOptional(),
  lengths: lengthsField.exactOptional(),
  globalBatch: count("Sequences per optimizer step over the whole job.", { atLeast: 1, atMost: 1_000_000_000 }),
  tokens: count("Tokens of the whole run; without it no time to train.", {
    atLeast: 1,
    atMost: 1e18,
  }).exactOptional(),
  precision: choice(precisions, "Recipe of the matrix products; fp8 means fp8-current. Default bf16.").exactOptional(),
  tuning: tuning.exactOptional(),
  objective: objective.exactOptional(),
  multiTokenPrediction: count("Multi-token prediction modules trained. Default 0.", {
    atLeast: 0,
    atMost: 64,
  }).exactOptional(),
  routing: choice(
    ["balanced", "natural"],
    "Loads of experts: all the same, as benchmarks force it, or as a trained router spreads them. Default balanced.",
  ).exactOptional(),
  routingSkew: ratio("With routing: natural, standard deviation of the experts' loads over their mean. Default 0.25.", {
    atLeast: 0,
    atMost: 10,
  }).exactOptional(),
  highPrecisionLayers: strict(() => ({
    first: layerCount("Layers at the beginning.").exactOptional(),
    last: layerCount("Layers at the end.").exactOptional(),
  }))
    .meta({ description: "Layers kept in bf16 under a low-precision recipe. Default none." })
    .exactOptional(),
})).meta({ description: "Training of a model, one optimizer step after the other." });

const serving = strict(() => ({
  kind: z.literal("serving"),
  model,
  requests: requestsField,
  sampling: choice(
    ["plain", "top-p"],
    "How tokens are chosen: greedy or by temperature alone, or with top-p or top-k, which sorts the vocabulary. Default as the model's generation_config.json asks.",
  ).exactOptional(),
  slo: sloField.exactOptional(),
})).meta({ description: "Serving of requests by engines." });

const later = (kind: Exclude<WorkloadKind, "training" | "serving" | "collective" | "traffic">) =>
  z.looseObject({ kind: z.literal(kind) }).meta({ description: `Not modelled yet: ${kind}.` });

/** Shown where there is no workload. */
export const workloadExample =
  "e.g. workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 512 }";

const kinds = z.discriminatedUnion(
  "kind",
  [
    training,
    serving,
    collectiveWorkload,
    trafficWorkload,
    later("jobs"),
    later("data-loading"),
    later("rl"),
    later("evaluation"),
  ],
  {
    // Two mistakes end here: no object at all, and an object of no known kind.
    error: ({ code }) =>
      JSON.stringify(
        code === "invalid_union"
          ? { expected: listed(workloadKinds), keys: workloadKinds }
          : { expected: "an object with a kind", hint: workloadExample },
      ),
  },
);

/** The workload section. */
export const workloadField: z.ZodType<WorkloadText> = kinds.meta({
  description: "What is run; its kind decides the other keys.",
}) as unknown as z.ZodType<WorkloadText>;
