/**
 * The model that an engine serves, by the name it is published under. Names that say a format of the weights, or who
 * converted them, are read as the sizes of the entry behind them, in that format; that is said.
 */

import { models } from "../../catalog/index.ts";
import { placeNamedModel } from "../model.ts";
import { assume, complain, credit, find, put, type Setting, type Sheet, wordOf } from "../sheet.ts";

const key = "workload.model";

/** Endings that converters give to the names of weights, and the format they mean. */
const formats: readonly (readonly [ending: RegExp, precision: string])[] = [
  [/-(nv|mx)?fp4(-v\d+)?$/i, "nvfp4"],
  [/-fp8(-kv|-dynamic|-block)?$/i, "fp8"],
  [/-(awq|gptq)(-int4|-marlin)?$/i, "int4"],
  [/-(int8|w8a8|quantized\.w8a8)$/i, "int8"],
];

/** Writes `workload.model`, and a precision where the name says one. */
export function placeServedModel(sheet: Sheet, names: readonly string[], model: string | undefined): void {
  const setting = find(sheet, ...names);
  credit(sheet, setting, key);
  if (model !== undefined) {
    if (setting !== undefined) sheet.origins.set(key, setting);
    placeNamedModel(sheet, model);
    return;
  }
  if (setting === undefined) {
    complain(sheet, undefined, "no model is named", "--model NAME, a catalog name or a path to a config.json");
    return;
  }
  const word = wordOf(sheet, setting);
  if (word !== undefined) placeByName(sheet, word.replace(/\/+$/, ""), setting);
}

function placeByName(sheet: Sheet, name: string, setting: Setting): void {
  const entry = models.find(name)?.name ?? alike(name);
  if (entry !== undefined) {
    put(sheet, key, entry, setting);
    if (models.find(name) === undefined) assume(sheet, key, entry, `the entry of the catalog behind ${name}`);
    return;
  }
  for (const [ending, precision] of formats) {
    const plain = name.replace(ending, "");
    const found = plain === name ? undefined : (models.find(plain)?.name ?? alike(plain));
    if (found === undefined) continue;
    put(sheet, key, found, setting);
    put(sheet, "serving.engine.precision", precision, setting);
    assume(sheet, key, found, `the sizes behind ${name}; its name says weights in ${precision}`);
    return;
  }
  const near = models.unknown(name, key).hint;
  complain(sheet, setting, `model "${name}" is not in the catalog`, `${near ?? ""}; --model NAME or config.json`);
}

/** The entry with this name but for who publishes it and how it was tuned. */
function alike(name: string): string | undefined {
  const wanted = bare(name);
  return models.entries.find((entry) => bare(entry.name) === wanted)?.name;
}

function bare(name: string): string {
  const last = name.split("/").at(-1) ?? name;
  return last
    .toLowerCase()
    .replace(/^meta-/, "")
    .replaceAll("_", ".")
    .replace(/-(instruct|chat|it|hf|base)\b/g, "")
    .replace(/-\d{4}$/, "");
}
