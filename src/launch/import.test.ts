// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell
import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { type ImportRequest, importLaunch } from "./index.ts";

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
