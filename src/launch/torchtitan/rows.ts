/**
 * Words of torchtitan for the keys of a scenario: fields of its TOML files, under the names of two years of releases.
 * @source torchtitan-configs
 */

import type { ScheduleName } from "../../training/index.ts";
import type { ReasonRow } from "../idle.ts";
import { chance, checking, evaluation, learning, loading, logging, paths, profiling, saving } from "../idle.ts";
import { countRow, type Defaults, type Row, switchRow, wordRow } from "../rows.ts";

const parallel = (field: string): readonly string[] => [
  `parallelism.${field}`,
  `experimental.${field}`,
  `training.${field}`,
];

export const degreeRows: readonly Row[] = [
  countRow("layout.tensor", parallel("tensor_parallel_degree")),
  countRow("layout.pipeline", parallel("pipeline_parallel_degree")),
  countRow("layout.context", parallel("context_parallel_degree")),
  countRow("layout.expert", parallel("expert_parallel_degree")),
  countRow("layout.expertTensor", parallel("expert_tensor_parallel_degree")),
  countRow("workload.sequenceLength", ["training.seq_len"]),
];

export const stackRows: readonly Row[] = [
  switchRow("software.overlap.tensor", parallel("enable_async_tensor_parallel"), { on: "asynchronous", off: "off" }),
  wordRow("software.optimizer", ["optimizer.implementation"], {
    fused: "fused",
    foreach: "multi-tensor",
    "for-loop": "eager",
  }),
  wordRow("software.contextExchange", parallel("context_parallel_rotate_method"), {
    allgather: "all-gather",
    alltoall: "ring",
  }),
];

/** What torchtitan does where a field is absent. */
export const torchtitanDefaults: Defaults = {
  "layout.tensor": 1,
  "layout.pipeline": 1,
  "layout.context": 1,
  "layout.expert": 1,
  "layout.expertTensor": 1,
  "software.overlap.tensor": "off",
  "software.contextExchange": "all-gather",
  "software.optimizer": "fused",
};

/** Schedules as torchtitan writes them, with the chunks of a rank that each has by default. */
export const schedules: Readonly<Record<string, readonly [schedule: ScheduleName, chunks: number]>> = {
  "1F1B": ["1f1b", 1],
  GPipe: ["gpipe", 1],
  Interleaved1F1B: ["interleaved", 2],
  ZBVZeroBubble: ["zero-bubble-v", 2],
  DualPipeV: ["dualpipe-v", 2],
};

/** Model flavours that are models of the catalog. */
export const flavours: Readonly<Record<string, string>> = {
  "llama2/7b": "meta-llama/Llama-2-7B",
  "llama2/13b": "meta-llama/Llama-2-13B",
  "llama2/70b": "meta-llama/Llama-2-70B",
  "llama3/8b": "meta-llama/Llama-3.1-8B",
  "llama3/70b": "meta-llama/Llama-3.1-70B",
  "llama3/405b": "meta-llama/Llama-3.1-405B",
  "llama4/17bx16e": "meta-llama/Llama-4-Scout-17B-16E",
  "llama4/17bx128e": "meta-llama/Llama-4-Maverick-17B-128E",
  "deepseek_v3/16b": "deepseek-ai/DeepSeek-V2-Lite",
  "deepseek_v3/671b": "deepseek-ai/DeepSeek-V3",
  "qwen3/0.6b": "Qwen/Qwen3-0.6B",
  "qwen3/1.7b": "Qwen/Qwen3-1.7B",
  "qwen3/8b": "Qwen/Qwen3-8B",
  "qwen3/14b": "Qwen/Qwen3-14B",
  "qwen3/32b": "Qwen/Qwen3-32B",
  "qwen3/30b-a3b": "Qwen/Qwen3-30B-A3B",
  "qwen3/235b-a22b": "Qwen/Qwen3-235B-A22B",
};

export const torchtitanIdle: readonly ReasonRow[] = [
  { pattern: /^job\./, reason: paths },
  { pattern: /^profiling\./, reason: profiling },
  { pattern: /^(metrics|comm)\./, reason: logging },
  { pattern: /^(checkpoint|fault-tolerance)\./, reason: saving },
  { pattern: /^(validation|eval)\./, reason: evaluation },
  { pattern: /^(lr-scheduler)\./, reason: learning },
  {
    pattern: /^optimizer\.(name|lr|beta.*|eps|weight-decay|fused)$/,
    reason: learning,
  },
  { pattern: /^training\.(max-norm|warmup-steps|deterministic|seed|gc-freq|debug.*)$/, reason: learning },
  { pattern: /^training\.(dataset.*|data\..*|data-parallel-type)$/, reason: loading },
  { pattern: /^(dataset|dataloader)\./, reason: loading },
  {
    pattern: /^model\.(norm-type|tokenizer-path|hf-assets-path|tokenizer-type|print-after-conversion)$/,
    reason: paths,
  },
  {
    pattern:
      /(float8|mx|quantize\..*)\.(filter-fqns|fqns|moe-fqns.*|precompute-float8-dynamic-scale-for-fsdp|emulate|force-recompute-fp8-weight-in-bwd|scaling-type.*|enable-float8-linear)$/,
    reason: "which layers are cast: all products are counted alike",
  },
  {
    pattern:
      /^activation-checkpoint\.(per-op-sac-.*|early-stop|memory-budget|preserve-rng-state|determinism-check|debug)$/,
    reason: "a detail of selective recompute",
  },
  { pattern: /^(debug|experimental\.custom-.*)/, reason: checking },
  { pattern: /seed/, reason: chance },
];

export const torchtitanUnmodelled: readonly ReasonRow[] = [
  { pattern: /^optimizer\.early-step-in-backward$/, reason: "updates inside the backward pass are not modelled" },
  {
    pattern: /^parallelism\.(disable-loss-parallel|module-fqns-per-model-part|pipeline-parallel-split-points)$/,
    reason: "this split is not modelled",
  },
  { pattern: /^memory-estimation\./, reason: "not a training run" },
];
