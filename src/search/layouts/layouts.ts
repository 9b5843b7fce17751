/** The question `layout: auto`: what is asked, whether it can be answered, and the answer with its proof. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Seconds } from "../../base/quantity.ts";
import { finished, type Steps } from "../../base/steps.ts";
import { termDifference } from "../../base/term-difference.ts";
import {
  type Files,
  type LayoutText,
  type Prediction,
  predict,
  resolveUnlaid,
  type Scenario,
  stepTimeRange,
  type TrainingText,
  unsearchable,
} from "../../scenario/index.ts";
import type { Alike, FoundLayout, LayoutAnswer, ListedLayout, Rival, StepChange } from "./answer.ts";
import { type FindOptions, type Found, findLayouts } from "./find.ts";
import { wholeLayout } from "./values.ts";

export interface LayoutOptions extends Pick<FindOptions, "stop" | "onProgress"> {
  readonly files: Files;
  /** Share of the best's step time that counts as near it; "error": all that measured runs do not tell from it. */
  readonly within: number | "error";
  /** Share of the accelerator's memory that stays free. */
  readonly memoryMargin: number;
  /** Layouts listed. */
  readonly top: number;
  /** A design of the same job, that the best is held against. */
  readonly against?: Prediction;
}

/** @throws ProblemError where the layout is not open, the job is not one that can be searched, or the space is empty. */
export function searchLayouts(scenario: Scenario, options: LayoutOptions): LayoutAnswer {
  return finished(layoutSteps(scenario, options));
}

/** The same with pauses. */
export function* layoutSteps(scenario: Scenario, options: LayoutOptions): Steps<LayoutAnswer> {
  const { against, files } = options;
  const problems = unsearchable(scenario);
  if (problems.length > 0) throw new ProblemError(problems);
  const unlaid = resolveUnlaid(scenario, scenario.workload as TrainingText, files);
  const written = scenario.layout === "auto" ? wholeLayout : (scenario.layout ?? {});
  const { capacity } = unlaid.case.cluster.node.accelerator.memory;
  const memoryMost = capacity * (1 - options.memoryMargin);
  const range = stepTimeRange(unlaid.case);
  const within = withinOf(options.within, range);
  const rival = against?.metrics.stepTime;
  const found = yield* findLayouts(written, unlaid, {
    reach: { within, ...(rival === undefined ? {} : { rival }) },
    memoryMost,
    stop: options.stop,
    onProgress: options.onProgress,
  });
  const { covered, best } = found;
  if (covered.space === covered.refused) throw new ProblemError([emptySpace(written)]);
  const near = best.nearOnes();
  const predicted = (layout: LayoutText): Prediction => predict({ ...scenario, layout }, files);
  return {
    ended: covered.left === 0 ? "proven" : "stopped",
    covered,
    best: listed(unlike(near).slice(0, options.top), against, predicted),
    near: near.length,
    within,
    memoryMost,
    closest: near.length === 0 ? found.closest : [],
    ...(range === undefined || best.first === undefined ? {} : { alike: alikeOf(found, best.first.stepTime, range) }),
    ...(against === undefined ? {} : { against: rivalOf(against, found, range) }),
    ...(best.first === undefined ? {} : { prediction: predicted(best.first.layout) }),
  };
}

type Range = readonly [low: number, high: number];

/** Where no measured runs say how far off the model is, near means this. */
const nearWithoutRuns = 0.02;

/** Ranges of v low to v high overlap as long as one is no more than high / low times the other. */
function withinOf(within: number | "error", range: Range | undefined): number {
  if (within !== "error") return within;
  return range === undefined ? nearWithoutRuns : range[1] / range[0] - 1;
}

function alikeOf({ best, covered }: Found, least: Seconds, [low, high]: Range): Alike {
  const most = least * (high / low);
  return {
    range: [least * low, least * high],
    count: best.upTo(most),
    complete: covered.left === 0 && best.covers(most),
    front: best.frontTo(most),
  };
}

function rivalOf({ metrics }: Prediction, { best, covered }: Found, range: Range | undefined): Rival {
  const { stepTime = Number.NaN, memoryPerAccelerator: memory = Number.NaN } = metrics;
  const { first } = best;
  const apart = range !== undefined && first !== undefined && toldApart(first.stepTime, stepTime, range);
  return {
    stepTime,
    memory,
    faster: best.fasterThan(stepTime),
    complete: covered.left === 0 && best.covers(stepTime),
    ...(range === undefined || first === undefined ? {} : { told: apart ? "apart" : "alike" }),
  };
}

function toldApart(one: Seconds, other: Seconds, [low, high]: Range): boolean {
  return Math.max(one, other) * low > Math.min(one, other) * high;
}

/** The first of each lot that differs in its chunks alone. */
function unlike(near: readonly FoundLayout[]): readonly ListedLayout[] {
  const lots = new Map<string, ListedLayout>();
  for (const found of near) {
    const { virtualStages: _, ...rest } = found.layout;
    const key = JSON.stringify(rest);
    const lot = lots.get(key);
    lots.set(key, lot === undefined ? { ...found, like: 0 } : { ...lot, like: lot.like + 1 });
  }
  return [...lots.values()];
}

/** Layouts with what makes them faster than the design held against them. */
function listed(
  found: readonly ListedLayout[],
  against: Prediction | undefined,
  predicted: (layout: LayoutText) => Prediction,
): readonly ListedLayout[] {
  const rival = against?.metrics.stepTime ?? 0;
  return found.map((each) => {
    if (against === undefined || each.stepTime >= rival) return each;
    return { ...each, why: stepChanges(against, predicted(each.layout)) };
  });
}

/** Parts that are told of a difference. */
const changesTold = 4;

/** What changes most between two steps, by the parts that a step is explained by. */
function stepChanges(before: Prediction, after: Prediction): readonly StepChange[] {
  const parts = termDifference(before.terms, after.terms).children.flatMap((part) => {
    const inner = part.name === "computation" || part.children.length === 0 ? [part] : part.children;
    return inner.map(({ name, label, share }) => {
      return { path: inner === part.children ? `${part.name}/${name}` : name, label, share };
    });
  });
  return parts
    .filter(({ share }) => share !== 0)
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share))
    .slice(0, changesTold);
}

function emptySpace({ open }: LayoutText): Problem {
  const keys = Object.keys(open ?? {}).join(", ");
  return {
    path: "layout",
    message: `no layout of the space is possible: degrees, batch, heads or schedules never go together (open: ${keys})`,
    hint: "open more keys, or predict one layout to see what stands in its way",
  };
}
