import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { type ImportRequest, importLaunch, launchFiles } from "./index.ts";

function request(text: string, rest: Partial<ImportRequest> = {}): ImportRequest {
  return { text, file: "f", ...rest };
}

function layoutOf(text: string, rest: Partial<ImportRequest> = {}): Readonly<Record<string, unknown>> {
  return importLaunch(request(text, rest)).scenario.layout as Readonly<Record<string, unknown>>;
}

/** Problems as one line each: `line name: message`. */
function problemsOf(text: string, rest: Partial<ImportRequest> = {}): string[] {
  try {
    importLaunch(request(text, rest));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ path, message, hint, location }) => `${location?.line} ${path}: ${message}; ${hint}`);
  }
  return [];
}

const toml = `[model]\nname = "llama3"\nflavor = "8B"\n[training]\nlocal_batch_size = 2\nseq_len = 8192\n[parallelism]\n`;

describe("torchtitan", () => {
  it.each([
    ["one shard group", "", { data: 16, sharding: "full", microBatch: 2 }],
    ["replicas", "data_parallel_replicate_degree = 2", { sharding: "hybrid", shardGroup: 8 }],
    [
      "plain data parallel",
      "data_parallel_replicate_degree = 16\ndata_parallel_shard_degree = 1",
      { sharding: "none" },
    ],
    [
      "parameters that stay gathered",
      'fsdp_reshard_after_forward = "never"',
      { sharding: "full", reshardAfterForward: "never" },
    ],
    [
      "a pipeline",
      'pipeline_parallel_degree = 2\npipeline_parallel_schedule = "GPipe"',
      { schedule: "gpipe", microBatch: 1 },
    ],
    [
      "interleaving",
      'pipeline_parallel_degree = 2\npipeline_parallel_schedule = "Interleaved1F1B"',
      { virtualStages: 2 },
    ],
    ["tensor parallelism", "tensor_parallel_degree = 4", { tensor: 4, sequenceParallel: "on", data: 4 }],
  ])("%s", (_, lines, expected) => {
    expect(layoutOf(`${toml}${lines}\n[activation_checkpoint]\nmode = "none"\n`, { nodes: 2 })).toMatchObject(expected);
  });

  it("refuses what it cannot read, with the line", () => {
    expect(problemsOf(`${toml}tensor_parallel_degree = 3\n`, { nodes: 2 }).join()).toContain(
      "8 parallelism.tensor_parallel_degree: contradictory: tensor 3",
    );
    expect(problemsOf(`${toml}data_parallel_shard_degree = 8\n`, { nodes: 2 }).join()).toContain(
      "contradictory degrees: tensor 1 x data 8 = 8",
    );
    expect(problemsOf(toml.replace("8B", "9B"), { nodes: 2 }).join()).toContain(
      "the sizes of llama3/9B are not in the file",
    );
    expect(
      problemsOf(`${toml}pipeline_parallel_degree = 2\npipeline_parallel_schedule = "Unheard"\n`, { nodes: 2 }).join(),
    ).toContain('schedule "Unheard" is not modelled yet');
  });
});

describe("torchtitan's own words", () => {
  it("say how many ranks there are where all degrees are stated", () => {
    const lines = "data_parallel_replicate_degree = 2\ndata_parallel_shard_degree = 4\ntensor_parallel_degree = 4\n";
    expect(importLaunch(request(`${toml}${lines}`)).scenario.cluster).toEqual({ node: "hgx-h100", nodes: 4 });
    expect(layoutOf(`${toml}${lines}`)).toMatchObject({ data: 8, sharding: "hybrid", shardGroup: 4 });
    expect(problemsOf(`${toml}${lines.replace("= 4", "= -1")}`).join()).toContain("the number of nodes is not stated");
    expect(problemsOf(`${toml}${lines}`, { nodes: 2 }).join()).toContain("contradictory degrees");
  });

  it("name how finely 8 bits are scaled, and what is taken instead", () => {
    const eight = toml.replace("[training]", 'converters = ["float8"]\n[training]');
    const imported = (recipe: string) =>
      importLaunch(request(`${eight}[float8]\nrecipe_name = "${recipe}"\n`, { nodes: 1 }));
    const tensor = imported("tensorwise");
    expect(tensor.notUnderstood).toEqual([]);
    expect(tensor.read.find(({ flag }) => flag === "float8.recipe_name")?.decides).toEqual([
      { key: "workload.precision", value: "fp8-current" },
    ]);
    const row = imported("rowwise");
    expect(row.notUnderstood.map(({ flag, reason }) => [flag, reason])).toEqual([
      ["float8.recipe_name", expect.stringContaining("scales by row have no key")],
    ]);
    expect(row.assumptions.map(({ reason }) => reason).join()).toContain("recipe_name rowwise: fp8-current");
  });
});

describe("DeepSpeed", () => {
  const json =
    '{ "train_micro_batch_size_per_gpu": "auto", "bf16": { "enabled": true }, "zero_optimization": { "stage": 2 } }';
  const given = { nodes: 1, model: "llama-3.1-8b", set: { max_seq_length: "4096", per_device_train_batch_size: "2" } };

  it("takes what is auto from the Trainer's arguments", () => {
    const { scenario } = importLaunch(request(json, given));
    expect(scenario.layout).toMatchObject({ microBatch: 2, sharding: "gradients", data: 8 });
    expect(scenario.workload).toMatchObject({ globalBatch: 16, precision: "bf16" });
  });

  it("asks for what is auto and nobody says", () => {
    expect(problemsOf(json, { ...given, set: {} }).join("\n")).toContain("--set per_device_train_batch_size=N");
  });

  it("reads the JSON that a script names", () => {
    const script =
      "torchrun --nproc_per_node 8 --nnodes 1 train.py --deepspeed ds.json --per_device_train_batch_size 4 \\\n --model_name_or_path meta-llama/Llama-3.1-8B --max_seq_length 2048 --gradient_checkpointing True --bf16";
    expect(launchFiles(request(script))).toEqual(["ds.json"]);
    const layout = layoutOf(script, { files: { "ds.json": json } });
    expect(layout).toMatchObject({ microBatch: 4, sharding: "gradients", recompute: "full" });
  });

  it("asks for the JSON that a script names and nobody has, and never takes it for no sharding", () => {
    const script =
      "deepspeed --num_nodes 1 --num_gpus 8 train.py --deepspeed ds.json --per_device_train_batch_size 4 \\\n --model_name_or_path meta-llama/Llama-3.1-8B --max_seq_length 2048 --bf16";
    expect(problemsOf(script)).toEqual([
      "1 --deepspeed: ds.json is named but was not found beside the script; put the file there, or give what it states: --set zero_optimization.stage=N",
    ]);
    const stage = { set: { "zero_optimization.stage": "3" } };
    expect(layoutOf(script, stage)).toMatchObject({ sharding: "full" });
    const { read, notUnderstood } = importLaunch(request(script, stage));
    expect(read.map(({ flag }) => flag)).not.toContain("--deepspeed");
    expect(notUnderstood.map(({ flag }) => flag)).toEqual(["--deepspeed"]);
    expect(problemsOf(script.replace("ds.json", "$CONFIG"))[0]).toContain("CONFIG is never set; --set CONFIG=VALUE");
  });

  const trainer = "train.py --model_name_or_path meta-llama/Llama-3.1-8B --per_device_train_batch_size 2 --bf16 True";
  const long = "--max_seq_length 2048";
  it.each([
    ["full_shard auto_wrap", { sharding: "full" }],
    ["shard_grad_op", { sharding: "gradients" }],
    ["hybrid_shard auto_wrap", { sharding: "hybrid" }],
    ["full_shard offload", { sharding: "full", weightOffload: "on" }],
  ])("reads the Trainer's --fsdp %s", (words, expected) => {
    const script = `torchrun --nproc_per_node 8 --nnodes 4 ${trainer} ${long} --fsdp "${words}"`;
    expect(layoutOf(script)).toMatchObject({ data: 32, ...expected });
    expect(importLaunch(request(script)).notUnderstood).toEqual([]);
  });

  it.each([
    ["", { sharding: "full" }],
    ["--fsdp_sharding_strategy SHARD_GRAD_OP", { sharding: "gradients" }],
    ["--fsdp_sharding_strategy 4", { sharding: "hybrid" }],
    ["--fsdp_version 2 --fsdp_reshard_after_forward false", { sharding: "gradients" }],
  ])("reads Accelerate's --use_fsdp %s", (flags, expected) => {
    const script = `accelerate launch --num_processes 8 --num_machines 2 --use_fsdp ${flags} ${trainer} ${long}`;
    const { scenario, notUnderstood } = importLaunch(request(script));
    expect(scenario.layout).toMatchObject({ data: 8, ...expected });
    expect(scenario.cluster).toMatchObject({ nodes: 2, node: { acceleratorsPerNode: 4 } });
    expect(notUnderstood).toEqual([]);
    const wide = script.replace("processes 8", "processes 16");
    expect(importLaunch(request(wide)).scenario.cluster).toEqual({ node: "hgx-h100", nodes: 2 });
    expect(problemsOf(script.replace("machines 2", "machines 3")).join()).toContain("8 processes on 3 nodes");
  });

  it("refuses a strategy of FSDP that it does not know", () => {
    const script = `torchrun --nproc_per_node 8 --nnodes 1 ${trainer} ${long} --fsdp hybrid_shard_zero2`;
    expect(problemsOf(script)[0]).toContain('found "hybrid_shard_zero2", expected full_shard');
  });

  it("finds formats that contradict", () => {
    const both = json.replace('"bf16"', '\n"fp16": { "enabled": true }, "bf16"');
    expect(problemsOf(both, given)[0]).toContain("contradictory: fp16.enabled here, but bf16.enabled in line 2 too");
    const alone = json.replace("bf16", "fp16");
    expect(importLaunch(request(alone, given)).scenario.workload).toMatchObject({ precision: "fp16" });
  });

  it("finds batches that contradict", () => {
    const both = json.replace('"auto"', '4, "gradient_accumulation_steps": 2, "train_batch_size": 32');
    expect(problemsOf(both, { ...given, set: { max_seq_length: "4096" } }).join()).toContain(
      "contradictory: train_batch_size 32, but micro-batch 4 x accumulation 2 x data 8 = 64",
    );
  });
});

describe("MaxText", () => {
  const words = "model_name=llama2-7b per_device_batch_size=4 max_target_length=4096";
  it("splits the mesh inside and between slices", () => {
    const layout = layoutOf(
      `python3 train.py base.yml ${words} hardware=gpu ici_fsdp_parallelism=4 ici_tensor_parallelism=2 dcn_data_parallelism=2`,
    );
    expect(layout).toMatchObject({ tensor: 2, data: 8, sharding: "hybrid", shardGroup: 4, microBatch: 8 });
  });

  it("gives a slice of a TPU pod its size", () => {
    const found = importLaunch(
      request(`python3 train.py base.yml ${words} ici_fsdp_parallelism=-1`, { node: "tpu-v5p-pod", nodes: 8 }),
    );
    expect(found.scenario.cluster).toEqual({ node: { extends: "tpu-v5p-pod", scaleUp: { domain: 32 } }, nodes: 8 });
  });

  it("refuses int8 products", () => {
    expect(problemsOf(`python3 train.py base.yml ${words} quantization=int8`, { nodes: 1 }).join()).toContain(
      "not a training precision",
    );
  });
});

describe("llm-foundry", () => {
  const yaml =
    "max_seq_len: 2048\nglobal_train_batch_size: 64\ndevice_train_microbatch_size: auto\nmodel:\n  name: mpt_causal_lm\n  d_model: 2048\n  n_heads: 16\n  n_layers: 24\n  vocab_size: 50368\n";
  it("asks for a micro-batch that only a run decides", () => {
    expect(problemsOf(yaml, { nodes: 1 })[0]).toBe(
      "3 device_train_microbatch_size: device_train_microbatch_size is auto, which only a run decides; --set device_train_microbatch_size=N",
    );
    expect(layoutOf(yaml, { nodes: 1, set: { device_train_microbatch_size: "4" } })).toMatchObject({
      microBatch: 4,
      sharding: "none",
    });
  });

  it.each(["flash", "triton"])("says what %s attention decides", (word) => {
    const text = `${yaml}  attn_config: {attn_impl: ${word}}\n`.replace("auto", "4");
    const { read } = importLaunch(request(text, { nodes: 1 }));
    expect(read.find(({ flag }) => flag === "model.attn_config.attn_impl")?.decides).toEqual([
      { key: "software.kernels.attention", value: "flash" },
    ]);
  });
});
