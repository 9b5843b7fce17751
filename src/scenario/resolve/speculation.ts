/** Drafted tokens of an engine: who drafts, how many, and the chance that each is accepted. */

import type { ModelArchitecture } from "../../catalog/model.ts";
import { usualAcceptance } from "../../serving/acceptance.ts";
import type { Speculation } from "../../serving/engine/settings.ts";
import { type Drafter, drafterOf } from "../../serving/step/drafter.ts";
import type { AcceptanceText, EngineText, SpeculationText } from "../schema/serving-engine.ts";
import type { PoolDesign, ReplicaLayout } from "../serving/design.ts";
import { type Files, resolveNamedModel } from "./model.ts";
import { type Notes, problem } from "./notes.ts";
import { numbersFile } from "./numbers-file.ts";

interface SpeculationContext {
  readonly model: ModelArchitecture;
  readonly layout: ReplicaLayout;
  readonly files: Files;
  /** Where the engine's keys stand. */
  readonly path: string;
}

export interface FoundSpeculation {
  readonly speculation: Speculation;
  readonly drafting: NonNullable<PoolDesign["drafting"]>;
}

export function resolveSpeculation(
  { speculation }: EngineText,
  context: SpeculationContext,
  notes: Notes,
): FoundSpeculation | undefined {
  if (speculation === undefined) return undefined;
  const at = `${context.path}.speculation`;
  const drafter = drafterFor(speculation, context, at, notes);
  const acceptance = acceptanceOf(speculation, { at, model: context.model, files: context.files }, notes);
  const { method, drafted } = speculation;
  if (acceptance === undefined) return undefined;
  if (method === "ngram") {
    const reason = "not given; looking up n-grams is not counted, serving.engine.host takes its measured time";
    notes.assumptions.push({ path: `${at}.method`, value: "0 s of the host", reason });
  }
  return { speculation: { drafted, acceptance }, drafting: { method, ...(drafter === undefined ? {} : { drafter }) } };
}

/** The small model that runs for every drafted token. */
function drafterFor(
  { method, model: written }: SpeculationText,
  { model, layout, files }: SpeculationContext,
  at: string,
  notes: Notes,
): Drafter | undefined {
  if (method !== "draft-model" && written !== undefined) {
    problem(notes, `${at}.model`, `has no effect with method: ${method}`, "remove it");
  }
  if (method === "ngram") return undefined;
  if (method === "draft-model") return draftModel(written, model, { layout, files }, at, notes);
  const found = drafterOf(method, model);
  if (found === undefined) {
    const lack = method === "mtp" ? "multi-token prediction module" : "attention that a head could copy";
    problem(notes, `${at}.method`, `${model.name} has no ${lack}`, "ngram, eagle or draft-model");
  } else if (method === "eagle") {
    const value = "one layer like the model's last, dense, in 16 bit";
    notes.assumptions.push({ path: `${at}.method`, value, reason: "the head itself is not described" });
  }
  return found;
}

function draftModel(
  written: string | undefined,
  model: ModelArchitecture,
  { layout: { tensor }, files }: Pick<SpeculationContext, "layout" | "files">,
  at: string,
  notes: Notes,
): Drafter | undefined {
  if (written === undefined) {
    problem(
      notes,
      `${at}.model`,
      "missing; expected the model that drafts",
      "a catalog name or config.json of the same vocabulary",
    );
    return undefined;
  }
  const found = resolveNamedModel(written, `${at}.model`, files, notes);
  if (found === undefined) return undefined;
  if (found.vocabulary > model.vocabulary * 1.01 || found.vocabulary < model.vocabulary * 0.99) {
    const message = `${found.name} has ${found.vocabulary} tokens in its vocabulary, ${model.name} ${model.vocabulary}`;
    problem(notes, `${at}.model`, message, "a model of the same family");
  }
  const heads = found.layerKinds.flatMap(({ mixer }) => (mixer.kind === "none" ? [] : [mixer.heads]));
  const odd = heads.find((count) => count % tensor !== 0);
  if (odd !== undefined) {
    const message = `tensor ${tensor} does not divide the ${odd} heads of ${found.name}`;
    problem(notes, `${at}.model`, message, "it is divided as the model is: another model, or a divisor");
  }
  return drafterOf("draft-model", model, found);
}

/** Chance at each place, given that those before it were taken. */
function acceptanceOf(
  { method, drafted, acceptance }: SpeculationText,
  where: { readonly at: string } & Pick<SpeculationContext, "model" | "files">,
  notes: Notes,
): readonly number[] | undefined {
  const at = `${where.at}.acceptance`;
  const all = (chance: number): readonly number[] => new Array<number>(drafted).fill(chance);
  if (acceptance === undefined) {
    if (method === "mtp") {
      const usual = usualAcceptance(where.model, drafted);
      const value = usual.map((chance) => chance.toPrecision(2)).join(", ");
      const reason = "not given; a first place as of DeepSeek-V3, later ones as measured on modules of its kind";
      notes.assumptions.push({ path: at, value, reason });
      return usual;
    }
    problem(notes, at, "missing; expected the chance that a drafted token is accepted", "e.g. acceptance: 0.7");
    return undefined;
  }
  if (typeof acceptance === "number") return all(acceptance);
  const list = listOf(acceptance, drafted, { at, files: where.files }, notes);
  if (list === undefined) return undefined;
  if (list.length >= drafted) return list;
  problem(notes, at, `${list.length} chances for ${drafted} drafted tokens`, "one for each, or a single one for all");
  return undefined;
}

function listOf(
  acceptance: Exclude<AcceptanceText, number>,
  drafted: number,
  { at, files }: { readonly at: string; readonly files: Files },
  notes: Notes,
): readonly number[] | undefined {
  if ("file" in acceptance) {
    const accepts = (value: number): boolean => value >= 0 && value <= 1;
    const wanted = { path: `${at}.file`, expected: "one chance from 0 to 1 a line", accepts };
    return numbersFile(acceptance.file, wanted, files, notes);
  }
  if ("meanLength" in acceptance) {
    const { meanLength } = acceptance;
    if (meanLength >= 1 && meanLength <= drafted + 1) {
      return new Array<number>(drafted).fill(chanceOfMean(meanLength, drafted));
    }
    const message = `${meanLength} tokens an iteration with ${drafted} drafted`;
    problem(notes, `${at}.meanLength`, message, `from 1, where none is accepted, to ${drafted + 1}`);
    return undefined;
  }
  if (!("perPosition" in acceptance)) return acceptance;
  const { perPosition } = acceptance;
  const rising = perPosition.findIndex((share, index) => index > 0 && share > (perPosition[index - 1] ?? 0));
  if (rising === -1) return perPosition.map((share, index) => conditional(share, perPosition[index - 1] ?? 1));
  problem(notes, `${at}.perPosition[${rising}]`, "more than at the place before", "shares of all drafts, falling");
  return undefined;
}

function conditional(share: number, before: number): number {
  return before === 0 ? 0 : share / before;
}

/**
 * The one chance p at every place that gives a mean length.
 *
 *     length = 1 + p + p^2 + ... + p^k
 *
 * @source leviathan-2023
 */
export function chanceOfMean(length: number, drafted: number): number {
  let [low, high] = [0, 1];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    let [sum, power] = [1, 1];
    for (let place = 0; place < drafted; place++) {
      power *= middle;
      sum += power;
    }
    if (sum < length) low = middle;
    else high = middle;
  }
  return high;
}
