/**
 * Load profiles of inference-perf: stages of rates, and prompts that share prefixes or are drawn at random. The profile
 * becomes a described workload, and requests are drawn from it.
 *
 * Shared prefixes: groups x prompts are made once, shuffled, and sent in that order over and over; each keeps its
 * lengths. The tool waits for a stage's answers before the pause to the next; here the pause follows the stage's time.
 * Ignores: multi-turn chats (refused), the jitter of its `constant` load (it draws gaps and stretches them to the stage).
 * @source inference-perf
 */

import { parse } from "yaml";
import type { PerSecond } from "../../../base/quantity.ts";
import { generateRequests } from "../generate.ts";
import type { RequestList } from "../list.ts";
import type { LengthLaw, RequestSpec, SharedPrefix, Stage } from "../spec.ts";
import type { RateChoice, RequestFormat } from "./format.ts";
import type { Intake } from "./intake.ts";
import { field } from "./lines.ts";

/** Prefixes are shared to the last whole chunk; vLLM's block is the finest that matters. */
const chunkTokens = 16;

export const inferencePerf: RequestFormat = {
  name: "inference-perf",
  summary:
    "inference-perf profiles (YAML or JSON): stages of rates, shared prefixes or random lengths; requests are drawn",
  times: "law",
  detect: (beginning) => /\b(shared_prefix|input_distribution)\b/.test(beginning) && /\bload\b/.test(beginning),
  read: (files, intake, { seed, rate }) => {
    const [file] = files;
    if (file === undefined || files.length > 1) {
      intake.fail(`${files.length} profiles: expected one`);
      return;
    }
    const { name, text } = file;
    const read = inferencePerfSpec(typeof text === "string" ? text : [...text].join(""), seed);
    for (const note of read.notes) intake.note(note);
    for (const problem of read.problems) intake.fail(`${name}: ${problem}`);
    if (read.spec === undefined) return;
    intake.at(name, 1);
    copyRows(generateRequests(atRates(read.spec, rate)), intake);
  },
};

export interface ProfileReading {
  /** Absent where problems keep it from being read. */
  readonly spec?: RequestSpec;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

type Table = Readonly<Record<string, unknown>>;

/** The described workload of a profile. */
export function inferencePerfSpec(text: string, seed: number): ProfileReading {
  const problems: string[] = [];
  const notes: string[] = [];
  const profile = tableOf(yamlOf(text));
  const data = tableOf(profile?.data);
  const load = tableOf(profile?.load);
  if (data === undefined || load === undefined) {
    return { problems: ["expected a YAML or JSON object with data and load"], notes };
  }
  const arrival = arrivalOf(load, problems, notes);
  const prompts = promptsOf(data, problems);
  if (problems.length > 0 || arrival === undefined || prompts === undefined) return { problems, notes };
  const plain = { name: "all", share: 1, priority: 0, adapters: [] };
  const timeout = numberIn(load, "request_timeout") ?? Number.POSITIVE_INFINITY;
  const { input, output, prefix } = prompts;
  const { count, ...rest } = arrival;
  const classes = [{ ...plain, timeout, input, output }];
  return { spec: { seed, ...rest, count, classes, chunkTokens, ...(prefix && { prefix }) }, problems, notes };
}

type Arrival = Pick<RequestSpec, "arrival" | "count">;

function arrivalOf(load: Table, problems: string[], notes: string[]): Arrival | undefined {
  const stages = Array.isArray(load.stages) ? load.stages.map(tableOf) : [];
  if (stages.length === 0) problems.push("load.stages: expected a list of stages");
  if (load.type === "concurrent") return concurrentOf(stages, problems);
  if (load.type !== "constant" && load.type !== "poisson") {
    problems.push(`load.type ${JSON.stringify(load.type)}: expected constant, poisson or concurrent`);
    return undefined;
  }
  if (load.type === "constant") notes.push("constant load is read as even gaps; inference-perf jitters them");
  const pause = numberIn(load, "interval") ?? 0;
  const timed: Stage[] = [];
  stages.forEach((stage, index) => {
    const rate = numberIn(stage, "rate");
    const duration = numberIn(stage, "duration");
    if (rate === undefined || duration === undefined || !(rate >= 0) || !(duration >= 0)) {
      problems.push(`load.stages[${index}]: expected a rate and a duration of 0 or more`);
      return;
    }
    if (index > 0 && pause > 0) timed.push({ rate: 0, duration: pause });
    timed.push({ rate, duration });
  });
  const arrival = { kind: "open", law: { kind: load.type }, stages: timed, ...limitOf(load, notes) } as const;
  return { arrival, count: Number.POSITIVE_INFINITY };
}

/** Requests that all workers keep under way; what is due beyond waits in the tool's queue, and no clock runs for it. */
function limitOf(load: Table, notes: string[]): { readonly concurrency?: number } {
  const each = numberIn(load, "worker_max_concurrency");
  const workers = numberIn(load, "num_workers");
  if (isCount(each) && isCount(workers)) return { concurrency: each * workers };
  if (isCount(each)) {
    notes.push(
      "load.worker_max_concurrency needs load.num_workers beside it (the tool takes one a processor): no limit",
    );
  }
  return {};
}

function concurrentOf(stages: readonly (Table | undefined)[], problems: string[]): Arrival | undefined {
  const count = numberIn(stages[0], "num_requests");
  const concurrency = numberIn(stages[0], "concurrency_level");
  if (stages.length !== 1 || count === undefined || concurrency === undefined) {
    problems.push("load.stages: expected one stage with num_requests and concurrency_level");
    return undefined;
  }
  return { arrival: { kind: "batch", concurrency }, count };
}

interface Prompts {
  readonly input: LengthLaw;
  readonly output: LengthLaw;
  readonly prefix?: SharedPrefix;
}

function promptsOf(data: Table, problems: string[]): Prompts | undefined {
  const shared = tableOf(data.shared_prefix);
  if (data.type === "shared_prefix" && shared !== undefined) return sharedOf(shared, problems);
  if (data.type === "random" || data.type === "synthetic") {
    const input = lawOf(tableOf(data.input_distribution));
    const output = lawOf(tableOf(data.output_distribution));
    if (input !== undefined && output !== undefined) return { input, output };
    problems.push("data: expected input_distribution and output_distribution with a mean");
    return undefined;
  }
  problems.push(`data.type ${JSON.stringify(data.type)}: expected shared_prefix, random or synthetic`);
  return undefined;
}

function sharedOf(shared: Table, problems: string[]): Prompts | undefined {
  if (shared.enable_multi_turn_chat === true) problems.push("data.shared_prefix.enable_multi_turn_chat is not read");
  const groups = field(shared, "num_groups", "num_unique_system_prompts");
  const promptsPerGroup = field(shared, "num_prompts_per_group", "num_users_per_system_prompt");
  const system = numberIn(shared, "system_prompt_len");
  const input = lawOf(tableOf(shared.question_distribution)) ?? spreadLaw(shared, "question_len");
  const output = lawOf(tableOf(shared.output_distribution)) ?? spreadLaw(shared, "output_len");
  if (!isCount(groups) || !isCount(promptsPerGroup) || system === undefined || !input || !output) {
    problems.push(
      "data.shared_prefix: expected groups, prompts per group and lengths of system prompt, question, output",
    );
    return undefined;
  }
  const tokens = { kind: "constant", value: system, least: 0 } as const;
  return { input, output, prefix: { groups, promptsPerGroup, tokens, order: "in-turn" } };
}

/** A normal law within limits: {mean, std_dev, min, max}. */
function lawOf(table: Table | undefined): LengthLaw | undefined {
  const mean = numberIn(table, "mean");
  return mean === undefined
    ? undefined
    : normalLaw(mean, numberIn(table, "std_dev"), numberIn(table, "min"), numberIn(table, "max"));
}

/** The same written as question_len, question_len_std, question_len_min, question_len_max. */
function spreadLaw(table: Table, name: string): LengthLaw | undefined {
  const mean = numberIn(table, name);
  const [deviation, least, most] = ["std", "min", "max"].map((part) => numberIn(table, `${name}_${part}`));
  return mean === undefined ? undefined : normalLaw(mean, deviation, least, most);
}

function normalLaw(mean: number, deviation = 0, least?: number, most?: number): LengthLaw {
  if (deviation === 0) return { kind: "constant", value: mean };
  const limits = { ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
  return { kind: "normal", mean, deviation, ...limits };
}

/** Stages at other rates; a wanted mean is that of the stages together. */
function atRates(spec: RequestSpec, choice: RateChoice): RequestSpec {
  const { arrival } = spec;
  if (arrival.kind !== "open" || choice.kind === "as-recorded") return spec;
  const factor = choice.kind === "factor" ? choice.factor : choice.rate / stageMean(arrival.stages);
  const stages = arrival.stages.map(({ rate, duration }) => ({ rate: rate * factor, duration }));
  return { ...spec, arrival: { ...arrival, stages } };
}

function stageMean(stages: readonly Stage[]): PerSecond {
  const requests = stages.reduce((sum, { rate, duration }) => sum + rate * duration, 0);
  return requests / stages.reduce((sum, { duration }) => sum + duration, 0);
}

function copyRows(list: RequestList, intake: Intake): void {
  intake.begin({ chunkTokens: list.chunkTokens, concurrency: list.concurrency });
  intake.classes.push(...list.classes);
  for (let row = 0; row < list.count && !intake.full; row++) {
    intake.add({
      release: list.release[row],
      input: list.input[row],
      output: list.output[row],
      ids: list.ids.subarray(list.idStart[row], list.idStart[row + 1]),
      covered: list.covered[row] as number,
    });
  }
}

function yamlOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // Not YAML: reported as a profile without data and load.
    return undefined;
  }
}

function tableOf(value: unknown): Table | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : undefined;
}

function numberIn(table: Table | undefined, key: string): number | undefined {
  const value = table?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}
