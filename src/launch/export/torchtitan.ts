/** A design as a torchtitan configuration: TOML. Its models are flavours in code, so that only those of the catalog have a name. */

import type { DesignOf } from "../../scenario/index.ts";
import { stageLayerCounts } from "../../training/index.ts";
import { flavours, schedules } from "../torchtitan/rows.ts";
import { splitFields, splitLayers } from "../torchtitan/split.ts";
import { type Case, everywhere, heading, type Target } from "./target.ts";

export const torchtitanTarget: Target = {
  name: "torchtitan",
  summary: "torchtitan: a configuration in TOML",
  stacks: ["torchtitan"],
  format: "torchtitan",
  reasons: [
    { path: /^workload\.model/, reason: "torchtitan keeps model sizes in code: no flavour of this model" },
    { path: /^layout\.sequenceParallel/, reason: "torchtitan splits norms along the sequence with tensor parallelism" },
    { path: /^workload\.objective/, reason: "torchtitan trains on the next token; the batch counts sequences" },
    { path: /^workload\.lengths/, reason: "what the data are: rows of seq_len here" },
    { path: /^workload\.routing/, reason: "what the router gives, not a field" },
    ...everywhere,
    {
      path: /^layout\.(sharding|shardGroup|reshardAfterForward)/,
      reason: "FSDP2 shards over all ranks of a replica; weights are resharded over all of them, or never",
    },
    {
      path: /^layout\.(optimizer|activation)Offload/,
      reason: "torchtitan moves weights, gradients and optimizer state together, and no activations",
    },
    {
      path: /^layout\.(schedule|virtualStages|stageLayers)/,
      reason: "torchtitan's schedules and its split by layers differ",
    },
    { path: /^layout\.recompute/, reason: "torchtitan computes again whole layers, or chooses by operator" },
    {
      path: /^software\.overlap/,
      reason: "FSDP2 overlaps by itself; only asynchronous tensor parallelism is a switch",
    },
    { path: /^software\.bytes/, reason: "FSDP2 keeps parameters and gradients in 32 bits" },
    { path: /./, reason: "no field of torchtitan's configuration says it" },
  ],
  write(design) {
    const c = design.training.case;
    const flavour = Object.keys(flavours).find((name) => flavours[name] === c.model.name);
    const [name = "", size = ""] = flavour?.split("/") ?? ["", ""];
    const sections: readonly (readonly [string, readonly Line[]])[] = [
      ["model", [...modelLines(flavour, name, size), ...converterLines(c)]],
      ["training", trainingLines(design)],
      ["parallelism", parallelLines(c)],
      ["activation_checkpoint", recomputeLines(c)],
      ["compile", compileLines(c)],
      ["optimizer", optimizerLines(c)],
      ...(c.software.bytes.parameterGather === 1
        ? [["float8", [["enable_fsdp_float8_all_gather", true]]] as const]
        : []),
    ];
    const text = sections.map(
      ([title, lines]) => `[${title}]\n${lines.map(([key, value]) => `${key} = ${toml(value)}`).join("\n")}`,
    );
    const head = heading(design, "data, tokenizer, learning rate, checkpoints; nodes belong to torchrun");
    return {
      text: `${head.join("\n")}\n\n${text.join("\n\n")}\n`,
      model: flavour === undefined ? "not stated" : "stated",
    };
  },
};

type Line = readonly [key: string, value: string | number | boolean | readonly string[]];

function toml(value: Line[1]): string {
  return Array.isArray(value) ? `[${value.map((each) => JSON.stringify(each)).join(", ")}]` : JSON.stringify(value);
}

function modelLines(flavour: string | undefined, name: string, size: string): readonly Line[] {
  return flavour === undefined
    ? []
    : [
        ["name", name],
        ["flavor", size.toUpperCase().replace(/X(\d+)E$/, "x$1e")],
      ];
}

function converterLines({ precision }: Case): readonly Line[] {
  if (precision === "mxfp8") return [["converters", ["mx"]]];
  return precision.startsWith("fp8") ? [["converters", ["float8"]]] : [];
}

function trainingLines(design: DesignOf<"training">): readonly Line[] {
  const { tokens } = design.training;
  const { layout, globalBatch, sequenceLength, precision, software } = design.training.case;
  const piped = layout.pipeline > 1;
  const steps = tokens === undefined ? undefined : tokens / (globalBatch * sequenceLength);
  return [
    ["local_batch_size", piped ? globalBatch / layout.data : layout.microBatch],
    ["global_batch_size", globalBatch],
    ["seq_len", sequenceLength],
    ...(steps !== undefined && Number.isInteger(steps) ? [["steps", steps] as const] : []),
    ...(precision === "fp32" || precision === "tf32" ? [["mixed_precision_param", "float32"] as const] : []),
    ...(precision === "fp16" ? [["mixed_precision_param", "float16"] as const] : []),
    ...(layout.weightOffload === "on" ? [["enable_cpu_offload", true] as const] : []),
    ["mixed_precision_reduce", software.bytes.gradientReduce === 2 ? "bfloat16" : "float32"],
  ];
}

function parallelLines(c: Case): readonly Line[] {
  const { layout, model, software } = c;
  const { context, data } = layout;
  const shards =
    layout.sharding === "none"
      ? 1
      : layout.sharding === "hybrid"
        ? Math.max(1, (layout.shardGroup ?? 1) / context)
        : data;
  const experts = model.layerKinds.some(({ feedForward }) => feedForward.kind === "experts");
  // What torchtitan does not run is written as 1F1B, and said.
  const schedule = Object.keys(schedules).find((name) => schedules[name]?.[0] === layout.schedule);
  const pipeline: readonly Line[] =
    layout.pipeline === 1
      ? []
      : [
          ["pipeline_parallel_schedule", schedule ?? "1F1B"],
          ["pipeline_parallel_microbatch_size", layout.microBatch],
          ...splitFields(schedule === undefined ? evenly(c) : stageLayerCounts(model.layers.length, layout)),
        ];
  return [
    ["data_parallel_replicate_degree", data / shards],
    ["data_parallel_shard_degree", shards],
    ["fsdp_reshard_after_forward", keepsWeights(c) ? "never" : "always"],
    ["tensor_parallel_degree", layout.tensor],
    ["enable_async_tensor_parallel", software.overlap.tensor === "asynchronous"],
    ["pipeline_parallel_degree", layout.pipeline],
    ...pipeline,
    ["context_parallel_degree", context],
    ...(context > 1
      ? [
          [
            "context_parallel_rotate_method",
            software.contextExchange === "all-gather" ? "allgather" : "alltoall",
          ] as const,
          ...(layout.contextBalance === undefined
            ? []
            : [["context_parallel_load_balance", layout.contextBalance === "zig-zag"] as const]),
        ]
      : []),
    ...(experts
      ? [
          ["expert_parallel_degree", layout.expert] as const,
          ["expert_tensor_parallel_degree", layout.expertTensor] as const,
        ]
      : []),
  ];
}

/** One stage a rank. */
function evenly({ layout, model }: Case): readonly number[] {
  return splitLayers(model.layers.length, layout.pipeline, { first: 0, last: 0 });
}

/** Weights that stay gathered from forward to backward. */
function keepsWeights({ layout }: Case): boolean {
  return layout.sharding === "gradients" || layout.reshardAfterForward === "never";
}

function recomputeLines({ layout }: Case): readonly Line[] {
  if (layout.recompute === "none" || layout.recompute === "full") return [["mode", layout.recompute]];
  return [
    ["mode", "selective"],
    ["selective_ac_option", "op"],
  ];
}

const implementations = { fused: "fused", "multi-tensor": "foreach", eager: "for-loop" } as const;

function optimizerLines({ software }: Case): readonly Line[] {
  return [["implementation", implementations[software.optimizer]]];
}

function compileLines({ software }: Case): readonly Line[] {
  const { elementwise, crossEntropy } = software.kernels;
  const parts = [...(elementwise === "compiled" ? ["model"] : []), ...(crossEntropy === "fused" ? ["loss"] : [])];
  return [["enable", parts.length > 0], ...(parts.length > 0 ? [["components", parts] as const] : [])];
}
