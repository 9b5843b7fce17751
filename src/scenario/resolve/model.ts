/** The model by catalog name, from a config.json, or inline. */

import type { ModelArchitecture } from "../../catalog/model.ts";
import { extendModel, findModel, type ImportResult, importModel, parseConfig } from "../../catalog/models/index.ts";
import { isModelPath } from "../schema/names.ts";
import type { ModelText } from "../schema/workload.ts";
import { type Notes, problem } from "./notes.ts";

/** Texts of the files a scenario names, by the path as written. */
export type Files = Readonly<Record<string, string>>;

const path = "workload.model";

/** The architecture, or nothing where a problem stands in its way. */
export function resolveModel(written: ModelText, files: Files, notes: Notes): ModelArchitecture | undefined {
  if (typeof written === "string") {
    return isModelPath(written) ? fromFile(written, files, notes) : accept(findModel(written, path), notes);
  }
  if (typeof written.extends !== "string") return fromConfig(written, "inline", notes);
  const { extends: base, ...fields } = written;
  const value = `${base} with ${Object.keys(fields).join(", ") || "no field"} changed`;
  notes.assumptions.push({ path, value, reason: "hypothetical model, described in the scenario" });
  return accept(extendModel(base, fields, path), notes);
}

function fromFile(file: string, files: Files, notes: Notes): ModelArchitecture | undefined {
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
    problem(notes, path, `"${file}" is not JSON: ${why}`, "expected a Hugging Face config.json");
    return undefined;
  }
  return fromConfig(config, file, notes);
}

function fromConfig(config: unknown, name: string, notes: Notes): ModelArchitecture | undefined {
  const result = importModel(config);
  if (result.ok && result.unread.length > 0) {
    const reason = `fields of ${name} that change neither time nor memory as modelled`;
    notes.assumptions.push({ path, value: `not used: ${result.unread.join(", ")}`, reason });
  }
  return accept(result, notes, path);
}

/** The model, or its problems below `within`. */
function accept(result: ImportResult, notes: Notes, within?: string): ModelArchitecture | undefined {
  if (result.ok) return result.model;
  for (const found of result.problems) {
    const below = found.path === "" ? path : `${path}.${found.path}`;
    notes.problems.push(within === undefined ? found : { ...found, path: below });
  }
  return undefined;
}
