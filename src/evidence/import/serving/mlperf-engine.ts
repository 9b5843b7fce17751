/**
 * Engine settings of MLPerf Inference v5.1 submissions. Limits and formats are in the row where its configuration was read;
 * the rest is what the submissions' configurations agree on: their harness admits all that fits, computes prompts in
 * chunks, reuses nothing, and captures graphs only where PyTorch runs the model.
 * @source mlperf-inference-5.1-configurations
 */

import { isSince } from "../../../serving/version.ts";
import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { countOf, numberOf, type RawRow, textOf } from "../raw.ts";
import { servedEngine } from "./engine.ts";

/** TensorRT-LLM states only the TensorRT below it; v5.1 closed in the summer of 2025. */
export function engineOf(text: string): ReturnType<typeof servedEngine> {
  if (/^TensorRT/.test(text)) return servedEngine("tensorrt-llm", "", "2025-08");
  const version = /vllm[ -](\d+\.\d+(?:\.\d+)*)/i.exec(text)?.[1];
  if (version === undefined) return { skip: `the engine "${text}" is not modelled` };
  if (!isSince(version, "0.8")) return { skip: `vLLM ${version} is older than the scheduler that is modelled` };
  return servedEngine("vllm", version, "2025-08");
}

export interface EngineSetup {
  readonly engine: Section;
  readonly assumptions: readonly Assumption[];
}

export function engineText(
  row: RawRow,
  engine: { readonly name: string; readonly version: string },
  precision: string | undefined,
): EngineSetup {
  const { plan, workload } = row;
  const model = textOf(workload.model);
  const tensorrt = engine.name === "tensorrt-llm" ? scripted(model, precision, limitsOf(row)) : {};
  const { tokens, sequences, chosen } = limitsOf(row);
  return {
    engine: {
      name: engine.name,
      version: engine.version,
      ...(tokens === undefined ? {} : { maxBatchedTokens: tokens }),
      ...(sequences === undefined ? {} : { maxSequences: sequences }),
      ...(precision === undefined ? {} : { precision }),
      ...(plan.kv_precision === "fp8" ? { cachePrecision: "fp8" } : {}),
      prefixCaching: "off",
      ...tensorrt,
    },
    assumptions: [
      ...chosen,
      ...Object.entries(tensorrt).map(([key, value]) =>
        assume(`serving.engine.${key}`, `${value}`, "as the submissions' configurations set it"),
      ),
    ],
  };
}

interface Limits {
  readonly tokens: number | undefined;
  readonly sequences: number | undefined;
  readonly chosen: readonly Assumption[];
}

/**
 * Two limits of tokens are those of the built engine and of its run time. TensorRT runs within what was built; PyTorch
 * builds nothing, and the larger one is what it ran with. Two limits of sequences are those of two harnesses, of which
 * the one without Triton, whose result is submitted, has the larger.
 */
function limitsOf({ plan, workload }: RawRow): Limits {
  const model = textOf(workload.model);
  const chosen: Assumption[] = [];
  const stated = (key: string, path: string, pick: (values: readonly number[]) => number, reason: string) => {
    const plain = countOf(plan, key);
    const found = plan[`${key}_candidates`];
    const values = (Array.isArray(found) ? found : []).flatMap((value: unknown) => numberOf(value) ?? []);
    if (plain !== undefined || values.length === 0) return plain;
    chosen.push(assume(path, pick(values), `${values.join(" and ")} in the configuration; ${reason}`));
    return pick(values);
  };
  const least = (values: readonly number[]): number => Math.min(...values);
  const most = (values: readonly number[]): number => Math.max(...values);
  const tokens = "serving.engine.maxBatchedTokens";
  return {
    tokens: /deepseek/.test(model)
      ? stated("max_num_tokens", tokens, most, "of the run time, which builds no engine")
      : stated("max_num_tokens", tokens, least, "of the run time, within what was built"),
    sequences: stated("batch_per_gpu", "serving.engine.maxSequences", most, "of the harness that was submitted"),
    chosen,
  };
}

/** Tokens of an iteration of Llama 3.1 8B where an engine was built; PyTorch ran with more. */
const builtTokens = 1536;

function scripted(model: string, precision: string | undefined, { tokens }: Limits): Section {
  const pytorch = /deepseek/.test(model) || (/llama-3\.1-8b/.test(model) && tokens !== builtTokens);
  const roomy = precision === "nvfp4" && /llama-2|405b|mixtral/.test(model);
  return {
    blockTokens: 32,
    memoryUtilization: roomy ? 0.95 : 0.9,
    capacityPolicy: "max-utilization",
    // Off in DeepSeek's too, whose prompts are shorter than an iteration; but who is paused must be able to come back.
    chunkedPrefill: /mixtral/.test(model) ? "off" : "on",
    // A built engine runs one iteration after the other: only PyTorch's executor overlaps them.
    ...(pytorch ? {} : { graphs: "off", hostOverlap: "off" }),
  };
}
