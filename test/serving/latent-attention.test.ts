/**
 * Latent attention as a whole: our products, passes and kernels of one DeepSeek-V3 layer against the engines' own modules,
 * timed in one piece. Nothing was fitted on these tables. Docs: docs/models/serving-step.md.
 */

import { describe, expect, it } from "vitest";
import { clusterOf } from "../../src/catalog/cluster-of.ts";
import { nodes } from "../../src/catalog/index.ts";
import { findModel } from "../../src/catalog/models/index.ts";
import { platformOf } from "../../src/network/index.ts";
import { Batch } from "../../src/serving/step/batch.ts";
import { tensorrtKernels, vllmKernels } from "../../src/serving/step/engine-kernels.ts";
import { type LinearPrecision, publishedPrecision, type StepOptions } from "../../src/serving/step/options.ts";
import { stepTimeOf } from "../../src/serving/step/step-time.ts";
import { type Row, readTable } from "../../tools/calibrate/kernels/rows.ts";
import { hasShared, sharedRoot } from "../shared.ts";

const heads = 128;
const columns = ["gemm_type", "kv_cache_dtype", "num_heads", "batch_size", "isl", "step", "latency"];
const formats: Readonly<Record<string, LinearPrecision>> = {
  bfloat16: { compute: "bf16", weightBytes: 2 },
  fp8_block: { compute: "fp8-block", weightBytes: 1 },
  nvfp4: { compute: "nvfp4", weightBytes: 0.5625 },
};

const machines = { b200_sxm: "hgx-b200", h200_sxm: "hgx-h200" } as const;
const engines = { trtllm: tensorrtKernels(512, "1.3"), vllm: vllmKernels(512, "0.24") } as const;

/** One rank of so many heads, with nothing but attention in its layers. */
function optionsOf(nodeName: string, engine: StepOptions["engine"], row: Row): StepOptions {
  const found = findModel("deepseek-ai/DeepSeek-V3");
  const attention = formats[String(row.gemm_type)];
  if (!found.ok || attention === undefined) throw new Error("no such model or format");
  const { model } = found;
  const node = nodes.get(nodeName);
  return {
    model: { ...model, layerKinds: model.layerKinds.map((kind) => ({ ...kind, feedForward: { kind: "none" } })) },
    accelerator: node.accelerator,
    platform: platformOf(clusterOf({ node, nodes: 1 })),
    layout: { tensor: heads / Number(row.num_heads), pipeline: 1, expert: 1, attentionData: 1 },
    precision: { ...publishedPrecision(model, node.accelerator), attention },
    cacheBytes: row.kv_cache_dtype === "fp8" ? 1 : 2,
    engine,
    constants: { gap: 0, launch: 0, opaqueLaunch: 0 },
    sampling: "plain",
  };
}

/** Predicted over measured, less one. */
function error(nodeName: string, engine: StepOptions["engine"], row: Row): number {
  const options = optionsOf(nodeName, engine, row);
  const decodes = Number(row.batch_size);
  const context = Number(row.isl) + Number(row.step) - 1;
  const batch = Object.assign(new Batch(), {
    ...{ decodes, decodeTokens: decodes, sampled: decodes, decodeContext: decodes * context },
    ...{ decodeContextMin: context, decodeContextMax: context },
  });
  const { children } = stepTimeOf(options).terms([batch]);
  const parts = children.filter(({ name }) => ["products", "passes", "decode-attention"].includes(name));
  const seconds = parts.reduce((sum, { value }) => sum + value, 0) / options.model.layers.length;
  return seconds / (Number(row.latency) * 1e-3) - 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Signed errors by batch, of ranks with all, a quarter and an eighth of the heads, at contexts of 1,024 to 8,192. */
async function errors(system: keyof typeof machines, backend: keyof typeof engines, batches: readonly number[]) {
  const at = { system, family: "mla", backend, operator: "mla_generation_module_perf" };
  const table = await readTable(sharedRoot(), at, columns);
  const rows = (table?.rows ?? []).filter((row) => {
    const context = Number(row.isl) + Number(row.step) - 1;
    const usual = [128, 32, 16].includes(Number(row.num_heads)) && context >= 1000 && context <= 8192;
    return usual && batches.includes(Number(row.batch_size));
  });
  return rows.map((row) => error(machines[system], engines[backend], row));
}

describe.skipIf(!hasShared())("latent attention decoding, as its engine timed it", () => {
  it.each([
    ["b200_sxm", "trtllm", [1, 2, 4, 8, 16], 0.12, [-0.12, 0]],
    ["b200_sxm", "trtllm", [32, 64, 128], 0.14, [-0.14, 0]],
    ["h200_sxm", "trtllm", [1, 2, 4, 8, 16], 0.05, [-0.05, 0]],
    ["h200_sxm", "trtllm", [32, 64, 128], 0.05, [-0.05, 0]],
    ["b200_sxm", "vllm", [1, 2, 4, 8, 16], 0.12, [-0.08, 0]],
    ["b200_sxm", "vllm", [32, 64, 128], 0.14, [-0.14, 0]],
  ] as const)("%s, %s, batches of %j: median under %f", async (system, backend, batches, most, [low, high]) => {
    const all = await errors(system, backend, batches);
    expect(all.length).toBeGreaterThan(100);
    expect(median(all.map(Math.abs))).toBeLessThan(most);
    expect(median(all)).toBeGreaterThan(low);
    expect(median(all)).toBeLessThan(high);
  });
});
