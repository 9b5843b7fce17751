/**
 * Reads a folder of kernel tables in AIConfigurator's layout, `FOLDER/FAMILY/BACKEND/VERSION/OPERATOR.parquet`, as the
 * rows that `tableKernels` takes. Only plain 16-bit attention and gated experts with balanced routing are read.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { GemmFormat } from "../src/compute/kernel.ts";
import type { AttentionRow, DecodeRow, ExpertRow, GemmRow, KernelTables } from "../src/compute/table.ts";
import { latency, number, type Row, readParquet } from "./calibrate/kernels/rows.ts";

const formats: Readonly<Record<string, GemmFormat>> = {
  bfloat16: "bf16",
  float16: "fp16",
  fp8: "fp8",
  fp8_block: "fp8-block",
  nvfp4: "nvfp4",
};

/** The newest version (by name) of one operator; no rows where the folder lacks it. */
async function rowsOf(folder: string, family: string, backend: string, operator: string): Promise<readonly Row[]> {
  const versions = join(folder, family, backend);
  if (!existsSync(versions)) return [];
  const present = readdirSync(versions)
    .sort()
    .filter((version) => existsSync(join(versions, version, `${operator}.parquet`)));
  const newest = present.at(-1);
  return newest === undefined ? [] : readParquet(join(versions, newest, `${operator}.parquet`), columns);
}

const columns: readonly string[] = [
  "gemm_dtype",
  "m",
  "n",
  "k",
  "attn_dtype",
  "kv_cache_dtype",
  "head_dim",
  "window_size",
  "batch_size",
  "isl",
  "step",
  "num_heads",
  "num_key_value_heads",
  "moe_dtype",
  "kernel_source",
  "num_tokens",
  "hidden_size",
  "inter_size",
  "topk",
  "num_experts",
  "moe_tp_size",
  "moe_ep_size",
  "distribution",
  "latency",
];

export async function readKernelTables(folder: string, backend: string): Promise<KernelTables> {
  const read = (family: string, operator: string): Promise<readonly Row[]> => rowsOf(folder, family, backend, operator);
  return {
    label: `${backend} in ${folder.split("/").at(-1) ?? folder}`,
    gemm: (await read("gemm", "gemm_perf")).flatMap(gemmRow),
    attention: (await read("attention", "context_attention_perf")).flatMap(attentionRow),
    decode: (await read("attention", "generation_attention_perf")).flatMap(decodeRow),
    experts: (await read("moe", "moe_perf")).flatMap(expertRow),
  };
}

function gemmRow(row: Row): GemmRow[] {
  const format = formats[String(row.gemm_dtype)];
  if (format === undefined) return [];
  return [{ format, m: number(row, "m"), n: number(row, "n"), k: number(row, "k"), time: latency(row) }];
}

function attentionRow(row: Row): AttentionRow[] {
  if (row.attn_dtype !== "bfloat16" || row.kv_cache_dtype !== "bfloat16") return [];
  const queries = number(row, "isl");
  const window = Number(row.window_size ?? 0);
  const headDim = number(row, "head_dim");
  const shape = {
    sequences: number(row, "batch_size"),
    queries,
    keys: queries + number(row, "step"),
    heads: number(row, "num_heads"),
    keyValueHeads: number(row, "num_key_value_heads"),
    headDim,
    valueHeadDim: headDim,
    causal: "causal" as const,
    ...(window > 0 ? { window } : {}),
  };
  return [{ shape, time: latency(row) }];
}

function decodeRow(row: Row): DecodeRow[] {
  if (Number(row.window_size ?? 0) !== 0 || number(row, "step") < 1) return [];
  const shape = {
    sequences: number(row, "batch_size"),
    context: number(row, "step"),
    heads: number(row, "num_heads"),
    keyValueHeads: number(row, "num_key_value_heads"),
    headDim: number(row, "head_dim"),
    cacheBytes: row.kv_cache_dtype === "fp8" ? 1 : 2,
  };
  return [{ shape, time: latency(row) }];
}

function expertRow(row: Row): ExpertRow[] {
  const format = formats[String(row.moe_dtype)];
  if (format === undefined || row.distribution !== "balanced") return [];
  if (String(row.kernel_source).includes("nongated")) return [];
  const experts = number(row, "num_experts");
  const shape = {
    tokens: number(row, "num_tokens"),
    topK: number(row, "topk"),
    localExperts: experts / number(row, "moe_ep_size"),
    experts,
    hidden: number(row, "hidden_size"),
    width: number(row, "inter_size") / number(row, "moe_tp_size"),
    gated: "gated" as const,
    imbalance: 1,
  };
  return [{ format, shape, time: latency(row) }];
}
