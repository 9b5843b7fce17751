/**
 * The configuration of a fleet that keeps its targets on the fewest accelerators.
 *
 * A group has one shape of replica and one setting of the engine; its members differ in replicas. Groups go unseen where
 * memory does not hold the model, where one request alone would miss a target, or where the load outgrows as many replicas
 * as there may be. Of all others the fleet is simulated as `predict` does, with as many replicas as would not be beyond the best so far: where that misses
 * its targets fewer replicas are taken to miss them too, as the search of capacity does; where it keeps them, the fewest
 * that do are bracketed. Ties on accelerators go to the design that stays furthest below its targets.
 */

import { ProblemError } from "../../base/problem.ts";
import { finished, type Steps } from "../../base/steps.ts";
import {
  bindingOf,
  type ConfigurationText,
  type Files,
  openedOf,
  type Prediction,
  predictDesign,
  resolve,
  type Scenario,
  type ServingDesign,
  servingFloor,
  unconfigurable,
  withConfiguration,
} from "../../scenario/index.ts";
import { askingFewest } from "../bracket.ts";
import { lacksOf, roomOf, surelyMeets } from "./judge.ts";
import { type ConfigurationGroup, configurationGroups } from "./space.ts";

export interface FoundConfiguration {
  readonly configuration: ConfigurationText;
  readonly accelerators: number;
  readonly replicas: number;
  /** What it lacks in words; empty where it keeps the targets. */
  readonly lacks: readonly string[];
  /** Largest share of a target that is used up; above 1 where one is missed. */
  readonly used: number;
  /** Whether the model's measured error could turn the judgement over; unknown without measured runs. */
  readonly certainty: "sure" | "within-error" | "unknown";
  readonly prediction: Prediction;
}

export interface CoveredGroups {
  readonly groups: number;
  readonly refused: number;
  readonly memory: number;
  /** Groups whose replicas miss a target with one request alone, and those too few of which fit for the load. */
  readonly slower: number;
  readonly overloaded: number;
  /** Groups that were simulated, and runs in all. */
  readonly simulated: number;
  readonly runs: number;
}

export interface ConfigurationAnswer {
  readonly ended: "complete" | "stopped";
  readonly groups: CoveredGroups;
  /** Those that keep the targets on as few accelerators as the best, the roomiest first. */
  readonly best: readonly FoundConfiguration[];
  /** Those that miss them, nearest first. */
  readonly closest: readonly FoundConfiguration[];
}

export interface ConfigurationOptions {
  readonly files: Files;
  readonly stop?: () => boolean;
  readonly onProgress?: (covered: CoveredGroups, best: FoundConfiguration | undefined) => void;
}

/** A group that bounds leave, and the replicas below which the load outgrows it. */
export type Candidate = ConfigurationGroup & { readonly design: ServingDesign; readonly least: number };

/** @throws ProblemError where the scenario cannot be searched, or nothing of its space goes together. */
export function searchConfigurations(scenario: Scenario, options: ConfigurationOptions): ConfigurationAnswer {
  return finished(configurationSteps(scenario, options));
}

/** The same with a pause after every run. */
export function* configurationSteps(scenario: Scenario, options: ConfigurationOptions): Steps<ConfigurationAnswer> {
  const problems = unconfigurable(scenario);
  if (problems.length > 0) throw new ProblemError(problems);
  const { candidates, covered } = bounded(scenario, options.files);
  const found: FoundConfiguration[] = [];
  let groups = covered;
  let ended: ConfigurationAnswer["ended"] = "complete";
  for (const candidate of candidates) {
    if (options.stop?.() === true) {
      ended = "stopped";
      break;
    }
    const { runs, cut } = yield* fewestOf(scenario, candidate, { found, ...options });
    if (cut) ended = "stopped";
    groups = { ...groups, simulated: groups.simulated + 1, runs: groups.runs + runs };
    options.onProgress?.(groups, bestOf(found)[0]);
  }
  const missed = found.filter(({ lacks }) => lacks.length > 0).sort((a, b) => a.used - b.used);
  return { ended, groups, best: bestOf(found), closest: missed.slice(0, 5) };
}

/** Groups that a bound leaves out are looked at where nothing else is left, so that it can be said what they lack. */
const nearestMost = 5;

interface Bounded {
  readonly candidates: readonly Candidate[];
  readonly covered: CoveredGroups;
}

/** What bounds leave, small replicas first; where they leave nothing, the largest replicas that fit in memory. */
export function bounded(scenario: Scenario, files: Files): Bounded {
  const like = designOf(withConfiguration(scenario, { replicas: 1, engine: {} }), files);
  const groups = configurationGroups(scenario, like);
  const count = { refused: 0, memory: 0, slower: 0, overloaded: 0 };
  const problems: ProblemError[] = [];
  const short: (Candidate & { readonly kind: "slower" | "overloaded" })[] = [];
  const candidates = groups.flatMap((group): Candidate[] => {
    try {
      const { replicas } = scenario.serving ?? {};
      const written = typeof replicas === "number" ? { replicas } : {};
      const { replicas: _, ...serving } = scenario.serving ?? {};
      const design = designOf(
        withConfiguration({ ...scenario, serving: { ...serving, ...written } }, group.text),
        files,
      );
      const kind = boundOf(design);
      if (typeof kind === "number") return [{ ...group, design, least: kind }];
      count[kind] += 1;
      if (kind !== "memory") short.push({ ...group, design, least: design.pools[0]?.replicas ?? 1, kind });
      return [];
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(error);
      count.refused += 1;
      return [];
    }
  });
  const [first] = problems;
  if (first !== undefined && count.refused === groups.length) throw first;
  const nearest = candidates.length > 0 ? [] : short.slice(-nearestMost);
  for (const { kind } of nearest) count[kind] -= 1;
  const covered = { groups: groups.length, ...count, simulated: 0, runs: 0 };
  return { candidates: candidates.length > 0 ? candidates : nearest, covered };
}

function designOf(scenario: Scenario, files: Files): ServingDesign {
  const design = resolve(scenario, files);
  if (design.kind !== "serving") throw new Error("configurations of what is no serving scenario");
  return design.serving;
}

/** What leaves a group out unseen; else its fewest replicas. The design has as many as there may be. */
function boundOf(design: ServingDesign): "memory" | "slower" | "overloaded" | number {
  if (bindingOf(design) !== undefined) return "memory";
  const { missed, replicas } = servingFloor(design);
  const least = Math.max(1, Math.ceil(replicas * (1 - 1e-9)));
  if (missed.length > 0) return "slower";
  return least > (design.pools[0]?.replicas ?? 0) ? "overloaded" : least;
}

interface Found extends ConfigurationOptions {
  readonly found: FoundConfiguration[];
}

/** Simulates what a group may still win by. Cut: it was stopped before its fewest replicas were known. */
function* fewestOf(
  scenario: Scenario,
  { text, design, least }: Candidate,
  { found, files, stop }: Found,
): Steps<{ readonly runs: number; readonly cut: boolean }> {
  const [pool] = design.pools;
  if (pool === undefined) return { runs: 0, cut: false };
  const size = pool.layout.accelerators;
  const best = bestOf(found)[0]?.accelerators ?? Number.POSITIVE_INFINITY;
  const free = openedOf(scenario).replicas === "open";
  const most = Math.min(pool.replicas, Math.floor(best / size));
  if (most < least || (!free && most < pool.replicas)) return { runs: 0, cut: false };
  let [runs, cut] = [0, false];
  const keeps = (replicas: number): boolean => {
    runs += 1;
    const configuration = { ...text, replicas };
    const prediction = predictDesign(resolve(withConfiguration(scenario, configuration), files));
    const each = judged(configuration, replicas * size, prediction);
    found.push(each);
    return each.lacks.length === 0;
  };
  const kept = keeps(most);
  yield;
  if (!kept || most === least || !free) return { runs, cut };
  const asking = askingFewest({ least, most });
  let asked = asking.next();
  while (asked.done !== true) {
    const replicas = asked.value;
    cut = stop?.() === true;
    if (cut) break;
    asked = asking.next(replicas === most || keeps(replicas));
    yield;
  }
  return { runs, cut };
}

function judged(configuration: ConfigurationText, accelerators: number, prediction: Prediction): FoundConfiguration {
  const lacks = lacksOf(prediction);
  return {
    configuration,
    accelerators,
    replicas: configuration.replicas ?? 1,
    lacks,
    used: roomOf(prediction),
    certainty: surelyMeets(prediction),
    prediction,
  };
}

/** Of the fewest accelerators, the furthest below its targets first. */
function bestOf(found: readonly FoundConfiguration[]): readonly FoundConfiguration[] {
  const kept = found.filter(({ lacks }) => lacks.length === 0);
  const fewest = Math.min(...kept.map(({ accelerators }) => accelerators));
  return kept.filter(({ accelerators }) => accelerators === fewest).sort((a, b) => a.used - b.used);
}
