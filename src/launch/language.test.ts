/** Settings of launch files that came into the language with offload, optimizers, schedules, context and tuning. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { type ImportRequest, importLaunch } from "./index.ts";

type Found = Readonly<Record<string, unknown>>;

const sizes = "--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --swiglu";
const llama = `${sizes} --group-query-attention --num-query-groups 8 --untie-embeddings-and-output-weights --disable-bias-linear --position-embedding-type rope --vocab-size 128256`;
const batch = "--seq-length 8192 --micro-batch-size 1 --global-batch-size 128 --bf16";
const dense = `torchrun --nproc_per_node 8 --nnodes 2 pretrain_gpt.py ${llama} ${batch} --use-distributed-optimizer`;
const experts = `${dense} --num-experts 8 --moe-router-topk 2 --expert-model-parallel-size 8`;

function imported(text: string, rest: Partial<ImportRequest> = {}): ReturnType<typeof importLaunch> {
  return importLaunch({ text, file: "f", ...rest });
}

/** Keys of the scenario without its cluster. */
function keysOf(text: string, rest: Partial<ImportRequest> = {}): Found {
  const { workload, layout, software } = imported(text, rest).scenario;
  return { workload, layout, software };
}

/** Flags that were not read, with their reasons. */
function leftOf(text: string, rest: Partial<ImportRequest> = {}): readonly (readonly [string, string | undefined])[] {
  return imported(text, rest).notUnderstood.map(({ flag, reason }) => [flag, reason]);
}

function problemsOf(text: string, rest: Partial<ImportRequest> = {}): string {
  try {
    imported(text, rest);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ message }) => message).join("\n");
    throw error;
  }
  return "";
}

describe("Megatron-LM's words", () => {
  it.each<[string, string, Found]>([
    ["a rule", "--optimizer sgd", { software: { optimizerRule: "sgd" } }],
    ["muon", "--optimizer muon", { software: { optimizerRule: "muon" }, layout: { sharding: "optimizer" } }],
    ["all state on the host", "--optimizer-cpu-offload", { layout: { optimizerOffload: 1 } }],
    [
      "part of the state, in turn",
      "--optimizer-cpu-offload --optimizer-offload-fraction 0.5",
      { layout: { optimizerOffload: 0.5 }, software: { overlap: { optimizerOffload: "off" } } },
    ],
    [
      "parts of partial graphs",
      "--cuda-graph-impl transformer_engine --cuda-graph-scope attn moe_router",
      { software: { cudaGraphs: "partial", cudaGraphScope: ["attention", "router"] } },
    ],
    [
      "a hierarchy of context ranks",
      "--context-parallel-size 8 --cp-comm-type a2a+p2p --hierarchical-context-parallel-sizes 4 2",
      { layout: { context: 8, contextInner: 4 }, software: { contextExchange: "hierarchical" } },
    ],
    [
      "copies of sharded weights",
      "--use-megatron-fsdp --data-parallel-sharding-strategy optim_grads_params --num-distributed-optimizer-instances 2",
      { layout: { sharding: "hybrid", shardGroup: 8 } },
    ],
    [
      "FSDP2 that keeps weights",
      "--use-torch-fsdp2 --torch-fsdp2-no-reshard-after-forward",
      { layout: { sharding: "full", reshardAfterForward: "never" } },
    ],
    [
      "a loss on a stage of its own",
      "--pipeline-model-parallel-size 2 --pipeline-model-parallel-layout 'Et*32|L'",
      { layout: { stageLayers: [32, 0] } },
    ],
  ])("say %s", (_, flags, expected) => {
    expect(keysOf(`${dense} ${flags}`)).toMatchObject(expected);
    expect(leftOf(`${dense} ${flags}`)).toEqual([]);
  });

  it.each<[string, string, Found]>([
    [
      "a capacity",
      "--moe-expert-capacity-factor 1.25 --moe-pad-expert-input-to-capacity",
      { software: { routing: "capacity", capacityFactor: 1.25 } },
    ],
    [
      "shared experts under the exchange",
      "--moe-token-dispatcher-type alltoall --moe-shared-expert-overlap",
      { software: { overlap: { sharedExpert: "on" } } },
    ],
    [
      "multiprocessors of DeepEP, by default 20",
      "--moe-token-dispatcher-type flex --moe-enable-deepep",
      { software: { dispatcher: "deepep", dispatchMultiprocessors: 20 } },
    ],
    [
      "multiprocessors of HybridEP",
      "--moe-token-dispatcher-type flex --moe-flex-dispatcher-backend hybridep --moe-hybridep-num-sms 32",
      { software: { dispatcher: "hybridep", dispatchMultiprocessors: 32 } },
    ],
    ["forced loads", "--moe-router-force-load-balancing", { workload: { routing: "balanced" } }],
  ])("say of experts %s", (_, flags, expected) => {
    expect(keysOf(`${experts} ${flags}`)).toMatchObject(expected);
    expect(leftOf(`${experts} ${flags}`)).toEqual([]);
  });

  it("keep the stage of an MTP module apart from the loss", () => {
    const latent = "--multi-latent-attention --kv-lora-rank 512 --qk-layernorm";
    const text = "Et*16|t*16m|L";
    const flags = `${latent} --mtp-num-layers 1 --pipeline-model-parallel-size 3 --pipeline-model-parallel-layout "${text}"`;
    const problems = problemsOf(`${dense.replace("--nnodes 2", "--nnodes 3")} ${flags}`, { model: "deepseek-v3" });
    // The text is the language's own, so that it is the language that counts its layers.
    expect(problems).toContain("the entries add up to 32, but deepseek-ai/DeepSeek-V3 has 61 layers");
  });

  it("leave what has no counterpart, with the reason", () => {
    expect(leftOf(`${dense} --optimizer lion`)).toEqual([
      ["--optimizer", '"lion" has no counterpart in the language yet'],
    ]);
    expect(leftOf(`${dense} --num-distributed-optimizer-instances 2`)[0]?.[1]).toMatch(/beside whole weights/);
    const fsdp = "--use-megatron-fsdp --data-parallel-sharding-strategy optim_grads_params --optimizer muon";
    expect(leftOf(`${dense} ${fsdp}`)).toEqual([
      ["--optimizer", "muon under sharded gradients is not modelled: predicted with adam"],
    ]);
  });

  it("are refused where they contradict", () => {
    const sizes = "--context-parallel-size 8 --cp-comm-type a2a+p2p";
    expect(problemsOf(`${dense} ${sizes}`)).toContain("hierarchical-context-parallel-sizes is missing");
    expect(problemsOf(`${dense} ${sizes} --hierarchical-context-parallel-sizes 2 2`)).toContain(
      "context-parallel size 8",
    );
    const flex = "--moe-token-dispatcher-type flex --moe-flex-dispatcher-backend deepep --moe-shared-expert-overlap";
    expect(problemsOf(`${experts} ${flex}`)).toContain("does not overlap shared experts");
  });
});

it("reads adapters of Megatron-Bridge", () => {
  const yaml =
    "model:\n  hf_model_id: meta-llama/Llama-3.1-8B\n  tensor_model_parallel_size: 2\n  pipeline_model_parallel_size: 1\n  sequence_parallel: true\n  seq_length: 4096\ntrain:\n  micro_batch_size: 1\n  global_batch_size: 32\n";
  const peft = "peft:\n  dim: 8\n  target_modules: [linear_qkv]\n  dropout: 0.1\n  a2a_experimental: true\n";
  expect(keysOf(`${yaml}${peft}`, { nodes: 1, model: "llama-3.1-8b" })).toMatchObject({
    workload: { tuning: { method: "lora", rank: 8, targets: ["linear_qkv"], dropout: "on", exchange: "all-to-all" } },
  });
});

const toml = '[model]\nname = "llama3"\nflavor = "8B"\n[training]\nlocal_batch_size = 16\nseq_len = 8192\n';

describe("torchtitan's words", () => {
  const pipeline = (schedule: string): string =>
    `[parallelism]\npipeline_parallel_degree = 4\npipeline_parallel_schedule = "${schedule}"\n`;
  it.each<[string, string, Found]>([
    ["zero bubble", pipeline("ZBVZeroBubble"), { layout: { schedule: "zero-bubble-v", virtualStages: 2 } }],
    ["DualPipeV", pipeline("DualPipeV"), { layout: { schedule: "dualpipe-v", reshardAfterForward: "never" } }],
    ["a split that counts embedding and head", pipeline("1F1B"), { layout: { stageLayers: [8, 9, 8, 7] } }],
    [
      "an even split",
      `${pipeline("Interleaved1F1B")}pipeline_parallel_first_stage_less_layers = 0\npipeline_parallel_last_stage_less_layers = 0\npipeline_parallel_layers_per_stage = 2\n`,
      { layout: { schedule: "interleaved", virtualStages: 4 } },
    ],
    ["offload", "enable_cpu_offload = true\n", { layout: { sharding: "full", weightOffload: "on" } }],
    [
      "asynchronous tensor parallelism",
      "[parallelism]\ntensor_parallel_degree = 2\nenable_async_tensor_parallel = true\n",
      { software: { extends: "torchtitan@2025", overlap: { tensor: "asynchronous" } } },
    ],
    [
      "an uneven cut of sequences",
      "[parallelism]\ncontext_parallel_degree = 2\ncontext_parallel_load_balance = false\n",
      { layout: { contextBalance: "contiguous" } },
    ],
    ["kernels of the update", '[optimizer]\nimplementation = "foreach"\n', { software: { optimizer: "multi-tensor" } }],
  ])("say %s", (_, lines, expected) => {
    expect(keysOf(`${toml}${lines}`, { nodes: 2 })).toMatchObject(expected);
  });

  it("refuse stages that do not spread over the ranks", () => {
    const lines = `${pipeline("1F1B")}pipeline_parallel_layers_per_stage = 8\n`;
    expect(problemsOf(`${toml}${lines}`, { nodes: 2 })).toContain(
      "32 layers, with ends of 1 and 1, are 5 stages of 8 over pipeline 4",
    );
  });

  it("refuse schedules that are not in the language", () => {
    expect(problemsOf(`${toml}${pipeline("InterleavedZeroBubble")}`, { nodes: 2 })).toContain("is not modelled yet");
  });
});

describe("DeepSpeed's words", () => {
  const json = (zero: Found, rest: Found = {}): string =>
    JSON.stringify({ zero_optimization: zero, train_micro_batch_size_per_gpu: 2, bf16: { enabled: true }, ...rest });
  const given = { nodes: 2, model: "llama-3.1-8b", set: { max_seq_length: "4096" } };
  const host = { device: "cpu" };
  it.each<[string, Found, Found]>([
    [
      "stage 2 with its optimizer on the host",
      { stage: 2, offload_optimizer: host },
      { sharding: "gradients", optimizerOffload: 1 },
    ],
    [
      "a part of it",
      { stage: 3, offload_optimizer: { ...host, ratio: 0.3 } },
      { sharding: "full", optimizerOffload: 0.3 },
    ],
    [
      "parameters as well",
      { stage: 3, offload_optimizer: host, offload_param: host },
      { sharding: "full", weightOffload: "on" },
    ],
    ["a secondary partition", { stage: 3, zero_hpz_partition_size: 8 }, { sharding: "full", reshardAfterForward: 8 }],
    ["MiCS", { stage: 3, mics_shard_size: 8 }, { sharding: "hybrid", shardGroup: 8 }],
  ])("say %s", (_, zero, expected) => {
    expect(keysOf(json(zero), given).layout).toMatchObject(expected);
    expect(leftOf(json(zero), given)).toEqual([]);
    const decided = imported(json(zero), given).read.flatMap(({ decides }) => decides);
    expect(decided.filter(({ value }) => value === undefined)).toEqual([]);
  });

  it("say that nothing is on the host", () => {
    const zero = { stage: 3, offload_optimizer: { device: "none" }, offload_param: { device: "none" } };
    expect(keysOf(json(zero), given).layout).not.toHaveProperty("weightOffload");
    expect(leftOf(json(zero), given)).toEqual([]);
  });

  it("start from DeepSpeed's own stack", () => {
    expect(imported(json({ stage: 3 }), given).missing.map(({ taken }) => taken)).toContain("deepspeed@0.16");
    expect(keysOf(json({ stage: 3 }), given).software).toBe("deepspeed@0.16");
  });

  it("leave state on NVMe", () => {
    const left = leftOf(json({ stage: 3, offload_optimizer: { device: "nvme" } }), given);
    expect(left).toEqual([["zero_optimization.offload_optimizer.device", expect.stringContaining("NVMe")]]);
  });

  it("say adapters on frozen weights in four bits, and an objective", () => {
    const set = { ...given.set, lora_rank: "8", lora_target: "q_proj,v_proj", quantization_bit: "4", stage: "dpo" };
    expect(keysOf(json({ stage: 2 }, { optimizer: { type: "AdamW" } }), { ...given, set }).workload).toMatchObject({
      tuning: { method: "lora", rank: 8, targets: ["linear_qkv"], base: "nf4" },
      objective: "dpo",
    });
  });

  it("say the update and compiled kernels", () => {
    const set = { ...given.set, torch_compile: "true", optim: "adamw_torch" };
    expect(keysOf(json({ stage: 1 }), { ...given, set }).software).toMatchObject({
      optimizer: "multi-tensor",
      kernels: { elementwise: "compiled" },
    });
  });
});

describe("other words", () => {
  it("MaxText's cut of sequences and its optimizer", () => {
    const words = "model_name=llama2-7b per_device_batch_size=1 max_target_length=4096 ici_context_parallelism=2";
    const more = "context_parallel_load_balance=false context_parallel_strategy=ring opt_type=sgd";
    const found = keysOf(`python3 train.py base.yml ${words} ${more}`, { nodes: 1, node: "hgx-h100" });
    expect(found).toMatchObject({
      layout: { context: 2, contextBalance: "contiguous" },
      software: { contextExchange: "ring", optimizerRule: "sgd" },
    });
  });

  it("llm-foundry's mesh of copies, prefetch and offload", () => {
    const yaml =
      "max_seq_len: 2048\nglobal_train_batch_size: 64\ndevice_train_microbatch_size: 4\nmodel:\n  name: mpt_causal_lm\n  d_model: 2048\n  n_heads: 16\n  n_layers: 24\n  vocab_size: 50368\n";
    const fsdp =
      "fsdp_config:\n  sharding_strategy: FULL_SHARD\n  device_mesh: [2, 8]\n  backward_prefetch: BACKWARD_PRE\n  activation_cpu_offload: true\n";
    expect(keysOf(`${yaml}${fsdp}`, { nodes: 2 })).toMatchObject({
      layout: { sharding: "hybrid", shardGroup: 8, activationOffload: 1 },
      software: { state: { prefetch: "before" } },
    });
    expect(leftOf(`${yaml}${fsdp}`, { nodes: 4 })[0]?.[0]).toBe("fsdp_config.device_mesh");
  });
});
