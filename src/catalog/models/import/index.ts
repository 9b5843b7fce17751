/**
 * From any `config.json` to a model architecture: finds the text model, its class, and reads it; a class or a
 * value that is not known is refused by name, never guessed.
 */

import type { Problem } from "../../../base/problem.ts";
import { suggestion } from "../../../base/suggestion.ts";
import type { LayerKind, ModelArchitecture } from "../../model.ts";
import { countParameters } from "../parameters.ts";
import type { ModelBody } from "./blocks.ts";
import type { ImportOptions, ModelClass } from "./class.ts";
import { deepseekV4Classes } from "./deepseek-v4.ts";
import { denseClasses } from "./dense.ts";
import { gemmaClasses } from "./gemma.ts";
import { kimiLinearClasses } from "./kimi-linear.ts";
import { latentAttentionClasses } from "./latent-attention.ts";
import { legacyClasses } from "./legacy.ts";
import { minimaxM3Classes } from "./minimax-m3.ts";
import { moeClasses } from "./moe.ts";
import { moeLocalClasses } from "./moe-local.ts";
import { nemotronHClasses } from "./nemotron-h.ts";
import { nemotronNasClasses } from "./nemotron-nas.ts";
import { qwenHybridClasses } from "./qwen-hybrid.ts";
import type { Fields } from "./reader.ts";
import { fieldsOf, isRecord, newReport, shown } from "./reader.ts";
import { names } from "./shape.ts";
import { readStorage } from "./storage.ts";
import { readVision, visionAssumption } from "./vision.ts";

export type { ImportOptions } from "./class.ts";

const classes: readonly ModelClass[] = Object.freeze([
  ...denseClasses,
  ...legacyClasses,
  ...nemotronNasClasses,
  ...moeClasses,
  ...moeLocalClasses,
  ...gemmaClasses,
  ...latentAttentionClasses,
  ...deepseekV4Classes,
  ...minimaxM3Classes,
  ...qwenHybridClasses,
  ...nemotronHClasses,
  ...kimiLinearClasses,
]);

/** Every `model_type` that can be read. */
export const modelTypes: readonly string[] = Object.freeze(classes.flatMap((entry) => entry.modelTypes));

export type ImportResult =
  | {
      readonly ok: true;
      readonly model: ModelArchitecture;
      readonly warnings: readonly string[];
      /** Top-level keys of the text model that the class has no use for. */
      readonly unread: readonly string[];
      /** The same, of kinds that change no matrix of any model: tokens, positions, initial values. */
      readonly inert: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Imports a Hugging Face configuration, given as any JSON value.
 *
 * @returns the architecture with warnings, or every problem found; never throws on a bad file
 * @source transformers-models
 */
export function importModel(config: unknown, options: ImportOptions = {}): ImportResult {
  if (!isRecord(config)) {
    return refuse([{ path: "", message: `expected a JSON object (a config.json), found ${shown(config)}` }]);
  }
  const report = newReport();
  const root = fieldsOf(config, "", report);
  const text = textModel(root, config);
  const modelType = text.fields.text("model_type") ?? root.text("model_type");
  if (modelType === null) {
    return refuse([{ path: "model_type", message: "not derivable: field model_type unknown", hint: known() }]);
  }
  const found = classes.find((entry) => entry.modelTypes.includes(modelType));
  if (!found) return refuse([unknownClass(text.fields, modelType)]);
  const body = found.read(text.fields, modelType, options);
  if (report.problems.length > 0) return refuse(report.problems);
  const model = assemble({ root, fields: text.fields, body, found, modelType, options });
  if (report.problems.length > 0) return refuse(report.problems);
  const total = countParameters(model).total;
  if (!Number.isSafeInteger(total) || total <= 0) {
    return refuse([{ path: "", message: `the fields give ${total} parameters, beyond what can be counted exactly` }]);
  }
  const rest = Object.keys(text.record).filter((key) => !report.read.has(text.fields.path + key));
  const unread = rest.filter((key) => !inertKeys.test(key));
  const inert = rest.filter((key) => inertKeys.test(key));
  return { ok: true, model, warnings: report.warnings, unread, inert };
}

/** Keys about tokens, positions, initial values, precision of norms and bookkeeping: they change no matrix. */
const inertKeys =
  /^_|_id$|_ids$|_index$|^rope_|^(swa|compress)_rope_theta$|rotary|dropout|init|eps(ilon)?$|_version$|^(auto_map|architectures|model_type|use_cache|id2label|label2id|pretraining_tp)$|^output_|^return_|^router_(aux|jitter)|softcapping|scaling_factor$|^norm_topk_prob$|words_ids$|penalty|beam|length_penalty|^(max|min)_length$/;

function refuse(problems: readonly Problem[]): ImportResult {
  return { ok: false, problems };
}

function known(): string {
  return `known classes: ${modelTypes.join(", ")}`;
}

function unknownClass(fields: Fields, modelType: string): Problem {
  const close = suggestion(modelType.slice(0, 64), modelTypes);
  return {
    path: `${fields.path}model_type`,
    message: `class unknown: "${modelType.slice(0, 64)}"`,
    hint: close === undefined ? known() : `did you mean "${close}"? ${known()}`,
  };
}

/** The text model of a multimodal file; `tie_word_embeddings` at the root wins. */
function textModel(
  root: Fields,
  config: Readonly<Record<string, unknown>>,
): { readonly fields: Fields; readonly record: Readonly<Record<string, unknown>> } {
  for (const name of ["text_config", "language_config", "llm_config"]) {
    const nested = Object.hasOwn(config, name) ? config[name] : undefined;
    if (!isRecord(nested)) continue;
    const tied = root.value("tie_word_embeddings");
    const record = tied === undefined ? nested : { ...nested, tie_word_embeddings: tied };
    return { fields: fieldsOf(record, `${name}.`, root.report), record };
  }
  return { fields: root, record: config };
}

interface Parts {
  readonly root: Fields;
  readonly fields: Fields;
  readonly body: ModelBody;
  readonly found: ModelClass;
  readonly modelType: string;
  readonly options: ImportOptions;
}

function assemble(parts: Parts): ModelArchitecture {
  const { root, fields, body, found, modelType, options } = parts;
  const { report } = root;
  const architecture = firstArchitecture(root);
  if (architecture !== null && !found.architectures.includes(architecture)) {
    report.warnings.push(`architectures[0] "${architecture}" is not among those this class was checked on`);
  }
  const note = root.text("_note");
  if (note !== null) report.warnings.push(`reconstructed file: ${note}`);
  const vision = readVision(root, modelType);
  if (vision) report.assumptions.push(visionAssumption(vision));
  const storage = readStorage(fields, root, body.layers.length);
  const maximumLength = fields.integerOrNull(names.length, { max: Number.MAX_SAFE_INTEGER });
  const format = fields.text(["torch_dtype", "dtype"]) ?? root.text(["torch_dtype", "dtype"]);
  return {
    name: options.name ?? fields.text("_name_or_path") ?? modelType,
    family: modelType,
    hidden: body.hidden,
    vocabulary: body.vocabulary,
    embedding: body.embedding,
    ...merged(body.layers),
    ...(body.multiToken ? { multiToken: body.multiToken } : {}),
    ...(body.streams === undefined ? {} : { streams: body.streams }),
    ...(vision ? { vision } : {}),
    ...(maximumLength === null ? {} : { maximumLength }),
    weightFormat: storage ? storage.routed : format === "float32" ? "fp32" : format === "float16" ? "fp16" : "bf16",
    ...(storage ? { weights: storage } : {}),
    assumptions: [...report.assumptions, ...report.warnings],
    sources: found.sources,
  };
}

function firstArchitecture(root: Fields): string | null {
  const list = root.value("architectures");
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  return typeof first === "string" ? first : null;
}

/** Equal layers become one kind, in the order in which they first occur. */
function merged(layers: readonly LayerKind[]): Pick<ModelArchitecture, "layerKinds" | "layers"> {
  const indices = new Map<string, number>();
  // Most layers are one object many times over, which need not be written out to be compared.
  const seen = new Map<LayerKind, number>();
  const layerKinds: LayerKind[] = [];
  const indexOf = (kind: LayerKind): number => {
    const key = JSON.stringify(kind);
    const known = indices.get(key);
    if (known !== undefined) return known;
    indices.set(key, layerKinds.length);
    return layerKinds.push(kind) - 1;
  };
  const order = layers.map((kind) => {
    const index = seen.get(kind) ?? indexOf(kind);
    seen.set(kind, index);
    return index;
  });
  return { layerKinds: layerKinds.map((kind, index) => distinct(kind, index, layerKinds)), layers: order };
}

/** Kinds that share a name (widths differ) get a number. */
function distinct(kind: LayerKind, index: number, kinds: readonly LayerKind[]): LayerKind {
  const same = kinds.filter((other) => other.name === kind.name);
  if (same.length === 1) return kind;
  const position = kinds.slice(0, index).filter((other) => other.name === kind.name).length + 1;
  return { ...kind, name: `${kind.name}#${position}` };
}
