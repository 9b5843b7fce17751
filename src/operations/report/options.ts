/** Options of a report: those that were written, and those that every review asks for beside them. */

import { stringify } from "yaml";
import { ProblemError } from "../../base/problem.ts";
import type { Cluster } from "../../catalog/index.ts";
import { defaultTie } from "../../evidence/index.ts";
import { clusterOf, grouped, type Option } from "../../report/index.ts";
import {
  type Design,
  type Files,
  isObject,
  type OptionRole,
  type Prediction,
  parseScenario,
  predictDesign,
  readSource,
  resolve,
  softwareName,
} from "../../scenario/index.ts";
import { type Candidate, candidatesOf, type Edit } from "../candidates.ts";
import type { ScenarioInput } from "../scenario-input.ts";
import { servingCandidates } from "./serving-candidates.ts";

type Loose = Readonly<Record<string, unknown>>;

/** An option, and the scenario that it is predicted from. */
export interface WrittenOption extends Option {
  /** Absent where nothing is built. */
  readonly source?: OptionSource;
}

export interface OptionSource {
  readonly file: string;
  readonly text: string;
  readonly raw: Loose;
  /** Of what the scenario names. */
  readonly files: Files;
}

/** @throws ProblemError where the scenario is wrong. */
export function optionOf(
  head: { readonly name?: string; readonly role: OptionRole; readonly what?: string },
  file: string,
  input: Pick<ScenarioInput, "text" | "files">,
): WrittenOption {
  const design = resolve(parseScenario(input.text, { file }), input.files);
  if (design.kind === "collective" || design.kind === "traffic") {
    const message = `a report weighs designs for a job or a service, found kind ${design.kind}`;
    throw new ProblemError([{ path: "workload.kind", message, hint: "predict and compare answer for it" }]);
  }
  const prediction = predictDesign(design);
  const { value } = readSource(input.text);
  const raw = isObject(value) ? value : {};
  const source = { file, text: input.text, raw, files: input.files };
  const { role, name = prediction.name, what = whatIs(design, raw) } = head;
  return { name, role, what, design, prediction, source };
}

export const nothing: WrittenOption = {
  name: "Do nothing",
  role: "do-nothing",
  what: "Nothing is bought and nothing is run: no cost, and no result.",
};

/** Hardware and layout in a line; the fabric where the scenario chose one. */
function whatIs(design: Design, raw: Loose): string {
  const cluster = clusterOf(design);
  const hardware =
    cluster === undefined
      ? "Pools of several kinds of node"
      : `${grouped(cluster.nodes)} x ${cluster.node.name} (${grouped(cluster.accelerators)} ${cluster.node.accelerator.name})${fabricOf(cluster, raw)}`;
  if (design.kind === "serving") {
    const { pools } = design.serving;
    return `${hardware}; ${pools.length === 1 ? "one pool of replicas" : `${pools.length} pools of replicas`}.`;
  }
  if (design.kind !== "training") return `${hardware}.`;
  const { layout, software } = design.training.case;
  const degrees = (["tensor", "context", "pipeline", "data", "expert"] as const)
    .filter((name) => layout[name] > 1)
    .map((name) => `${name} ${layout[name]}`);
  return `${hardware}; ${degrees.join(" x ")}; ${softwareName(software)}.`;
}

function fabricOf({ fabric: { topology, tiers } }: Cluster, raw: Loose): string {
  if (!isObject(raw.cluster) || raw.cluster.fabric === undefined) return "";
  return `, ${topology} fabric of ${tiers} ${tiers === 1 ? "tier" : "tiers"}`;
}

const roundsMost = 3;

/**
 * The same hardware under other settings: the best single change, then the best beside it, as long as that pays. Nothing
 * where none does: the option would be the base itself.
 */
export function softwareOnly(base: WrittenOption): WrittenOption | undefined {
  if (base.source === undefined || base.design === undefined) return undefined;
  let best = base;
  const changes = new Map<string, string>();
  for (let round = 0; round < roundsMost; round += 1) {
    const found = bestEdit(best);
    if (found === undefined) break;
    best = found.option;
    // A field that a later round changes again is said once.
    changes.set(found.said.split(":")[0] ?? found.said, found.said);
  }
  const said = [...changes.values()];
  if (said.length === 0) return undefined;
  const what = `The hardware stays; ${said.join("; ")}.`;
  const name = `${base.name}, software changed`;
  const { source = base.source, ...rest } = best;
  const text = renamed(source.raw, name);
  return { ...rest, name, role: "software-only", what, source: { ...source, file: "software-only.yaml", text } };
}

function renamed(raw: Loose, name: string): string {
  return stringify({ ...raw, name });
}

interface Found {
  readonly option: WrittenOption;
  readonly said: string;
}

/** The change that helps most and fits; undefined where none is worth more than a tie. */
function bestEdit(base: WrittenOption): Found | undefined {
  const { design, prediction, source } = base;
  if (design === undefined || prediction === undefined || source === undefined) return undefined;
  const metric = speedOf(prediction.metrics);
  let best: Found | undefined;
  let least = (prediction.metrics[metric] ?? 0) * (prediction.feasible ? 1 - defaultTie : Number.POSITIVE_INFINITY);
  for (const { said, raw } of editsOf(design, source.raw)) {
    const option = attempt(base, raw);
    const value = option?.prediction?.metrics[metric];
    if (option?.prediction?.feasible !== true || value === undefined || value >= least) continue;
    if (missed(option.prediction) > missed(prediction)) continue;
    least = value;
    best = { option, said };
  }
  return best;
}

/** Latency targets that are not kept: a faster mean is no gain where it breaks one. */
function missed({ targets = [] }: Prediction): number {
  return targets.filter(({ met }) => met === "missed").length;
}

/** What less of is faster. */
export function speedOf(metrics: Readonly<Record<string, number>>): string {
  return ["stepTime", "endToEndLatency.mean", "time"].find((name) => metrics[name] !== undefined) ?? "stepTime";
}

/** The scenario with other keys; undefined where the language refuses it. */
export function attempt(base: WrittenOption, raw: Loose, head: Partial<Option> = {}): WrittenOption | undefined {
  const { source } = base;
  if (source === undefined) return undefined;
  try {
    const text = stringify(raw);
    const made = optionOf({ role: base.role, name: base.name, ...head }, source.file, { text, files: source.files });
    return made;
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

function editsOf(design: Design, raw: Loose): readonly { readonly said: string; readonly raw: Loose }[] {
  if (design.kind === "serving") return servingCandidates(raw);
  if (design.kind !== "training") return [];
  // A tensor group over several scale-up domains is possible, and nobody's first change.
  const { domain } = design.training.case.cluster.node.scaleUp;
  return candidatesOf(design.training.case)
    .filter(({ edit }) => edit.precision === undefined && (edit.layout?.tensor ?? 1) <= domain)
    .map((candidate) => ({ said: saidOf(candidate), raw: edited(raw, candidate.edit) }));
}

function saidOf({ change, needs }: Candidate): string {
  return needs === undefined ? change : `${change} (needs ${needs})`;
}

/** The scenario as it was written, with some keys anew. Only degrees that it states are restated; the others follow. */
function edited(raw: Loose, { layout, software }: Edit): Loose {
  const before = isObject(raw.layout) ? raw.layout : {};
  const { data, ...others } = layout ?? {};
  const degrees = data === undefined || before.data === undefined ? others : { ...others, data };
  const stack = isObject(raw.software) ? raw.software : raw.software === undefined ? {} : { extends: raw.software };
  return {
    ...raw,
    ...(layout === undefined ? {} : { layout: { ...before, ...degrees } }),
    ...(software === undefined ? {} : { software: merged(stack, software as Loose) }),
  };
}

function merged(before: Loose, change: Loose): Loose {
  const entries = Object.entries(change).map(([key, value]) => {
    const old = before[key];
    return [key, isObject(value) ? { ...(isObject(old) ? old : {}), ...value } : value];
  });
  return { ...before, ...Object.fromEntries(entries) };
}
