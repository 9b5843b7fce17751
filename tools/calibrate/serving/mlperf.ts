/** MLPerf Inference v5.1, offline, NVIDIA systems that state tensor and pipeline ranks and the precision. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StorageFormat } from "../../../src/catalog/model.ts";
import { rowOf, type ServingRow } from "./rows.ts";

interface Raw {
  readonly id: string;
  readonly system: { readonly accelerator: string; readonly count: number };
  readonly workload: {
    readonly model: string;
    readonly scenario?: string;
    readonly mean_output_tokens_from_log?: number;
  };
  readonly plan: Readonly<Record<string, unknown>>;
  readonly measured: readonly { readonly metric: string; readonly value: number }[];
}

/** Mean prompt of each model's data set; of Mixtral's and DeepSeek's the sources give none, they are assumed. */
const prompts: Readonly<Record<string, number>> = {
  "llama-2-70b": 294,
  "mixtral-8x7b": 280,
  "llama-3.1-405b": 9500,
  "llama-3.1-8b": 778,
  "deepseek-r1": 800,
};

const accelerators: readonly (readonly [RegExp, string])[] = [
  [/GB300/, "gb300"],
  [/GB200/, "gb200"],
  [/B300/, "b300-sxm"],
  [/B200/, "b200-sxm"],
  [/H200-NVL/, "h200-nvl"],
  [/H200/, "h200-sxm"],
];

export function mlperfRows(shared: string): ServingRow[] {
  const raw = JSON.parse(readFileSync(join(shared, "evidence", "serving-measured.json"), "utf8")) as Raw[];
  return raw.flatMap((row) => {
    const { plan, workload, system } = row;
    const accelerator = accelerators.find(([pattern]) => pattern.test(system.accelerator))?.[1];
    if (!row.id.startsWith("mlperf") || workload.scenario !== "Offline" || accelerator === undefined) return [];
    const [tensor, pipeline] = [Number(plan.tp), Number(plan.pp)];
    if (!(tensor >= 1) || !(pipeline >= 1)) return [];
    const format: StorageFormat = plan.precision === "fp4" ? "nvfp4" : "fp8";
    const output = Math.round(workload.mean_output_tokens_from_log ?? 0);
    const total = row.measured.find(({ metric }) => metric === "output_tokens_per_s")?.value ?? 0;
    const candidates = (key: string): number =>
      Math.max(...[plan[key], plan[`${key}_candidates`]].flat().map((x) => Number(x) || 0));
    const experts = workload.model === "deepseek-r1";
    const users = Math.min(candidates("batch_per_gpu"), 4096) * (experts ? 8 : 1);
    const made = rowOf({
      id: row.id,
      source: "mlperf-5.1-offline",
      accelerator,
      engine: { name: "tensorrt-llm", version: String(plan.engine) },
      model: workload.model,
      // Its DeepSeek runs have attention in data parallel over the ranks that hold the experts.
      layout: experts
        ? { tensor: 1, pipeline: 1, expert: 8, attentionData: 8 }
        : { tensor, pipeline, expert: 1, attentionData: 1 },
      formats: { gemm: experts ? "bf16" : format, routed: format },
      cacheBytes: 1,
      sampling: "plain",
      workload: {
        users,
        requests: 3 * users,
        input: prompts[workload.model] ?? 1000,
        output,
        least: 1,
        cached: 0,
      },
      maxBatchedTokens: candidates("max_num_tokens"),
      maxSequences: users,
      measured: { outputPerSecond: total / (system.count / (tensor * pipeline)) },
    });
    return made === undefined ? [] : [made];
  });
}
