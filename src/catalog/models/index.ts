/**
 * Models by name: our own entries, each the facts of one architecture, read by the same importer as a user's
 * `config.json`. A lookup imports one entry and nothing else.
 */

import type { Problem } from "../../base/problem.ts";
import type { Registry } from "../../base/registry.ts";
import { registry } from "../../base/registry.ts";
import { suggestion } from "../../base/suggestion.ts";
import { deepseekEntries } from "./entries/deepseek.ts";
import { gptEntries } from "./entries/gpt.ts";
import { llamaEntries } from "./entries/llama.ts";
import { moeEntries } from "./entries/moe.ts";
import { nemotronEntries } from "./entries/nemotron.ts";
import { qwenEntries } from "./entries/qwen.ts";
import type { ModelConfig, ModelEntry } from "./entry.ts";
import type { ImportResult } from "./import/index.ts";
import { importModel } from "./import/index.ts";
import { isRecord } from "./import/reader.ts";
import { names as fieldNames } from "./import/shape.ts";

export type { CacheBytes } from "./cache.ts";
export { cacheBytes, cacheBytesPerToken } from "./cache.ts";
export type { ModelConfig, ModelEntry } from "./entry.ts";
export type { ForwardFlop } from "./flop.ts";
export { decodeFlopPerToken, forwardFlopPerToken } from "./flop.ts";
export type { DenseDimensions } from "./gpt.ts";
export { denseConfig } from "./gpt.ts";
export type { ImportOptions, ImportResult } from "./import/index.ts";
export { importModel, modelTypes } from "./import/index.ts";
export { parseConfig } from "./import/text.ts";
export type { LayerParameters } from "./parameters.ts";
export { countParameters, embeddingParameters, layerParameters } from "./parameters.ts";
export type { CoreCounting, SoftmaxMixer } from "./span.ts";
export { keysAtDecode, keysMean } from "./span.ts";
export { bytesPerWeight, weightBytes } from "./weights.ts";

/** All entries. Names are `ORG/NAME`; case is ignored, and ORG may be left out. */
export const models: Registry<ModelEntry> = registry(
  "model",
  [...llamaEntries, ...qwenEntries, ...deepseekEntries, ...moeEntries, ...nemotronEntries, ...gptEntries].map(
    withBareNames,
  ),
);

/** Adds to each name the part behind its slash. */
function withBareNames(entry: ModelEntry): ModelEntry {
  const full = [entry.name, ...(entry.aliases ?? [])];
  const bare = full.map((name) => name.slice(name.indexOf("/") + 1));
  return { ...entry, aliases: [...new Set([...full.slice(1), ...bare])] };
}

/** The model of a catalog name; an unknown name is a problem at `path` with the nearest known one. */
export function findModel(name: string, path = "model"): ImportResult {
  const entry = models.find(name);
  if (!entry) return { ok: false, problems: [models.unknown(name, path)] };
  return imported(entry, entry.config(), path);
}

/**
 * A catalog model with some fields changed (`extends: NAME` in a scenario). Objects are merged, lists and values
 * replaced; a field that the model's class does not know is a problem, with a suggestion.
 */
export function extendModel(name: string, overrides: ModelConfig, path = "model"): ImportResult {
  const entry = models.find(name);
  if (!entry) return { ok: false, problems: [models.unknown(name, `${path}.extends`)] };
  const base = entry.config();
  const result = imported(entry, mergedConfig(base, overrides), path);
  if (!result.ok) return result;
  const unknown = [...result.unread, ...result.inert].filter((key) => Object.hasOwn(overrides, key));
  if (unknown.length > 0) return { ok: false, problems: unknown.map((key) => unknownField(key, base, path)) };
  const model = { ...result.model, name: `${entry.name} (changed)`, aliases: [] };
  return { ...result, model };
}

function imported(entry: ModelEntry, config: ModelConfig, path: string): ImportResult {
  const result = importModel(config, { name: entry.name });
  if (!result.ok) return { ok: false, problems: result.problems.map((problem) => below(path, problem)) };
  const sources = [...new Set([...entry.sources, ...result.model.sources])];
  return { ...result, model: { ...result.model, aliases: entry.aliases ?? [], sources } };
}

function below(path: string, problem: Problem): Problem {
  return { ...problem, path: problem.path === "" ? path : `${path}.${problem.path}` };
}

function unknownField(key: string, base: ModelConfig, path: string): Problem {
  const known = [...new Set([...Object.keys(base), ...Object.values(fieldNames).flat()])];
  const near = suggestion(key, known);
  return {
    path: `${path}.${key}`,
    message: `field "${key}" has no effect on a ${String(base.model_type)} model`,
    hint: near === undefined ? `known: ${Object.keys(base).join(", ")}` : `did you mean "${near}"?`,
  };
}

/** Overrides win over every spelling of their field; objects below the root are merged field by field. */
function mergedConfig(base: ModelConfig, overrides: ModelConfig): ModelConfig {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    for (const spellings of Object.values(fieldNames)) {
      if (spellings.includes(key)) for (const spelling of spellings) delete result[spelling];
    }
    const before = base[key];
    result[key] = isRecord(value) && isRecord(before) ? { ...before, ...value } : value;
  }
  return result;
}
