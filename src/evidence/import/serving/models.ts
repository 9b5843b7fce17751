/**
 * Models and their formats in serving rows: a catalog name, and a precision where the weights are not those that the
 * catalog's entry was published with. Formats that came as a model of their own are that model.
 */

import type { Assumption } from "../../record.ts";
import { assume } from "../converter.ts";

export interface ServedModel {
  readonly model: string;
  /** Of `serving.engine`; absent: as published. */
  readonly precision?: string;
  readonly assumptions: readonly Assumption[];
}

interface Rule {
  readonly name: RegExp;
  readonly model: string;
  /** Precision by the word of the row; `published` keeps the entry's own formats. */
  readonly formats: Readonly<Record<string, string>>;
  /** Entry of the same model in other formats, by the word of the row. */
  readonly entries?: Readonly<Record<string, string>>;
}

const published = "published";
const plain = { bf16: published, fp16: published, fp8: "fp8", fp4: "nvfp4" };

const rules: readonly Rule[] = [
  {
    name: /llama-?3[.-]3-70b|llama-3\.1-70b/i,
    model: "meta-llama/Llama-3.1-70B",
    formats: { ...plain, fp8: published },
    entries: { fp8: "nvidia/Llama-3.1-70B-Instruct-FP8" },
  },
  { name: /llama-3\.1-8b/i, model: "meta-llama/Llama-3.1-8B", formats: plain },
  { name: /llama-3\.1-405b/i, model: "meta-llama/Llama-3.1-405B", formats: plain },
  { name: /llama-2-70b/i, model: "meta-llama/Llama-2-70B", formats: plain },
  { name: /llama-2-7b/i, model: "meta-llama/Llama-2-7B", formats: plain },
  { name: /llama-4-maverick/i, model: "meta-llama/Llama-4-Maverick-17B-128E", formats: plain },
  {
    name: /llama-4-scout/i,
    model: "RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic",
    formats: { "fp8-dynamic": published },
  },
  { name: /mixtral-8x7b/i, model: "mistralai/Mixtral-8x7B-v0.1", formats: plain },
  { name: /codellama-34b/i, model: "codellama/CodeLlama-34b-Instruct-hf", formats: plain },
  { name: /mistral-nemo/i, model: "mistralai/Mistral-Nemo-Instruct-2407", formats: plain },
  { name: /qwen2\.5-7b/i, model: "Qwen/Qwen2.5-7B", formats: plain },
  { name: /yi-34b/i, model: "01-ai/Yi-34B", formats: plain },
  { name: /qwen3-32b/i, model: "Qwen/Qwen3-32B", formats: plain },
  { name: /qwen3-235b-a22b/i, model: "Qwen/Qwen3-235B-A22B-FP8", formats: { fp8: published } },
  {
    name: /qwen3\.5-397b/i,
    model: "Qwen/Qwen3.5-397B-A17B",
    formats: { bf16: published, fp8: "fp8-block", fp4: published },
    entries: { fp4: "nvidia/Qwen3.5-397B-A17B-NVFP4" },
  },
  { name: /gpt-oss-120b/i, model: "openai/gpt-oss-120b", formats: { fp4: published, fp8: published } },
  { name: /gpt-oss-20b/i, model: "openai/gpt-oss-20b", formats: { fp4: published, fp8: published } },
  {
    name: /minimax-m2\.5/i,
    model: "MiniMaxAI/MiniMax-M2.5",
    formats: { fp8: published, fp4: published, checkpoint: published },
    entries: { fp4: "nvidia/MiniMax-M2.5-NVFP4" },
  },
  {
    name: /kimi-k2\.5/i,
    model: "moonshotai/Kimi-K2.5",
    formats: { int4: published, fp4: published },
    entries: { fp4: "nvidia/Kimi-K2.5-NVFP4" },
  },
  {
    name: /deepseek-(r1|v3)/i,
    model: "deepseek-ai/DeepSeek-R1",
    formats: { fp8: published, fp4: published },
    entries: { fp4: "nvidia/DeepSeek-V3.1-NVFP4" },
  },
  { name: /glm-5/i, model: "zai-org/GLM-5-FP8", formats: { fp8: published } },
];

const expertFormats = "experts in that format, attention as its published checkpoint has it";

/** The model, or why a scenario cannot say it. */
export function servedModel(name: string, precision: string): ServedModel | { readonly skip: string } {
  const rule = rules.find((entry) => entry.name.test(name));
  if (rule === undefined) return { skip: `the model ${name} is not in the catalog` };
  const word = /^(bf16|fp8-dynamic|fp8|fp4|int4|fp16|checkpoint)/i.exec(precision)?.[1]?.toLowerCase();
  const format = word === undefined ? undefined : rule.formats[word];
  if (word === undefined || format === undefined)
    return { skip: `weights of ${name} as "${precision}" are not modelled` };
  const entry = rule.entries?.[word];
  const model = entry ?? rule.model;
  const assumptions =
    entry !== undefined && /DeepSeek/.test(entry)
      ? [assume("workload.model", model, `${name} in ${word}: ${expertFormats}`)]
      : [];
  return { model, ...(format === published ? {} : { precision: format }), assumptions };
}
