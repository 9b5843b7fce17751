/**
 * How published weights are stored: the format of each part of the model, and which layers stayed 16-bit.
 * Reads the quantisation sections of the common tools; what it does not know stays 16-bit, with a warning.
 * @source transformers-models
 */

import type { StorageFormat, WeightStorage } from "../../model.ts";
import type { Fields } from "./reader.ts";
import { isRecord, rangeOf } from "./reader.ts";

type Part = "attention" | "dense" | "shared" | "routed";

/** Names that weights of a part have in the files of different vendors, below the prefix of a layer. */
const partNames: Readonly<Record<Part, readonly string[]>> = {
  attention: ["self_attn.q_proj", "self_attn.o_proj", "attn.wq_a", "linear_attn.in_proj_qkvz", "mixer.in_proj"],
  dense: ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "feed_forward.gate_proj", "ffn.w1"],
  shared: [
    "mlp.shared_experts.gate_proj",
    "mlp.shared_expert.gate_proj",
    "feed_forward.shared_expert.gate_proj",
    "ffn.shared_experts.w1",
    "mixer.shared_experts.up_proj",
  ],
  routed: [
    "mlp.experts.0.gate_proj",
    "block_sparse_moe.experts.0.w1",
    "feed_forward.experts.0.gate_proj",
    "ffn.experts.0.w1",
    "mixer.experts.0.up_proj",
  ],
};
const layerPrefixes = ["model.layers.", "language_model.model.layers.", "model.language_model.layers.", "layers."];
const headNames = ["lm_head", "head", "language_model.lm_head"];

/** Patterns about things that are never quantised, or that the text model does not have. */
const knownElsewhere =
  /norm|gate|router|embed|head|vision|visual|projector|mtp|index|bias|conv|layers\.\d+|eh_proj|linear_attn|shared_expert/;

/** Reads `quantization_config`; null where the file has none: weights are 16-bit then. */
export function readStorage(fields: Fields, root: Fields, layers: number): WeightStorage | null {
  const section = root.section("quantization_config") ?? fields.section("quantization_config");
  if (!section) return null;
  const format = storageFormat(section, fields);
  if (format === null) {
    section.warn("quantization_config not understood: weights counted as 16-bit");
    return null;
  }
  const patterns = format.patterns === "ignored" ? [] : readPatterns(section);
  const exceptions = patterns.map((pattern) => exceptionOf(pattern, layers));
  const unmatched = exceptions.filter((exception) => !exception.matched).map((exception) => exception.pattern);
  if (unmatched.length > 0) {
    section.warn(`field ignore unmatched: ${unmatched.slice(0, 3).join(", ")}; affects weight bytes only`);
  }
  const unquantized = (part: Part): number[] => {
    const found = new Set(exceptions.flatMap((exception) => exception.layers[part]));
    return rangeOf(layers).filter((index) => found.has(index));
  };
  const { routed, rest } = format;
  return {
    attention: rest,
    dense: rest,
    shared: rest,
    routed,
    head: "bf16",
    ...(asksForSmallCache(section) ? { cache: "fp8" as const } : {}),
    unquantized: {
      attention: unquantized("attention"),
      dense: unquantized("dense"),
      shared: unquantized("shared"),
      routed: unquantized("routed"),
    },
  };
}

interface Exception {
  readonly pattern: string;
  readonly layers: Readonly<Record<Part, readonly number[]>>;
  /** Whether it names something that exists, a part of a layer or anything else of a model. */
  readonly matched: boolean;
}

/** What a pattern of the list of exceptions covers. */
function exceptionOf(pattern: string, layers: number): Exception {
  const test = matcher(pattern);
  const covers = (part: Part, index: number): boolean =>
    partNames[part].some((name) => layerPrefixes.some((prefix) => test(`${prefix}${index}.${name}`)));
  // Long lists name one layer an entry: only that one needs a look; a pattern without digits treats all alike.
  const named = /layers\.(\d+)/.exec(pattern)?.[1];
  const candidates = named !== undefined && !/layers\.\d*[*[]/.test(pattern) ? [Number(named)] : rangeOf(layers);
  const alike = !/[0-9]|\\d/.test(pattern);
  const covered = (part: Part): number[] => {
    if (alike) return covers(part, 0) ? rangeOf(layers) : [];
    return candidates.filter((index) => index < layers && covers(part, index));
  };
  const found = {
    attention: covered("attention"),
    dense: covered("dense"),
    shared: covered("shared"),
    routed: covered("routed"),
  };
  const matched = Object.values(found).some((list) => list.length > 0) || headNames.some(test);
  return { pattern, layers: found, matched: matched || knownElsewhere.test(pattern) };
}

interface Formats {
  readonly routed: StorageFormat;
  readonly rest: StorageFormat;
  /** Whether the list of exceptions speaks about these formats; ignored where it describes a second layer of tools. */
  readonly patterns: "apply" | "ignored";
}

function storageFormat(section: Fields, fields: Fields): Formats | null {
  const method = section.text("quant_method") ?? "";
  const algorithm = section.text("quant_algo") ?? "";
  if (method === "mxfp4") return { routed: "mxfp4", rest: "bf16", patterns: "apply" };
  if (method === "fp8") {
    const rest: StorageFormat = section.value("weight_block_size") === undefined ? "fp8" : "fp8-block";
    if (section.text("moe_quant_algo") === "NVFP4") return { routed: "nvfp4", rest, patterns: "ignored" };
    // DeepSeek V4 keeps its routed experts in fp4 beside fp8 for the rest.
    return { routed: fields.text("expert_dtype") === "fp4" ? "mxfp4" : rest, rest, patterns: "apply" };
  }
  const format =
    algorithm === "NVFP4" ? "nvfp4" : algorithm === "FP8" ? "fp8" : groupFormat(section.value("config_groups"));
  return format === null ? null : { routed: format, rest: format, patterns: "apply" };
}

/** Files of ModelOpt ask for a cache in 8 bits by name, newer ones by a scheme. @source checkpoint-cache-format */
function asksForSmallCache(section: Fields): boolean {
  if (!(section.text("quant_method") ?? "").startsWith("modelopt")) return false;
  if (section.text("kv_cache_quant_algo")?.toUpperCase() === "FP8") return true;
  const scheme = section.value("kv_cache_scheme");
  return isRecord(scheme) && scheme.dynamic === false && scheme.num_bits === 8 && scheme.type === "float";
}

/** Format of the first group of a compressed-tensors file. */
function groupFormat(groups: unknown): StorageFormat | null {
  if (!isRecord(groups)) return null;
  const first = Object.values(groups)[0];
  const description = isRecord(first) && isRecord(first.weights) ? first.weights : null;
  if (!isRecord(description)) return null;
  const { num_bits: bits, type, group_size: size } = description;
  if (bits === 8) return type === "float" ? "fp8" : "int8";
  if (bits !== 4) return null;
  if (type !== "float") return "int4";
  return size === 16 ? "nvfp4" : "mxfp4";
}

function readPatterns(section: Fields): string[] {
  const value = section.value(["ignore", "modules_to_not_convert", "ignored_layers"]);
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.filter((entry): entry is string => typeof entry === "string");
  section.warn("quantization_config.ignore is not a list: taken as empty");
  return [];
}

/** A pattern is a regular expression behind `re:`, a name with `*`, or a name that covers what is below it. */
function matcher(pattern: string): (name: string) => boolean {
  if (pattern.startsWith("re:")) {
    const expression = regularExpression(pattern.slice(3));
    return expression === null ? () => false : (name) => expression.test(name);
  }
  if (pattern.includes("*")) {
    const escaped = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    const expression = regularExpression(`^${escaped.join(".*")}($|\\.)`);
    return expression === null ? () => false : (name) => expression.test(name);
  }
  return (name) => name === pattern || name.startsWith(`${pattern}.`);
}

/** Long patterns or nested repetition could take for ever; none that a tool writes has either. */
function regularExpression(text: string): RegExp | null {
  if (text.length > 200 || /[*+}]\)?[*+{]/.test(text)) return null;
  try {
    return new RegExp(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
