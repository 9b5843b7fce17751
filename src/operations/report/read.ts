/** What a report is asked about: a proposal file, or scenarios with the options that every review asks for beside them. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { parseQuantity } from "../../base/quantity.ts";
import { suggestion } from "../../base/suggestion.ts";
import type { Goal, Requirement } from "../../report/index.ts";
import {
  type AskText,
  isProposal,
  locate,
  type OwnedAssumption,
  type Proposal,
  parseProposal,
} from "../../scenario/index.ts";
import { dimensionOfUnit } from "../../search/study/index.ts";
import type { Host } from "../host.ts";
import { readScenario } from "../scenario-input.ts";
import { attempt, nothing, optionOf, softwareOnly, type WrittenOption } from "./options.ts";

/** A question that can be decided. */
export interface Asked {
  readonly title: string;
  readonly ask: AskText;
  readonly requirements: readonly Requirement[];
  readonly goal: Goal;
  readonly units: Readonly<Record<string, string>>;
  readonly options: readonly WrittenOption[];
  readonly owners: readonly OwnedAssumption[];
  /** Option on whose hardware no change of software pays: it would be the same design again. */
  readonly sameAs?: string;
  /** The proposal file, where there is one. */
  readonly proposal?: { readonly file: string; readonly text: string };
}

export async function readQuestion(files: readonly string[], host: Host): Promise<Asked> {
  const [first] = files;
  if (first === undefined) throw new Error("a report on nothing");
  if (files.length === 1 && first !== "-") {
    const text = await host.read(first);
    if (isProposal(text)) return fromProposal({ file: first, text }, host);
  }
  const written = await readOptions(
    files.map((file) => ({ head: { role: "option" as const }, file })),
    host,
  );
  const [one] = written;
  const alone = written.length === 1 && one !== undefined;
  const { found, ...same } = changed(one);
  const options = alone
    ? [{ ...one, role: "do-nothing" as const, what: `As it is: ${one.what}` }, ...found, ...resized(one)]
    : [...written, ...found, nothing];
  const units = unitsOf(options);
  const title = alone ? one.name : `${written.map(({ name }) => name).join(" or ")}?`;
  return { title, ask: {}, requirements: [], goal: defaultGoal(units), units, options, owners: [], ...same };
}

interface Named {
  readonly head: Parameters<typeof optionOf>[0];
  readonly file: string;
  readonly folderOf?: string;
}

/** All of them, or the mistakes of all. */
async function readOptions(named: readonly Named[], host: Host): Promise<readonly WrittenOption[]> {
  const problems: Problem[] = [];
  const options: WrittenOption[] = [];
  for (const { head, file, folderOf } of named) {
    try {
      const place = folderOf === undefined ? file : beside(file, folderOf);
      host.progress(`predicting ${head.name ?? place}`);
      options.push(optionOf(head, file, await readScenario(place, host)));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  refuseUnlike(options);
  return options;
}

/** A path as it is meant from the folder of another file. */
function beside(file: string, other: string): string {
  const folder = other.includes("/") ? other.slice(0, other.lastIndexOf("/") + 1) : "";
  return file.startsWith("/") ? file : folder + file.replace(/^\.\//, "");
}

/** A step and a latency have nothing in common. */
function refuseUnlike(options: readonly WrittenOption[]): void {
  const [first, ...others] = options;
  const problems = others.flatMap((other): readonly Problem[] => {
    if (first?.design?.kind === other.design?.kind) return [];
    const message = `"${other.name}" is ${other.design?.kind}, "${first?.name}" is ${first?.design?.kind}`;
    return [{ path: "options", message, hint: "options are scenarios of one workload.kind" }];
  });
  if (problems.length > 0) throw new ProblemError(problems);
}

/** The option "change software only"; where no change pays, what is said instead. */
function changed(
  base: WrittenOption | undefined,
): Pick<Asked, "sameAs"> & { readonly found: readonly WrittenOption[] } {
  if (base === undefined) return { found: [] };
  const found = softwareOnly(base);
  return found === undefined ? { found: [], sameAs: base.name } : { found: [found] };
}

/** The same on half and on twice the nodes. */
function resized(base: WrittenOption): readonly WrittenOption[] {
  return [0.5, 2].flatMap((factor) => {
    const raw = sizedRaw(base, factor);
    const file = factor < 1 ? "half.yaml" : "twice.yaml";
    const words = factor < 1 ? "Half the nodes" : "Twice the nodes";
    if (raw === undefined) return [];
    const found = attempt(
      base,
      { ...raw, name: `${base.name}, ${words.toLowerCase()}` },
      { name: words, role: "option" },
    );
    return found?.source === undefined ? [] : [{ ...found, source: { ...found.source, file } }];
  });
}

/** The scenario on so many times the nodes, with as many times the replicas; undefined where that is no whole number. */
export function sizedRaw(base: WrittenOption, factor: number): Readonly<Record<string, unknown>> | undefined {
  const raw = base.source?.raw;
  const { cluster, layout } = (raw ?? {}) as { cluster?: { nodes?: unknown }; layout?: { data?: unknown } };
  const nodes = Number(cluster?.nodes) * factor;
  if (raw === undefined || !Number.isInteger(nodes) || nodes < 1 || raw.workloads !== undefined) return undefined;
  if (typeof layout !== "object" || layout.data === undefined) return { ...raw, cluster: { ...cluster, nodes } };
  const data = Number(layout.data) * factor;
  if (!Number.isInteger(data) || data < 1) return undefined;
  return { ...raw, cluster: { ...cluster, nodes }, layout: { ...layout, data } };
}

async function fromProposal(source: { readonly file: string; readonly text: string }, host: Host): Promise<Asked> {
  const proposal = parseProposal(source.text, source.file);
  const written = await readOptions(
    proposal.options.map(({ name, scenario, role = "option" }) => ({
      head: { name, role },
      file: scenario,
      folderOf: source.file,
    })),
    host,
  );
  const today = written.find(({ role }) => role === "do-nothing");
  const software = written.some(({ role }) => role === "software-only");
  const [first] = written;
  const base = today ?? first;
  const { found, ...same } = changed(software ? undefined : base);
  const options = [...written, ...found, ...(today === undefined ? [nothing] : [])];
  const units = unitsOf(options);
  const { goal, requirements } = wantsOf(proposal, units);
  return {
    title: proposal.proposal,
    ask: proposal.ask ?? {},
    requirements,
    goal,
    units,
    options,
    owners: proposal.assumptions ?? [],
    proposal: source,
    ...same,
  };
}

function unitsOf(options: readonly WrittenOption[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...options.map(({ prediction }) => prediction?.units ?? {})) as Record<string, string>;
}

const goals = ["cost", "costPerMillionOutputTokens", "timeToTrain", "stepTime", "endToEndLatency.mean", "time"];

function defaultGoal(units: Readonly<Record<string, string>>): Goal {
  return { metric: goals.find((name) => units[name] !== undefined) ?? "time", direction: "minimize" };
}

function wantsOf(
  proposal: Proposal,
  units: Readonly<Record<string, string>>,
): { readonly goal: Goal; readonly requirements: readonly Requirement[] } {
  const problems: Problem[] = [];
  const known = (path: string, metric: string): boolean => {
    if (units[metric] !== undefined) return true;
    const near = suggestion(metric, Object.keys(units));
    const hint = near === undefined ? `metrics here: ${Object.keys(units).join(", ")}` : `did you mean "${near}"?`;
    problems.push({ path, message: `no option has a metric "${metric}"`, hint });
    return false;
  };
  const [wanted, ...others] = proposal.objective ?? [];
  if (others.length > 0) {
    const hint = "state the others as requirements with a limit";
    problems.push({ path: "objective[1]", message: "a proposal has one objective", hint });
  }
  const metric = wanted?.minimize ?? wanted?.maximize;
  if (metric !== undefined) known("objective[0]", metric);
  const direction = wanted?.maximize === undefined ? "minimize" : "maximize";
  const requirements = (proposal.requirements ?? []).flatMap((text, index) =>
    known(`requirements[${index}].metric`, text.metric)
      ? limitOf(text, `requirements[${index}]`, { units, problems })
      : [],
  );
  if (problems.length > 0) throw new ProblemError(problems.map((problem) => locate(problem, proposal.places)));
  return { goal: metric === undefined ? defaultGoal(units) : { metric, direction }, requirements };
}

function limitOf(
  written: NonNullable<Proposal["requirements"]>[number],
  path: string,
  { units, problems }: { readonly units: Readonly<Record<string, string>>; readonly problems: Problem[] },
): readonly Requirement[] {
  const { id, text, metric, atMost, atLeast, confidence } = written;
  const sense = atMost === undefined ? "atLeast" : "atMost";
  const limit = atMost ?? atLeast;
  if (limit === undefined || (atMost !== undefined && atLeast !== undefined)) {
    problems.push({ path, message: "expected either atMost or atLeast", hint: "one requirement for each limit" });
    return [];
  }
  const parsed = parseQuantity(limit, dimensionOfUnit(units[metric]));
  if (!parsed.ok) {
    problems.push({
      path: `${path}.${sense}`,
      message: parsed.message,
      ...(parsed.hint === undefined ? {} : { hint: parsed.hint }),
    });
    return [];
  }
  return [{ id, text, metric, sense, value: parsed.value, ...(confidence === undefined ? {} : { confidence }) }];
}
