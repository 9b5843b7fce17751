/** The model by catalog name, from a config.json, or inline. */

import { ProblemError } from "../../base/problem.ts";
import { extendModel, importModel, type ModelArchitecture, models } from "../../catalog/index.ts";
import { isModelPath } from "../schema/names.ts";
import type { ModelText } from "../schema/workload.ts";
import { type Notes, problem } from "./notes.ts";

/** Texts of the files a scenario names, by the path as written. */
export type Files = Readonly<Record<string, string>>;

const path = "workload.model";

/** The architecture, or nothing where a problem stands in its way. */
export function resolveModel(written: ModelText, files: Files, notes: Notes): ModelArchitecture | undefined {
  try {
    return architectureOf(written, files, notes);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    // Problems inside a config name its fields; the path says whose they are.
    for (const inner of error.problems) {
      notes.problems.push({ ...inner, path: inner.path === "" ? path : `${path}.${inner.path}` });
    }
    return undefined;
  }
}

function architectureOf(written: ModelText, files: Files, notes: Notes): ModelArchitecture | undefined {
  if (typeof written === "string" && !isModelPath(written)) return models.get(written);
  if (typeof written === "string") return fromFile(written, files, notes);
  if (typeof written.extends !== "string") return importModel(written);
  const { extends: base, ...fields } = written;
  return extendModel(base, fields);
}

function fromFile(file: string, files: Files, notes: Notes): ModelArchitecture | undefined {
  const text = files[file];
  if (text === undefined) {
    problem(notes, path, `the file "${file}" was not given`, "its text is needed: see requiredFiles");
    return undefined;
  }
  try {
    return importModel(JSON.parse(text) as unknown, file);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problem(notes, path, `"${file}" is not JSON: ${error.message}`, "expected a Hugging Face config.json");
    return undefined;
  }
}
