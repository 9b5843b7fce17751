// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell
import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { type ImportRequest, importLaunch, launchFiles } from "./index.ts";

const sizes = "--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --swiglu";
const llama = `${sizes} --group-query-attention --num-query-groups 8 --untie-embeddings-and-output-weights --disable-bias-linear --position-embedding-type rope --vocab-size 128256`;
const batch = "--seq-length 8192 --micro-batch-size 1 --global-batch-size 128 --bf16";
const command = `torchrun --nproc_per_node 8 --nnodes 2 pretrain_gpt.py ${llama} ${batch}`;

function request(text: string, rest: Partial<ImportRequest> = {}): ImportRequest {
  return { text, file: "f", ...rest };
}

function layoutOf(text: string, rest: Partial<ImportRequest> = {}): Readonly<Record<string, unknown>> {
  return importLaunch(request(text, rest)).scenario.layout as Readonly<Record<string, unknown>>;
}

function softwareOf(text: string): unknown {
  return importLaunch(request(text)).scenario.software;
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

describe("a Megatron-LM command", () => {
  it("becomes a scenario of a catalog model", () => {
    const { scenario, missing, notUnderstood } = importLaunch(
      request(`${command} --tensor-model-parallel-size 2 --sequence-parallel`),
    );
    expect(scenario.workload).toMatchObject({
      model: "meta-llama/Llama-3-8B",
      sequenceLength: 8192,
      globalBatch: 128,
    });
    expect(scenario.cluster).toEqual({ node: "hgx-h100", nodes: 2 });
    expect(scenario.layout).toMatchObject({
      tensor: 2,
      sequenceParallel: "on",
      data: 8,
      pipeline: 1,
      sharding: "none",
    });
    expect(missing.map(({ option }) => option)).toEqual(["--node NAME", "--software NAME@VERSION"]);
    expect(notUnderstood).toEqual([]);
  });

  it("keeps a model that is in no catalog as its sizes", () => {
    const { scenario } = importLaunch(request(command.replace("--num-layers 32", "--num-layers 30")));
    expect(scenario.workload).toMatchObject({
      model: { model_type: "llama", num_hidden_layers: 30, vocab_size: 128256 },
    });
  });

  it("takes a model by name instead of its sizes", () => {
    const { scenario } = importLaunch(request(command, { model: "llama-3.1-70b" }));
    expect(scenario.workload).toMatchObject({ model: "meta-llama/Llama-3.1-70B" });
  });

  it("lists what it does not know, and what it knows to have an effect that is not modelled", () => {
    const { notUnderstood } = importLaunch(request(`${command} --new-feature 3 \\\n --delay-wgrad-compute $EXTRA`));
    expect(notUnderstood.map(({ flag, line, reason }) => [flag, line, reason])).toEqual([
      ["--new-feature", 1, undefined],
      ["--delay-wgrad-compute", 2, "weight gradients put off are not modelled"],
    ]);
  });

  it.each([
    [
      "chunks by layers",
      "--pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 4",
      { virtualStages: 4, schedule: "interleaved" },
    ],
    [
      "chunks by number",
      "--pipeline-model-parallel-size 2 --num-virtual-stages-per-pipeline-rank 2",
      { virtualStages: 2 },
    ],
    [
      "a layout",
      '--pipeline-model-parallel-size 2 --pipeline-model-parallel-layout "Et*15|t*17L"',
      { stageLayers: [15, 17] },
    ],
    [
      "uneven ends",
      "--pipeline-model-parallel-size 4 --decoder-first-pipeline-num-layers 7 --decoder-last-pipeline-num-layers 5",
      { stageLayers: [7, 10, 10, 5] },
    ],
    [
      "full recompute",
      "--recompute-granularity full --recompute-method uniform --recompute-num-layers 1",
      { recompute: "full" },
    ],
    [
      "some layers",
      "--recompute-granularity full --recompute-method block --recompute-num-layers 3",
      { recompute: "full", recomputeLayers: 3 },
    ],
    ["selective recompute", "--recompute-activations", { recompute: "selective" }],
    [
      "modules",
      "--recompute-granularity selective --recompute-modules mlp layernorm",
      { recompute: ["mlp", "layer-norm"] },
    ],
    ["FSDP", "--use-megatron-fsdp --data-parallel-sharding-strategy optim_grads_params", { sharding: "full" }],
    ["FSDP 2", "--use-torch-fsdp2", { sharding: "full" }],
    ["offload", "--cpu-offloading --cpu-offloading-num-layers 8", { activationOffload: 0.25 }],
  ])("reads %s", (_, flags, expected) => {
    expect(layoutOf(`${command} ${flags}`)).toMatchObject(expected);
  });

  it.each([
    ["fp8", "--fp8-format hybrid --fp8-recipe mxfp8", "mxfp8"],
    ["fp8 without a recipe", "--fp8-format e4m3", "fp8-delayed"],
    ["nvfp4", "--fp4-format e2m1", "nvfp4"],
  ])("reads %s", (_, flags, expected) => {
    const { scenario } = importLaunch(request(`${command} ${flags}`, { node: "hgx-b200" }));
    expect(scenario.workload).toMatchObject({ precision: expected });
  });

  it("sets switches of the stack", () => {
    const flags =
      "--tp-comm-overlap --overlap-grad-reduce --cuda-graph-impl local --grad-reduce-in-bf16 --exp-avg-dtype bf16";
    expect(softwareOf(`${command} ${flags} --exp-avg-sq-dtype bf16 --use-precision-aware-optimizer`)).toEqual({
      extends: "megatron-core@2024.07",
      bytes: { gradientReduce: "2 B", gradient: "2 B", moments: "4 B" },
      overlap: { tensor: "on", parameterGather: "off" },
      cudaGraphs: "partial",
      kernels: { dropout: "on", crossEntropy: "eager" },
    });
  });

  it("knows a plain python command for one process", () => {
    const { scenario } = importLaunch(request(command.replace(/torchrun .*? pretrain/, "python pretrain")));
    expect(scenario.cluster).toMatchObject({ nodes: 1, node: { acceleratorsPerNode: 1 } });
  });

  it("knows what SLURM sets from its own lines, and from --nodes", () => {
    const script = `#!/bin/bash\n#SBATCH -N 4\n${command.replace("--nnodes 2", "--nnodes $SLURM_NNODES")}`;
    expect(importLaunch(request(script)).scenario.cluster).toMatchObject({ nodes: 4 });
    expect(importLaunch(request(script.replace("#SBATCH", "#"), { nodes: 8 })).scenario.cluster).toMatchObject({
      nodes: 8,
    });
  });

  it("reads the machines of SLURM", () => {
    const script = `#!/bin/bash\n#SBATCH --nodes=4 --gpus-per-node=8\n${command.replace(/torchrun .*? pretrain/, "srun python pretrain")}`;
    expect(importLaunch(request(script)).scenario.cluster).toEqual({ node: "hgx-h100", nodes: 4 });
  });
});

describe("what is wrong is said on its line", () => {
  it.each([
    ["an empty file", "", "1 : the file is empty"],
    ["another file", "hello", "1 : this is no launch file of a format that is known"],
    [
      "a variable that is never set",
      `${command} \\\n --tensor-model-parallel-size $TP`,
      '2 --tensor-model-parallel-size: found "$TP", but TP is never set; --set TP=VALUE',
    ],
    [
      "a variable that a loop decides",
      `TP=8\nwhile [ $TP -gt 2 ]; do TP=$((TP/2)); done\n${command} --tensor-model-parallel-size $TP`,
      '3 --tensor-model-parallel-size: found "$TP", but TP is set by the loop in line 2, which is not run here; --set TP=VALUE',
    ],
    ["a variable copied from one", `A=$TP\n${command} --tensor-model-parallel-size $A`, "TP is never set"],
    ["what would have to be run", `${command} --tensor-model-parallel-size $(cat tp)`, "which is not run here"],
    ["no number", `${command} --tensor-model-parallel-size two`, 'found "two", expected a whole number'],
    [
      "degrees that do not fill the machines",
      `${command} \\\n--tensor-model-parallel-size 8 \\\n--pipeline-model-parallel-size 4`,
      "3 --pipeline-model-parallel-size: contradictory: tensor 8 x pipeline 4 = 32 does not divide the 16 accelerators (2 nodes of 8); --nodes 4 or a multiple of it",
    ],
    [
      "a degree given twice",
      `${command} --tensor-model-parallel-size 2 \\\n--tensor-model-parallel-size 4`,
      "contradictory: 4 here, but 2 in line 1",
    ],
    [
      "two formats of 16 bits",
      `${command} \\\n--fp16`,
      "2 --fp16: contradictory: --fp16 here, but --bf16 in line 1 too",
    ],
    [
      "no table of positions",
      "torchrun --nproc_per_node 8 --nnodes 1 pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 4096 --micro-batch-size 1 --vocab-size 32000",
      "1 : --max-position-embeddings is missing (learned positions are Megatron's default)",
    ],
    ["missing sizes", command.replace("--hidden-size 4096", ""), "model sizes are missing: hidden-size"],
    [
      "no vocabulary",
      command.replace("--vocab-size 128256", "").replace("--num-layers 32", "--num-layers 30"),
      "the size of the vocabulary is not stated",
    ],
    [
      "no nodes",
      command.replace("--nnodes 2", ""),
      "1 : the number of nodes is not stated, and nothing says how many ranks there are; --nodes N",
    ],
    ["no micro-batch", command.replace("--micro-batch-size 1", ""), "--micro-batch-size is missing"],
    ["no sequence length", command.replace("--seq-length 8192", ""), "--seq-length is missing"],
    [
      "a batch that does not divide",
      `${command.replace("--global-batch-size 128", "")} \\\n--global-batch-size 100`,
      "2 workload.globalBatch: 100 sequences are not divisible by data 16",
    ],
    [
      "chunks that do not divide",
      `${command} --pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 5`,
      "32 layers are not pipeline 2 x a whole number of chunks of 5",
    ],
    [
      "a broken layout",
      `${command} --pipeline-model-parallel-size 2 --pipeline-model-parallel-layout xyz`,
      'pipeline layout "xyz": it cannot be read',
    ],
    ["layers of several kinds", `${command} --hybrid-override-pattern M-M*`, "layers of several kinds cannot be read"],
    [
      "more accelerators than a node has",
      command.replace("--nproc_per_node 8", "--nproc_per_node 16"),
      "16 accelerators a node, but hgx-h100 has 8",
    ],
  ])("%s", (_, text, expected) => {
    expect(problemsOf(text).join("\n")).toContain(expected);
  });

  it("all at once", () => {
    const text = `${command.replace("--nnodes 2", "")} --tensor-model-parallel-size $TP --expert-model-parallel-size x`;
    expect(problemsOf(text)).toHaveLength(3);
  });

  it("in configurations", () => {
    expect(
      problemsOf("model:\n  tensor_model_parallel_size: ${TP}\n  num_layers: 2", { nodes: 1 }).join("\n"),
    ).toContain('2 model.tensor_model_parallel_size: found "${TP}", but TP is never set; --set TP=VALUE');
    expect(problemsOf("[training\nx = 1", { format: "torchtitan" })[0]).toContain("broken TOML");
    expect(problemsOf('{ "zero_optimization": { "stage": 3 }', {})[0]).toMatch(/broken YAML/);
    expect(problemsOf("model:\n  tensor_model_parallel_size: 1\n")).toContain(
      "1 : model.pipeline_model_parallel_size is not stated: the recipe sets it in code; --set model.pipeline_model_parallel_size=N",
    );
  });

  it.each([
    ["t.sh", 'A=1\nrun --hidden-size "4096\n', '2 : broken shell script: this " is never closed'],
    ["t", "#!/bin/bash\nA='x\n", "2 : broken shell script: this ' is never closed"],
    ["t.sh", `${command} --save 'x\n`, "1 : broken shell script: this ' is never closed"],
    ["t.yaml", "a: 1\nmodel: {num_layers: 32\n", "broken YAML"],
    ["t.toml", '[model\nname = "llama3"\n', "1 : broken TOML"],
  ])("of syntax, in %s of no known format too", (file, text, expected) => {
    expect(problemsOf(text, { file })[0]).toContain(expected);
  });

  it("of a format or profile that is not known", () => {
    expect(problemsOf(command, { format: "megatronn" })[0]).toContain('did you mean "megatron"?');
    expect(problemsOf(command, { software: "megatron-core@1" })[0]).toContain("megatron-core@1");
    expect(problemsOf(command, { node: "hgx-h10" })[0]).toContain('did you mean "hgx-h100"?');
  });
});

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
