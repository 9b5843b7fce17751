/** A design as a torchtitan configuration: TOML. Its models are flavours in code, so that only those of the catalog have a name. */

import type { Design } from "../../scenario/index.ts";
import { flavours } from "../torchtitan/rows.ts";
import { type Case, heading, type Target } from "./target.ts";

export const torchtitanTarget: Target = {
  name: "torchtitan",
  summary: "torchtitan: a configuration in TOML",
  stacks: ["llm-foundry", "torchtitan"],
  format: "torchtitan",
  reasons: [
    { path: /^workload\.model/, reason: "torchtitan keeps model sizes in code: no flavour of this model" },
    { path: /^layout\.sequenceParallel/, reason: "torchtitan splits norms along the sequence with tensor parallelism" },
    { path: /^layout\.(sharding|shardGroup)/, reason: "FSDP2 shards over all ranks of a replica" },
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
      ...(c.software.bytes.parameterGather === 1
        ? [["float8", [["enable_fsdp_float8_all_gather", true]]] as const]
        : []),
    ];
    const text = sections.map(
      ([title, lines]) => `[${title}]\n${lines.map(([key, value]) => `${key} = ${toml(value)}`).join("\n")}`,
    );
    const head = heading(design, "data, tokenizer, optimizer, checkpoints; nodes belong to torchrun");
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

function trainingLines(design: Design): readonly Line[] {
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
    ["mixed_precision_reduce", software.bytes.gradientReduce === 2 ? "bfloat16" : "float32"],
  ];
}

const schedules: Readonly<Record<string, string>> = { "1f1b": "1F1B", gpipe: "GPipe", interleaved: "Interleaved1F1B" };

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
  const stages = layout.pipeline * layout.virtualStages;
  const pipeline: readonly Line[] =
    layout.pipeline === 1
      ? []
      : [
          ["pipeline_parallel_schedule", schedules[layout.schedule] ?? layout.schedule],
          ["pipeline_parallel_microbatch_size", layout.microBatch],
          ["pipeline_parallel_layers_per_stage", Math.ceil(model.layers.length / stages)],
        ];
  return [
    ["data_parallel_replicate_degree", data / shards],
    ["data_parallel_shard_degree", shards],
    ["fsdp_reshard_after_forward", layout.sharding === "gradients" ? "never" : "always"],
    ["tensor_parallel_degree", layout.tensor],
    ["enable_async_tensor_parallel", software.overlap.tensor === "on"],
    ["pipeline_parallel_degree", layout.pipeline],
    ...pipeline,
    ["context_parallel_degree", context],
    ...(context > 1
      ? [
          [
            "context_parallel_rotate_method",
            software.contextExchange === "all-gather" ? "allgather" : "alltoall",
          ] as const,
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

function recomputeLines({ layout }: Case): readonly Line[] {
  if (layout.recompute === "none" || layout.recompute === "full") return [["mode", layout.recompute]];
  return [
    ["mode", "selective"],
    ["selective_ac_option", "op"],
  ];
}

function compileLines({ software }: Case): readonly Line[] {
  const { elementwise, crossEntropy } = software.kernels;
  const parts = [...(elementwise === "compiled" ? ["model"] : []), ...(crossEntropy === "fused" ? ["loss"] : [])];
  return [["enable", parts.length > 0], ...(parts.length > 0 ? [["components", parts] as const] : [])];
}
