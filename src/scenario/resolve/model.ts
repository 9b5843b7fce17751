/** The model by catalog name, from a config.json, or inline. */

import type { ModelArchitecture } from "../../catalog/model.ts";
import { extendModel, findModel, type ImportResult, importModel, parseConfig } from "../../catalog/models/index.ts";
import { isModelPath } from "../schema/names.ts";
import { readSource } from "../schema/source.ts";
import type { ModelText } from "../schema/workload.ts";
import { type Notes, problem } from "./notes.ts";

/** Texts of the files a scenario names, by the path as written. */
export type Files = Readonly<Record<string, string>>;

const path = "workload.model";

/** The architecture, or nothing where a problem stands in its way. */
export function resolveModel(written: ModelText, files: Files, notes: Notes): ModelArchitecture | undefined {
  if (typeof written === "string") return resolveNamedModel(written, path, files, notes);
  if (typeof written.extends !== "string") return fromConfig(written, "inline", path, notes);
  const { extends: base, ...fields } = written;
  const value = `${base} with ${Object.keys(fields).join(", ") || "no field"} changed`;
  notes.assumptions.push({ path, value, reason: "hypothetical model, described in the scenario" });
  return accept(extendModel(base, fields, path), path, notes);
}

/** A catalog name or a file, written at `path`. */
export function resolveNamedModel(
  written: string,
  path: string,
  files: Files,
  notes: Notes,
): ModelArchitecture | undefined {
  return isModelPath(written) ? fromFile(written, path, files, notes) : accept(findModel(written, path), path, notes);
}

function fromFile(file: string, path: string, files: Files, notes: Notes): ModelArchitecture | undefined {
  const text = files[file];
  if (text === undefined) {
    problem(notes, path, `the file "${file}" was not given`, "its text is needed: see requiredFiles");
    return undefined;
  }
  let config: unknown;
  try {
    config = parseConfig(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problem(notes, path, `"${file}" is not JSON${placeOf(text, why)}`, "expected a Hugging Face config.json");
    return undefined;
  }
  return fromConfig(config, file, path, notes);
}

/**
 * Where JSON text breaks: by the reader of YAML, of which JSON is a part, and which says the same on every host; what
 * is YAML but not JSON in the words of the host.
 */
function placeOf(text: string, why: string): string {
  if (text.trim() === "") return ": the file is empty";
  const broken = readSource(text).problems[0];
  if (broken?.location === undefined) return `: ${why.replace(/,? ?".*"(\.\.\.)? is not valid JSON$/s, "")}`;
  const { line, column } = broken.location;
  return `: it breaks at line ${line}, column ${column}`;
}

function fromConfig(config: unknown, name: string, path: string, notes: Notes): ModelArchitecture | undefined {
  const result = importModel(config);
  if (result.ok && result.unread.length > 0) {
    const reason = `fields of ${name} that change neither time nor memory as modelled`;
    notes.assumptions.push({ path, value: `not used: ${result.unread.join(", ")}`, reason });
  }
  return accept(result, path, notes, name);
}

/** The model, or its problems: with their own path, or below `path` where they are `within` a config. */
function accept(result: ImportResult, path: string, notes: Notes, within?: string): ModelArchitecture | undefined {
  if (result.ok) return result.model;
  for (const found of result.problems) {
    if (within === undefined) {
      notes.problems.push(found);
      continue;
    }
    const below = found.path === "" ? path : `${path}.${found.path}`;
    const message = within === "inline" ? found.message : `${found.message} (in ${within})`;
    notes.problems.push({ ...found, message, path: below });
  }
  return undefined;
}
