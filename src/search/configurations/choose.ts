/**
 * Configurations by a wish: the best of one objective, or the front of several, among those that keep the targets and the
 * constraints. The language and the answer are those of studies; the points are configurations.
 *
 * Groups are left out by the bounds of `searchConfigurations`. Of all others every number of replicas of a coarse scale is
 * simulated, from many to few, until one misses a target or is overloaded: fewer are taken to do so too.
 */

import { ProblemError } from "../../base/problem.ts";
import { finished, type Steps } from "../../base/steps.ts";
import {
  type ConfigurationText,
  openedOf,
  resolve,
  type Scenario,
  unconfigurable,
  withConfiguration,
} from "../../scenario/index.ts";
import { type Wants, wantsOf } from "../study/goals.ts";
import { predictionWithSizes } from "../study/open.ts";
import { canonical, outcomeOf } from "../study/outcome.ts";
import { type Row, type Summary, summaryOf } from "../study/summary.ts";
import { bounded, type Candidate, type ConfigurationOptions, type CoveredGroups } from "./find.ts";

export interface ChosenConfigurations {
  readonly ended: "complete" | "stopped";
  readonly groups: CoveredGroups;
  readonly summary: Summary;
  /** The best of one objective; nothing where none is an answer, or with several objectives. */
  readonly best?: ConfigurationText;
}

/** Whether a scenario with an open configuration asks for more than the fewest accelerators within targets. */
export function hasWish({ objective, constraints }: Scenario): boolean {
  return objective !== undefined || constraints !== undefined;
}

/** Without an objective of its own: what a fleet takes. */
const fewest = [{ minimize: "accelerators" }] as const;

/** @throws ProblemError where the scenario cannot be searched, or a wish names what no configuration has. */
export function chooseConfigurations(scenario: Scenario, options: ConfigurationOptions): ChosenConfigurations {
  return finished(choiceSteps(scenario, options));
}

/** The same with a pause after every run. */
export function* choiceSteps(scenario: Scenario, options: ConfigurationOptions): Steps<ChosenConfigurations> {
  const problems = unconfigurable(scenario);
  if (problems.length > 0) throw new ProblemError(problems);
  const { objective = fewest, constraints, ...plain } = scenario;
  const { candidates, covered } = bounded(plain, options.files);
  const wished = { objective, ...(constraints === undefined ? {} : { constraints }) };
  const run = new Choice({ scenario: plain, wished, options, candidates }, covered);
  for (const candidate of candidates) if (!run.stopped()) yield* run.try(candidate);
  return run.answer();
}

interface Asked {
  /** Without its wishes. */
  readonly scenario: Scenario;
  readonly wished: Pick<Scenario, "objective" | "constraints">;
  readonly options: ConfigurationOptions;
  readonly candidates: readonly Candidate[];
}

/** A search under way. */
class Choice {
  private readonly scenario: Scenario;
  private readonly wished: Asked["wished"];
  private readonly options: ConfigurationOptions;
  private readonly candidates: readonly Candidate[];
  private readonly fields: readonly string[];
  private groups: CoveredGroups;
  private ended: ChosenConfigurations["ended"] = "complete";
  private wants: Wants | undefined;
  private units: Readonly<Record<string, string>> = {};
  private readonly rows: Row[] = [];
  private readonly texts: ConfigurationText[] = [];

  constructor({ scenario, wished, options, candidates }: Asked, covered: CoveredGroups) {
    this.scenario = scenario;
    this.wished = wished;
    this.options = options;
    this.candidates = candidates;
    this.groups = covered;
    const fields = candidates.flatMap(({ text: { engine, ...degrees } }) => [
      ...Object.keys(degrees).map((key) => `serving.${key}`),
      ...Object.keys(engine).map((key) => `serving.engine.${key}`),
    ]);
    const replicas = openedOf(scenario).replicas === "open" ? ["serving.replicas"] : [];
    this.fields = [...new Set([...fields, ...replicas])];
  }

  stopped(): boolean {
    if (this.options.stop?.() === true) this.ended = "stopped";
    return this.ended === "stopped";
  }

  /** Every count of replicas of a group, the most first. */
  *try({ text, design, least }: Candidate): Steps<void> {
    const most = design.pools[0]?.replicas ?? 0;
    const counts = openedOf(this.scenario).replicas === "open" ? countsOf(least, most) : [most];
    let runs = 0;
    for (const replicas of counts) {
      if (runs > 0 && this.stopped()) break;
      runs += 1;
      const enough = this.look({ ...text, replicas });
      yield;
      if (!enough) break;
    }
    this.groups = { ...this.groups, simulated: this.groups.simulated + 1, runs: this.groups.runs + runs };
    this.options.onProgress?.(this.groups, undefined);
  }

  /** False where fewer replicas would not do. */
  private look(configuration: ConfigurationText): boolean {
    const design = resolve(withConfiguration(this.scenario, configuration), this.options.files);
    const prediction = predictionWithSizes(design);
    this.units = { ...this.units, ...prediction.units };
    const { places } = this.scenario;
    this.wants ??= wantsOf({ ...this.wished, ...(places === undefined ? {} : { places }) }, this.units);
    const outcome = outcomeOf(canonical(configuration), prediction);
    const { engine, ...degrees } = configuration;
    const values: Readonly<Record<string, unknown>> = { ...degrees, ...engine };
    const at = this.fields.map((field) => values[field.slice(field.lastIndexOf(".") + 1)]);
    this.rows.push({ point: this.rows.length + 1, key: outcome.key, values: at, outcome });
    this.texts.push(configuration);
    return outcome.verdict !== "overloaded" && outcome.missed === undefined;
  }

  answer(): ChosenConfigurations {
    const study = {
      name: this.scenario.name,
      fields: this.fields,
      sampling: { method: "grid", points: this.rows.length, seed: 0 },
      wants: this.wants ?? { goals: [], limits: [] },
      units: this.units,
      planned: this.rows.length,
      space: { combinations: this.candidates.length, covered: this.ended === "complete" ? "all" : "some" },
    } as const;
    const summary = summaryOf(study, this.rows);
    const [first] = summary.best;
    const best = first === undefined ? undefined : this.texts[first.point - 1];
    return { ended: this.ended, groups: this.groups, summary, ...(best === undefined ? {} : { best }) };
  }
}

/** From many to few: the most and the least, and between them powers of two and half as much again. */
function countsOf(least: number, most: number): readonly number[] {
  const counts = new Set([least, most]);
  for (let count = 1; count < most; count *= 2) {
    for (const each of [count, (3 * count) / 2])
      if (Number.isInteger(each) && each > least && each < most) counts.add(each);
  }
  return [...counts].sort((a, b) => b - a);
}
