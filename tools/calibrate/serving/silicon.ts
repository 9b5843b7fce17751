/** Aggregated rows of AIConfigurator's silicon sample: closed loops on Hopper and Blackwell under three engines. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { StorageFormat } from "../../../src/catalog/model.ts";
import { findModel } from "../../../src/catalog/models/index.ts";
import { type EngineName, rowOf, type ServingRow } from "./rows.ts";

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

/** InferenceX lists its runs with drafted tokens as DeepSeek-R1, those without as DeepSeek-V3. */
export function hiddenSpeculation(row: ServingRow): boolean {
  return row.model === "deepseek-ai/DeepSeek-R1" && row.source !== "aic-gap";
}
