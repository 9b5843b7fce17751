/**
 * The model of a launch: a catalog name where the sizes agree with an entry in every matrix, else the sizes as an inline
 * configuration of a class that the importer knows.
 */

import { findModel, importModel, type ModelArchitecture, models, parseConfig } from "../catalog/index.ts";
import { assume, complain, credit, put, type Setting, type Sheet } from "./sheet.ts";

export type Config = Readonly<Record<string, unknown>>;

export interface ModelFacts {
  /** As a config.json; `vocab_size` is absent where the file does not state it. */
  readonly config: Config;
  /** Settings that the sizes came from. */
  readonly from: readonly Setting[];
  /** A name in the file that may be the model's: a tokenizer, a path to weights. */
  readonly hint?: string;
}

const key = "workload.model";

/** Writes `workload.model` from the sizes of a file. */
export function placeModel(sheet: Sheet, { config, from, hint }: ModelFacts): void {
  for (const setting of from) credit(sheet, setting, key);
  const at = from[0];
  if (at !== undefined) sheet.origins.set(key, at);
  const open = config.vocab_size === undefined;
  const read = importModel(open ? { ...config, vocab_size: anyVocabulary } : config);
  if (!read.ok) {
    for (const { path, message, hint: more } of read.problems)
      complain(sheet, at, `model: ${path} ${message}`.trim(), more);
    return;
  }
  const alike = catalogModels(read.model, open ? "any vocabulary" : "same vocabulary");
  const chosen = preferred(alike, hint, lengthOf(sheet, config));
  if (chosen !== undefined) {
    put(sheet, key, chosen);
    const others = alike.filter((name) => name !== chosen);
    const also =
      others.length === 0 ? "" : `; so are ${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}`;
    assume(
      sheet,
      key,
      chosen,
      `the sizes are those of this entry of the catalog${open ? ", its vocabulary is taken" : ""}${also}`,
    );
    return;
  }
  if (open) {
    const hintText = "state the vocabulary in the file (--vocab-size), or name the model with --model";
    complain(sheet, at, "the size of the vocabulary is not stated, and no catalog model has these sizes", hintText);
    return;
  }
  put(sheet, key, config);
}

/** Stands for a vocabulary that is not stated while the rest is compared. */
const anyVocabulary = 32_768;

/** A model that the user or the file names: a catalog entry, or a path to a config.json. */
export function placeNamedModel(sheet: Sheet, name: string, from?: Setting): void {
  put(sheet, key, models.find(name)?.name ?? name, from);
}

/** Entries with the same matrices in every layer. */
function catalogModels(model: ModelArchitecture, compare: "same vocabulary" | "any vocabulary"): readonly string[] {
  const wanted = shapeOf(model, compare);
  return models.entries.flatMap(({ name, config }) => {
    const { hidden_size: hidden, n_embd: older, d_model: other, n_embed: old } = config();
    if (![hidden, older, other, old].includes(model.hidden)) return [];
    const found = findModel(name);
    return found.ok && shapeOf(found.model, compare) === wanted ? [name] : [];
  });
}

/** What must agree: every matrix of a training step. Names, lengths, storage and elementwise functions may differ. */
export function shapeOf(
  model: ModelArchitecture,
  compare: "same vocabulary" | "any vocabulary" = "same vocabulary",
): string {
  const { hidden, vocabulary, embedding, layerKinds, layers, streams } = model;
  const kinds = layerKinds.map(({ feedForward, ...kind }) => {
    return { ...kind, name: "", feedForward: { ...feedForward, activation: "", routing: "" } };
  });
  return JSON.stringify([
    hidden,
    compare === "same vocabulary" ? vocabulary : 0,
    embedding,
    kinds,
    layers,
    streams ?? 1,
  ]);
}

/** The longest sequence that the file has in mind. */
function lengthOf(sheet: Sheet, { max_position_embeddings: positions }: Config): number {
  const trained = sheet.values.get("workload.sequenceLength");
  return Math.max(typeof trained === "number" ? trained : 0, typeof positions === "number" ? positions : 0);
}

/** Of several equal ones: the one that the file names elsewhere, else the first that states this length. */
function preferred(names: readonly string[], hint: string | undefined, wanted: number): string | undefined {
  const hinted = hint === undefined ? undefined : models.find(hint.replace(/\/+$/, ""))?.name;
  if (hinted !== undefined && names.includes(hinted)) return hinted;
  const fits = (name: string, storage: "as trained" | "any"): boolean => {
    const found = findModel(name);
    if (!found.ok || (found.model.maximumLength ?? 0) < wanted) return false;
    return storage === "any" || found.model.weights === undefined;
  };
  return names.find((name) => fits(name, "as trained")) ?? names.find((name) => fits(name, "any")) ?? names[0];
}

/** The architecture that the sheet names so far; undefined where a problem or a missing file stands in its way. */
function modelOf(sheet: Sheet, files: Readonly<Record<string, string>>): ModelArchitecture | undefined {
  const written = sheet.values.get(key);
  if (written === undefined) return undefined;
  if (typeof written !== "string") {
    const read = importModel(written);
    return read.ok ? read.model : undefined;
  }
  const text = files[written];
  const found = text === undefined ? findModel(written) : importModel(parseConfig(text));
  return found.ok ? found.model : undefined;
}

export function layersOf(sheet: Sheet, files: Readonly<Record<string, string>>): number | undefined {
  return modelOf(sheet, files)?.layers.length;
}

export function expertsOf(sheet: Sheet, files: Readonly<Record<string, string>>): "experts" | "none" {
  const routed = modelOf(sheet, files)?.layerKinds.some(({ feedForward }) => feedForward.kind === "experts");
  return routed === true ? "experts" : "none";
}
