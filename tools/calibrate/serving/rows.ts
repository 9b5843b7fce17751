/** Measured rows of serving as the calibration loop takes them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { ServingConstants } from "../../../src/catalog/calibration/serving.ts";
import { clusterOf } from "../../../src/catalog/cluster-of.ts";
import { nodes } from "../../../src/catalog/index.ts";
import type { ModelArchitecture, StorageFormat } from "../../../src/catalog/model.ts";
import { cacheBytesPerToken, findModel, weightBytes } from "../../../src/catalog/models/index.ts";
import { platformOf } from "../../../src/network/index.ts";
import { sglangKernels, tensorrtKernels, vllmKernels } from "../../../src/serving/step/engine-kernels.ts";
import { publishedPrecision, type StepOptions } from "../../../src/serving/step/options.ts";
import type { LoopWorkload } from "./loop.ts";

export type EngineName = "vllm" | "sglang" | "tensorrt-llm";

export interface ServingRow {
  readonly id: string;
  readonly source: string;
  readonly accelerator: string;
  readonly engine: { readonly name: EngineName; readonly version: string };
  readonly model: string;
  readonly layout: StepOptions["layout"];
  readonly format?: string;
  readonly options: Omit<StepOptions, "constants">;
  readonly workload: LoopWorkload;
  readonly maxBatchedTokens: number;
  readonly maxSequences: number;
  readonly cacheTokens: number;
  readonly measured: Readonly<Partial<Record<"firstToken" | "perToken" | "endToEnd" | "outputPerSecond", number>>>;
}

export type Constants = ServingConstants;

const nodeNames: Readonly<Record<string, string>> = {
  "h100-sxm": "hgx-h100",
  "h200-sxm": "hgx-h200",
  "b200-sxm": "hgx-b200",
  gb200: "gb200-nvl72",
  gb300: "gb300-nvl72",
  "b300-sxm": "hgx-b300",
  "h200-nvl": "h200-nvl-box",
};

interface Case {
  readonly id: string;
  readonly source: string;
  readonly accelerator: string;
  readonly engine: ServingRow["engine"];
  readonly model: string;
  readonly layout: StepOptions["layout"];
  /** How products and routed experts are stored; absent: as published. */
  readonly formats?: { readonly gemm: StorageFormat; readonly routed: StorageFormat };
  readonly cacheBytes: number;
  readonly sampling: StepOptions["sampling"];
  readonly workload: LoopWorkload;
  readonly maxBatchedTokens: number;
  readonly maxSequences: number;
  readonly measured: ServingRow["measured"];
}

/** Undefined where the catalog lacks something. */
export function rowOf(given: Case): ServingRow | undefined {
  const found = findModel(given.model);
  const nodeName = nodeNames[given.accelerator];
  if (!found.ok || nodeName === undefined) return undefined;
  const { model } = found;
  const node = nodes.get(nodeName);
  const { accelerator } = node;
  const width = given.layout.tensor * given.layout.attentionData * given.layout.pipeline;
  const platform = platformOf(clusterOf({ node, nodes: Math.max(1, Math.ceil(width / node.acceleratorsPerNode)) }));
  const precision = publishedPrecision(storedAs(model, given.formats), accelerator);
  const kernels = { vllm: vllmKernels, sglang: sglangKernels, "tensorrt-llm": tensorrtKernels }[given.engine.name];
  const held = weightBytes(storedAs(model, given.formats));
  const free = 0.9 * accelerator.memory.capacity - held / width - 4e9;
  const latent = model.layerKinds.some(({ mixer }) => mixer.kind === "latent-attention");
  const perToken =
    cacheBytesPerToken(model, given.cacheBytes) / (latent ? 1 : given.layout.tensor) / given.layout.pipeline;
  return {
    ...given,
    options: {
      model,
      accelerator,
      platform,
      layout: given.layout,
      precision,
      cacheBytes: given.cacheBytes,
      engine: kernels(given.maxSequences),
      expertImbalance: 1.2,
      sampling: given.sampling,
    },
    cacheTokens: Math.max(1, free) / perToken,
  };
}

function storedAs(model: ModelArchitecture, formats: Case["formats"]): ModelArchitecture {
  if (formats === undefined) return model;
  const { gemm, routed } = formats;
  const unquantized = { attention: [], dense: [], shared: [], routed: [] };
  const weights = { attention: gemm, dense: gemm, shared: gemm, routed, head: "bf16" as const, unquantized };
  return { ...model, weights };
}

type Json = Record<string, unknown>;

const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/**
 * Models whose published generation_config.json asks for top-p: the client sends no sampling parameters, and vLLM then
 * takes the model's. Mistral's, Mixtral's and CodeLlama's files have none.
 */
const sortedByDefault = /Llama-2|Llama-3|Llama-4|Qwen2|Yi-/;

/** The vLLM runs by inference-perf; prompts repeat, so all but the last block is cached. */
export function blisRows(shared: string): ServingRow[] {
  const raw = JSON.parse(readFileSync(join(shared, "evidence", "serving-measured.json"), "utf8")) as Json[];
  return raw.flatMap((row) => {
    const id = row.id as string;
    if (!id.startsWith("blis")) return [];
    const workload = row.workload as Json;
    const plan = row.plan as Json;
    const values = new Map((row.measured as Json[]).map((entry) => [entry.metric as string, entry.value as number]));
    if ((values.get("ttft_mean") ?? 0) > 10000) return [];
    const input = Math.round(number(workload.input_tokens_mean) ?? (number(workload.input_tokens_nominal) ?? 0) * 1.05);
    const output = { general: 248, codegen: 247, roleplay: 251, reasoning: 1448 }[
      String(workload.profile).replace("-lite", "")
    ] as number;
    const [endToEnd, first] = [(values.get("e2e_mean") ?? 0) / 1e3, (values.get("ttft_mean") ?? 0) / 1e3];
    const made = rowOf({
      id,
      source: id.startsWith("blis-gt") ? "blis-gt" : "blis-train",
      accelerator: "h100-sxm",
      engine: { name: "vllm", version: "0.15.1" },
      model: workload.hf_model as string,
      layout: { tensor: plan.tp as number, pipeline: 1, expert: 1, attentionData: 1 },
      ...(String(workload.precision).startsWith("fp8") ? { formats: { gemm: "fp8", routed: "fp8" } } : {}),
      cacheBytes: 2,
      sampling: sortedByDefault.test(workload.hf_model as string) ? "sorted" : "plain",
      workload: {
        rate: workload.rate_rps as number,
        requests: Math.min(1500, Math.max(300, (workload.rate_rps as number) * 60)),
        input,
        output,
        least: 1,
        cached: Math.floor((input - 1) / 16) * 16,
      },
      maxBatchedTokens: plan.max_num_batched_tokens as number,
      maxSequences: plan.max_num_seqs as number,
      measured: {
        firstToken: first,
        perToken: values.has("itl_mean") ? (values.get("itl_mean") as number) / 1e3 : (endToEnd - first) / (output - 1),
        endToEnd,
      },
    });
    return made === undefined ? [] : [made];
  });
}

const systems: Readonly<Record<string, string>> = {
  h100_sxm: "h100-sxm",
  h200_sxm: "h200-sxm",
  b200_sxm: "b200-sxm",
  gb200: "gb200",
};
const backends: Readonly<Record<string, EngineName>> = { vllm: "vllm", sglang: "sglang", trtllm: "tensorrt-llm" };
const formats: Readonly<Record<string, StorageFormat>> = {
  fp8: "fp8",
  fp8_block: "fp8-block",
  nvfp4: "nvfp4",
  int4_wo: "int4",
  "": "bf16",
};

/** Aggregated rows of the silicon sample. */
export function siliconRows(shared: string): ServingRow[] {
  const text = readFileSync(join(shared, "data", "serving-measured", "silicon_sample_public.csv"), "utf8");
  const raw: Record<string, string>[] = parse(text, { columns: true });
  return raw.flatMap((row) => {
    if (row.mode !== "agg") return [];
    const cell = (name: string): number => Number(row[name]) || 0;
    const concurrency =
      Number(/silicon_concurrency=(\d+)/.exec(row.silicon_data_source ?? "")?.[1]) || cell("batch_size");
    const { tensor, data, expert } = layoutOf(cell);
    const model = modelName(row.model_path ?? "");
    const moe = formats[row.moe_quant_mode ?? ""] ?? "bf16";
    const gemm = formats[row.gemm_quant_mode ?? ""] ?? "bf16";
    // Published checkpoints of these leave attention in 16 bit, whatever the column says of products.
    // Columns say fp8 of checkpoints that are published in blocks.
    const found = findModel(model);
    const blocks = found.ok && row.precision === "fp8" && found.model.weights?.routed === "fp8-block";
    const mixed = blocks || /gpt-oss|Kimi/.test(model);
    const made = rowOf({
      id: row.id ?? "",
      source: row.silicon_data_source?.startsWith("db-dump")
        ? "inferencex-db"
        : row.silicon_data_source?.includes("harrli")
          ? "aic-gap"
          : "inferencex-csv",
      accelerator: systems[row.system ?? ""] ?? "",
      engine: { name: backends[row.backend ?? ""] ?? "vllm", version: row.backend_version ?? "" },
      model,
      layout: { tensor, pipeline: Math.max(1, cell("pp_size")), expert, attentionData: data },
      ...(mixed ? {} : { formats: { gemm, routed: moe } }),
      cacheBytes: row.backend === "trtllm" ? 1 : 2,
      sampling: "plain",
      workload: {
        users: concurrency,
        requests: 6 * concurrency,
        input: cell("isl"),
        output: cell("osl"),
        // InferenceX draws lengths from 0.8 to 1 of the nominal ones; the others are fixed, their users out of step.
        least: row.silicon_data_source?.includes("harrli") ? 1 : 0.8,
        cached: 0,
      },
      maxBatchedTokens: 8192,
      maxSequences: 1024,
      measured: { firstToken: cell("silicon_ttft_ms") / 1e3, perToken: cell("silicon_tpot_ms") / 1e3 },
    });
    return made === undefined ? [] : [{ ...made, format: row.precision ?? "" }];
  });
}

/**
 * Tensor, data and expert ranks. Where experts are said to be split n ways both by tensor and by expert, the row means n
 * accelerators with experts spread over them, and its other counts are n times too large.
 */
function layoutOf(cell: (name: string) => number): { tensor: number; data: number; expert: number } {
  const [split, spread] = [Math.max(1, cell("moe_tp_size")), Math.max(1, cell("moe_ep_size"))];
  let [tensor, data] = [Math.max(1, cell("tp_size")), Math.max(1, cell("attention_dp_size"))];
  if (split === spread && tensor * data === split * spread) {
    if (data > 1) data /= split;
    else tensor /= split;
  }
  if (data > 1 && tensor === split * spread) tensor = Math.max(1, tensor / data);
  return { tensor, data, expert: Math.min(spread, tensor * data) };
}

function modelName(path: string): string {
  if (path === "nvidia/DeepSeek-R1-NVFP4") return "deepseek-ai/DeepSeek-R1";
  if (path === "nvidia/Llama-3.1-8B-Instruct-FP8") return "meta-llama/Llama-3.1-8B-Instruct";
  return path;
}
