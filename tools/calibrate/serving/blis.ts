/** Runs of vLLM 0.15.1 on H100 by inference-perf, from BLIS: `blis-train` and `blis-gt`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rowOf, type ServingRow } from "./rows.ts";

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
