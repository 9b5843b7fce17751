/** Words of engines and of the programs that load them, one by one; and how each launch is found in its file. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { resolve, scenarioFromValue } from "../../scenario/index.ts";
import { exportLaunch, type ImportRequest, importLaunch, type LaunchImport } from "../index.ts";

type Section = Readonly<Record<string, unknown>>;

function imported(text: string, options: Partial<ImportRequest> = {}): LaunchImport {
  return importLaunch({ text, file: "serve.sh", ...options });
}

const serving = (found: LaunchImport): Section => found.scenario.serving as Section;
const engine = (found: LaunchImport): Section => serving(found).engine as Section;
const requests = (found: LaunchImport): Section => (found.scenario.workload as { readonly requests: Section }).requests;

const vllm = "vllm serve Qwen/Qwen3-8B";
const sglang = "python3 -m sglang.launch_server --model-path Qwen/Qwen3-8B";
const trt = "trtllm-serve Qwen/Qwen3-8B";

describe("a flag of an engine", () => {
  it.each([
    [vllm, "--max-num-batched-tokens 4096", "maxBatchedTokens", 4096],
    [vllm, "--max_num_seqs=64", "maxSequences", 64],
    [vllm, "--max-model-len 32k", "maxLength", 32_000],
    [vllm, "--max-model-len 32K", "maxLength", 32_768],
    [vllm, "--max-model-len -1", "maxLength", undefined],
    [vllm, "--gpu-memory-utilization .85", "memoryUtilization", 0.85],
    [vllm, "--no-enable-prefix-caching", "prefixCaching", "off"],
    [vllm, "--enable-prefix-caching", "prefixCaching", "on"],
    [vllm, "--no-enable-chunked-prefill", "chunkedPrefill", "off"],
    [vllm, "--async-scheduling", "hostOverlap", "on"],
    [vllm, "--scheduling-policy priority", "queueOrder", "priority"],
    [vllm, "--kv-cache-dtype fp8_e4m3", "cachePrecision", "fp8"],
    [vllm, "--kv-cache-dtype auto", "cachePrecision", undefined],
    [vllm, "-q fp8", "precision", "fp8"],
    [vllm, "--enforce-eager", "graphs", "off"],
    [vllm, "--cudagraph-capture-sizes 1 2 4 8", "graphSizes", [1, 2, 4, 8]],
    [vllm, "--cuda-graph-sizes 16", "graphSizes", [1, 2, 4, 8, 16]],
    [vllm, "--num-gpu-blocks-override 3000", "cacheBlocks", 3000],
    [vllm, "--no-scheduler-reserve-full-isl", "reservation", "chunk"],
    [sglang, "--chunked-prefill-size 4096", "maxBatchedTokens", 4096],
    [sglang, "--chunked-prefill-size -1", "chunkedPrefill", "off"],
    [sglang, "--disable-radix-cache", "prefixCaching", "off"],
    [sglang, "--schedule-policy lpm", "queueOrder", "longest-prefix"],
    [sglang, "--enable-mixed-chunk", "mixedChunk", "on"],
    [sglang, "--max-prefill-tokens 4096", "maxPrefillTokens", 4096],
    [sglang, "--page-size 64 --max-total-tokens 640000", "cacheBlocks", 10_000],
    [sglang, "--mem-fraction-static 0.8", "memoryUtilization", 0.8],
    [trt, "--max_batch_size 64", "maxSequences", 64],
    [trt, "--kv_cache_free_gpu_memory_fraction 0.85", "memoryUtilization", 0.85],
    [trt, "--enable_chunked_prefill", "chunkedPrefill", "on"],
  ])("%s %s", (command, flag, key, value) => {
    const found = imported(`${command} ${flag}`);
    expect(engine(found)[key]).toEqual(value);
    expect(found.notUnderstood).toEqual([]);
  });

  it("that nobody knows is listed, one that has no counterpart with its reason", () => {
    for (const command of [vllm, sglang, trt]) {
      const { notUnderstood, withoutEffect } = imported(
        `${command} --warp-speed 9 --stream-interval 5 --port 8000 --seed 1`,
      );
      expect(notUnderstood.map(({ flag, reason }) => [flag, reason === undefined])).toEqual([
        ["--warp-speed", true],
        ["--stream-interval", false],
      ]);
      expect(withoutEffect.map(({ flag }) => flag)).toEqual(["--port", "--seed"]);
    }
  });

  it("whose effect is refused by the language is left out with the reason, and the rest stands", () => {
    const found = imported(`${vllm} --enable-lora --max-loras 4 --max-num-seqs 8`);
    const refused = found.notUnderstood.find(({ flag }) => flag === "--max-loras");
    if (refused === undefined) expect(engine(found).adapterSlots).toBe(4);
    else expect(refused.reason).toMatch(/adapters/);
    expect(engine(found).maxSequences).toBe(8);
  });

  const deepseek = "deepseek-ai/DeepSeek-V3";
  it.each([
    [`${vllm} --speculative-config '{"method":"ngram","num_speculative_tokens":4}'`, { method: "ngram", drafted: 4 }],
    [
      `${vllm} --speculative-config '{"model":"Qwen/Qwen3-0.6B","num_speculative_tokens":3}'`,
      { method: "draft-model", drafted: 3, model: "Qwen/Qwen3-0.6B" },
    ],
    [`${vllm} --speculative-config.method eagle3 --speculative-config.num_speculative_tokens 2`, { method: "eagle" }],
    [`${sglang} --speculative-algorithm EAGLE3 --speculative-num-steps 3 --speculative-eagle-topk 1`, { drafted: 3 }],
    [`${sglang} --speculative-algorithm NGRAM --speculative-num-draft-tokens 8`, { method: "ngram", drafted: 8 }],
  ])("that drafts tokens is read with the chance of --set: %s", (text, expected) => {
    const found = imported(text, { set: { acceptance: "0.6" } });
    expect(engine(found).speculation).toMatchObject({ ...expected, acceptance: 0.6 });
    expect(found.notUnderstood).toEqual([]);
    const without = imported(text);
    expect(engine(without).speculation).toBeUndefined();
    expect(without.notUnderstood[0]?.reason).toContain("--set acceptance=0.7");
  });

  it("that drafts with the model's own module needs no chance", () => {
    const config = '{"method":"deepseek_mtp","num_speculative_tokens":1}';
    const one = imported(`vllm serve ${deepseek} -tp 8 --speculative-config '${config}'`);
    expect(engine(one).speculation).toEqual({ method: "mtp", drafted: 1 });
    const two = imported(
      `python3 -m sglang.launch_server --model-path ${deepseek} --tp 8 --speculative-algorithm EAGLE`,
    );
    expect(engine(two).speculation).toEqual({ method: "mtp", drafted: 3 });
    const yaml = "speculative_config:\n  decoding_type: MTP\n  num_nextn_predict_layers: 2\n";
    const files = { "x.yml": yaml };
    const three = imported(`trtllm-serve ${deepseek} --tp_size 8 --extra_llm_api_options x.yml`, { files });
    expect(engine(three).speculation).toEqual({ method: "mtp", drafted: 2 });
  });

  it("of prompts that wait for others is read where it has an effect", () => {
    const waits = "batch_wait_timeout_iters: 40\nbatch_wait_max_tokens_ratio: 0.8\n";
    const ranks = "attention_dp_config:\n  enable_balance: true\n  timeout_iters: 60\n  batching_wait_iters: 0\n";
    const read = (yaml: string) => {
      const files = { "x.yml": yaml };
      const found = imported(`trtllm-serve ${deepseek} --tp_size 8 --extra_llm_api_options x.yml`, { files });
      const { balance, balanceTimeout, balanceWait, batchWaitIterations, batchWaitShare } = engine(found);
      expect(found.notUnderstood).toEqual([]);
      return [balance, balanceTimeout, balanceWait, batchWaitIterations, batchWaitShare];
    };
    const none = [undefined, undefined];
    expect(read(`enable_attention_dp: true\n${ranks}${waits}`)).toEqual(["on", 60, 0, ...none]);
    expect(read(`enable_attention_dp: false\n${ranks}${waits}`)).toEqual([undefined, ...none, 40, 0.8]);
    expect(read(`${waits.replace("0.8", "0")}`)).toEqual([undefined, ...none, ...none]);
  });

  it.each([
    [`${sglang} --speculative-algorithm EAGLE3 --speculative-num-steps 3 --speculative-eagle-topk 4`, /trees/],
    [`${vllm} --speculative-config '{"method":"medusa","num_speculative_tokens":3}'`, /not modelled/],
    [`${vllm} --speculative-config nonsense`, /not modelled/],
    [`${vllm} --speculative-config '{"model":"a/b","num_speculative_tokens":3}'`, /not in the catalog/],
  ])("that drafts in other ways is listed: %s", (text, reason) => {
    const found = imported(text, { set: { acceptance: "0.6" } });
    expect(engine(found).speculation).toBeUndefined();
    expect(found.notUnderstood[0]?.reason).toMatch(reason);
  });

  it("appears in exactly one list of the account, whatever flags come together", () => {
    const flags = [
      "--max-num-seqs 8",
      "--port 80",
      "--stream-interval 2",
      "--nonsense x",
      "--enforce-eager",
      "--seed 3",
    ];
    fc.assert(
      fc.property(fc.subarray(flags), (chosen) => {
        const { read, withoutEffect, notUnderstood } = imported(`${vllm} ${chosen.join(" ")}`);
        const told = [...read, ...withoutEffect, ...notUnderstood].map(({ flag }) => flag);
        expect(told.sort()).toEqual(["--model", ...chosen.map((each) => each.split(" ")[0] ?? "")].sort());
      }),
      { numRuns: 30 },
    );
  });
});

describe("degrees of an engine", () => {
  const moe = "Qwen/Qwen3-30B-A3B";

  it.each([
    ["vLLM, dense: data-parallel ranks are engines", `${vllm} -tp 2 -dp 4`, { tensor: 2, replicas: 4 }, 1],
    [
      "vLLM, experts: they run in lockstep",
      `vllm serve ${moe} -tp 2 -dp 4 --enable-expert-parallel`,
      { tensor: 2, attentionData: 4, expert: 8, replicas: 1 },
      1,
    ],
    [
      "SGLang shares tensor ranks out",
      `python3 -m sglang.launch_server --model-path ${moe} --tp 8 --dp 8 --enable-dp-attention --ep 8`,
      { tensor: 1, attentionData: 8, expert: 8, replicas: 1 },
      1,
    ],
    ["SGLang, without: engines of their own", `${sglang} --tp-size 2 --dp-size 8`, { tensor: 2, replicas: 8 }, 2],
    ["TensorRT-LLM", `trtllm-serve ${moe} --tp_size 4 --ep_size 4`, { tensor: 4, expert: 4, replicas: 1 }, 1],
  ])("%s", (_, command, degrees, nodes) => {
    const found = imported(command);
    expect(serving(found)).toMatchObject(degrees);
    expect(found.scenario.cluster).toEqual({ node: "hgx-h100", nodes });
  });

  it("fill the nodes that are named, and contradictions are on their line", () => {
    expect(imported(`${vllm} -tp 2`, { nodes: 3, node: "hgx-h200" }).scenario.cluster).toEqual({
      node: "hgx-h200",
      nodes: 3,
    });
    const text = `set -x\n${sglang} --tp 8 \\\n --dp 3 --enable-dp-attention`;
    try {
      imported(text);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      expect(error.problems[0]?.message).toContain("contradictory");
      expect(error.problems[0]?.location?.line).toBe(3);
    }
  });
});

describe("a launch is found", () => {
  it.each([
    ["as a module", "python -m vllm.entrypoints.openai.api_server --model Qwen/Qwen3-8B --max-num-seqs 7"],
    [
      "behind docker",
      "docker run --gpus all -p 8000:8000 vllm/vllm-openai:v0.19.0 --model Qwen/Qwen3-8B --max-num-seqs 7",
    ],
    ["in a quoted shell", `bash -c "vllm serve Qwen/Qwen3-8B --max-num-seqs 7 > log 2>&1 &"`],
    [
      "in a container with a command",
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: x\n    command: [vllm, serve]\n    args:\n    - Qwen/Qwen3-8B\n    - --max-num-seqs\n    - '7'",
    ],
    [
      "in a container that is the engine",
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: vllm/vllm-openai:v0.19.0\n    args: [--model=Qwen/Qwen3-8B, --max-num-seqs=7]",
    ],
    [
      "in a Compose file",
      "services:\n  engine:\n    image: vllm/vllm-openai:v0.19.0\n    command: --model Qwen/Qwen3-8B --max-num-seqs 7",
    ],
    ["with a file it writes", "cat > c.yaml <<EOF\nmax-num-seqs: 7\nEOF\nvllm serve Qwen/Qwen3-8B --config c.yaml"],
  ])("%s", (_, text) => {
    const found = imported(text);
    expect(found.format).toBe("vllm");
    expect(engine(found).maxSequences).toBe(7);
    expect(found.notUnderstood).toEqual([]);
  });

  it("with the copies of a Deployment, and the version of its image", () => {
    const text =
      "apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 6\n  template:\n    spec:\n      containers:\n      - image: vllm/vllm-openai:v0.14.1\n        args: [--model, Qwen/Qwen3-8B, -tp, '2']";
    const found = imported(text);
    expect(serving(found)).toMatchObject({ replicas: 6, tensor: 2 });
    expect(engine(found).version).toBe("0.14");
    expect(found.scenario.cluster).toEqual({ node: "hgx-h100", nodes: 2 });
  });

  it("or what is missing is said with the option that says it", () => {
    expect(imported(vllm).missing.map(({ option }) => option.split(" ")[0])).toEqual(["--software", "--set", "--node"]);
    expect(() => imported("vllm serve --max-num-seqs 7")).toThrow("--model NAME");
    expect(() => imported("vllm serve Qwen/Qwen3-9B")).toThrow("not in the catalog");
    expect(() => imported("vllm serve $M")).toThrow("--set M=VALUE");
    expect(() => imported(`${trt} --extra_llm_api_options gone.yaml`)).toThrow("gone.yaml is named");
    expect(() => imported(vllm, { software: "sglang@0.5" })).toThrow("expected vllm@VERSION");
  });
});

describe("requests of a launch", () => {
  const load = (bench: string): Section => requests(imported(`${vllm} &\n${bench}`));

  it.each([
    ["vllm bench serve --request-rate 4 --num-prompts 100", { arrivals: "poisson", rate: "4 /s", count: 100 }],
    ["vllm bench serve --request-rate 4 --burstiness 0.25", { arrivals: "gamma", variation: 2, rate: "4 /s" }],
    ["vllm bench serve --max-concurrency 32", { concurrency: 32, count: 1000 }],
    ["vllm bench serve --request-rate inf --num-prompts 9", { count: 9 }],
    ["vllm bench serve --random-input-len 100 --random-range-ratio 0.5", { input: { from: 50, to: 150 } }],
    ["python benchmark_serving.py --random-input-len 100 --random-range-ratio 0.5", { input: { from: 50, to: 100 } }],
    ["python3 -m sglang.bench_serving --random-input 100 --random-output 10", { input: { from: 1, to: 100 } }],
    ["vllm bench serve --random-input-len 100 --random-prefix-len 20", { input: 100, prefix: { tokens: 20 } }],
    ["vllm bench serve --sonnet-input-len 550 --sonnet-prefix-len 200", { input: 350, prefix: { tokens: 200 } }],
  ])("%s", (bench, expected) => {
    expect(load(bench)).toMatchObject(expected);
  });

  it("come from --set too, and lengths of a data set are asked for", () => {
    const set = { "request-rate": "3", "random-input-len": "77" };
    expect(requests(imported(vllm, { set }))).toMatchObject({ rate: "3 /s", input: 77 });
    const { missing } = imported(`${vllm} &\nvllm bench serve --dataset-name sharegpt --request-rate 2`);
    expect(missing.map(({ what }) => what)).toContain("the prompt tokens, which sharegpt has");
  });

  it("of trtllm-bench are those of its data set, and its engine is the server", () => {
    const text =
      "trtllm-bench --model Qwen/Qwen3-8B dataset --output d.txt token-norm-dist --num-requests=64 --input-mean=128 --output-mean=32 --input-stdev=16 --output-stdev=0\n" +
      "trtllm-bench --model Qwen/Qwen3-8B throughput --dataset d.txt --tp 2 --concurrency 8";
    const found = imported(text);
    expect(requests(found)).toMatchObject({
      count: 64,
      concurrency: 8,
      input: { mean: 128, deviation: 16 },
      output: 32,
    });
    expect(serving(found).tensor).toBe(2);
  });
});

describe("the format of the cache", () => {
  const launch = (engine: Section): string => {
    const scenario = {
      windtunnel: 1,
      name: "t",
      cluster: { node: "hgx-b200", nodes: 1 },
      workload: {
        kind: "serving",
        model: "nvidia/Kimi-K2.5-NVFP4",
        requests: { users: 2, count: 4, input: 8, output: 8 },
      },
      serving: { engine: { name: "vllm", version: "0.17", ...engine }, tensor: 8 },
    };
    return exportLaunch("vllm", resolve(scenarioFromValue(scenario), {})).text;
  };

  it("is written where it is not what the checkpoint asks for", () => {
    expect(launch({})).not.toContain("--kv-cache-dtype");
    expect(launch({ cachePrecision: "fp8" })).not.toContain("--kv-cache-dtype");
    expect(launch({ cachePrecision: "bf16" })).toContain("--kv-cache-dtype bfloat16");
    expect(launch({ version: "0.12", cachePrecision: "fp8" })).toContain("--kv-cache-dtype fp8");
  });
});
