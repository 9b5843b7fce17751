/**
 * Drafted tokens of a launch: `--speculative-config` of vLLM, `--speculative-*` of SGLang, `speculative_config:` of
 * TensorRT-LLM. How many are accepted is in no launch: the model's own module has a usual chance, for all others
 * `--set acceptance=0.7` says it. Chains only: trees of drafts stay unread, with the reason.
 * @source vllm-speculation
 */

import { models } from "../../catalog/index.ts";
import { findModel } from "../../catalog/models/index.ts";
import { assume, bareName, find, numberOf, put, type Setting, type Sheet, type Value } from "../sheet.ts";

type Method = "mtp" | "eagle" | "ngram" | "draft-model";

interface Found {
  readonly method: Method | undefined;
  readonly drafted: number | undefined;
  readonly model: string | undefined;
  readonly from: readonly (Setting | undefined)[];
  /** Why it cannot be read. */
  readonly lack?: string;
}

const key = "serving.engine.speculation";

/** Places `serving.engine.speculation`, or says of every flag why not. */
export function placeSpeculation(sheet: Sheet, engine: "vllm" | "sglang" | "tensorrt-llm"): void {
  const found = engine === "sglang" ? ofSglang(sheet) : ofConfig(sheet, engine);
  if (found === undefined) return;
  const { method, drafted, model, from } = found;
  const acceptance = find(sheet, "acceptance");
  const lack = found.lack ?? lackOf(found, acceptance);
  if (lack !== undefined) {
    for (const setting of [...from, acceptance]) if (setting !== undefined) sheet.unmodelled.set(setting, lack);
    return;
  }
  put(sheet, `${key}.method`, method, ...from);
  put(sheet, `${key}.drafted`, drafted, ...from);
  if (method === "draft-model") put(sheet, `${key}.model`, models.find(model ?? "")?.name, ...from);
  if (acceptance !== undefined) put(sheet, `${key}.acceptance`, numberOf(acceptance.value), acceptance);
}

function lackOf({ method, drafted, model }: Found, acceptance: Setting | undefined): string | undefined {
  if (method === undefined) return "this way of drafting is not modelled";
  if (drafted === undefined || !Number.isInteger(drafted) || drafted < 1)
    return "the number of drafted tokens is not said";
  if (method === "draft-model" && models.find(model ?? "") === undefined) {
    return `the drafting model ${model ?? ""} is not in the catalog: write ${key} by hand`;
  }
  const chance = acceptance === undefined ? undefined : numberOf(acceptance.value);
  if (acceptance !== undefined && !(chance !== undefined && chance >= 0 && chance <= 1)) return "expected 0 to 1";
  if (method === "mtp" || chance !== undefined) return undefined;
  return "speculation needs the chance that a token is accepted: --set acceptance=0.7";
}

/** Words of vLLM and TensorRT-LLM, without dashes. */
const configWords: readonly (readonly [word: RegExp, method: Method])[] = [
  [/^ngram$/, "ngram"],
  [/^eagle3?$/, "eagle"],
  [/mtp$/, "mtp"],
  [/^draft-?(model|target)$/, "draft-model"],
];

function ofConfig(sheet: Sheet, engine: "vllm" | "tensorrt-llm"): Found | undefined {
  const { fields, from } = configFields(sheet);
  if (from.length === 0) return undefined;
  const field = (...names: readonly string[]): unknown => {
    const name = names.find((each) => fields.has(each));
    return name === undefined ? undefined : fields.get(name);
  };
  const model = field("model", "speculative-model", "speculative-model-dir");
  const word = field("method", "decoding-type");
  const drafted = field("num-speculative-tokens", "max-draft-len", "num-nextn-predict-layers");
  const read = /^(method|decoding-type|num-speculative-tokens|max-draft-len|num-nextn-predict-layers|.*model(-dir)?)$/;
  const rest = [...fields.keys()].filter((name) => !read.test(name));
  if (rest.length > 0) assume(sheet, key, rest.join(", "), "fields of the configuration that are not read");
  const method = typeof word === "string" ? methodOf(word) : engine === "vllm" ? guessed(model) : undefined;
  return {
    method,
    drafted: drafted === undefined ? (method === "mtp" ? 1 : undefined) : numberOf(drafted as Value),
    model: typeof model === "string" ? model : undefined,
    from,
  };
}

function methodOf(word: string): Method | undefined {
  const bare = bareName(word);
  return configWords.find(([pattern]) => pattern.test(bare))?.[1];
}

/** vLLM tells the method from the name of the drafting model. */
function guessed(model: unknown): Method | undefined {
  if (typeof model !== "string") return undefined;
  return /eagle/i.test(model) ? "eagle" : "draft-model";
}

/** Fields of one JSON text, or of a configuration's keys below it. */
function configFields(sheet: Sheet): {
  readonly fields: ReadonlyMap<string, unknown>;
  readonly from: readonly Setting[];
} {
  const whole = find(sheet, "speculative-config");
  if (whole !== undefined) return { fields: new Map(jsonFields(whole)), from: [whole] };
  const prefix = "speculative-config.";
  const below = sheet.settings.filter(({ name, value }) => bareName(name).startsWith(prefix) && value !== null);
  return { fields: new Map(below.map(({ name, value }) => [bareName(name).slice(prefix.length), value])), from: below };
}

function jsonFields({ value }: Setting): readonly (readonly [name: string, value: unknown])[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(String(value));
  } catch {
    // No JSON: no method is found, and the flag is listed as not read.
    return [];
  }
  if (typeof parsed !== "object" || parsed === null) return [];
  return Object.entries(parsed).map(([name, each]) => [bareName(name), each]);
}

const sglangWords: Readonly<Record<string, Method>> = {
  eagle: "eagle",
  eagle3: "eagle",
  nextn: "mtp",
  standalone: "draft-model",
  ngram: "ngram",
};

/** Steps of a chain are its tokens; SGLang's own choice for the model's module is three. @source sglang-server-args */
function ofSglang(sheet: Sheet): Found | undefined {
  const named = (name: string): Setting | undefined => find(sheet, `speculative-${name}`);
  const algorithm = named("algorithm");
  if (algorithm === undefined) return undefined;
  const [steps, top, tokens] = [named("num-steps"), named("eagle-topk"), named("num-draft-tokens")];
  const path = named("draft-model-path") ?? named("draft-model");
  const from = [algorithm, steps, top, tokens, path];
  const word = sglangWords[String(algorithm.value).toLowerCase()];
  const served = findModel(String(sheet.values.get("workload.model") ?? ""), "workload.model");
  const own = served.ok && served.model.multiToken !== undefined;
  // EAGLE without a head is the model's own module.
  const method = word === "eagle" && path === undefined && own ? "mtp" : word;
  const count = (setting: Setting | undefined): number | undefined => numberOf(setting?.value ?? null);
  const wide = top === undefined ? steps !== undefined || method === "mtp" : count(top) === 1;
  const drafted = method === "ngram" ? count(tokens) : (count(steps) ?? (method === "mtp" ? 3 : undefined));
  const found = { method, drafted, model: path === undefined ? undefined : String(path.value), from };
  if (method === "ngram" || method === undefined || wide) return found;
  return { ...found, lack: "trees of drafted tokens are not modelled: --speculative-eagle-topk 1" };
}
