/** Which option to take: the one that keeps most requirements and, of those, is best at the objective; ties go to the surest. */

import { defaultTie } from "../../evidence/index.ts";
import type { Prediction } from "../../scenario/index.ts";
import { intervalOf, probabilityOf } from "./interval.ts";
import type { Goal, Option, Requirement } from "./question.ts";

export type Status = "met" | "not met" | "cannot tell";

export interface Judgement {
  readonly requirement: Requirement;
  /** Of the range of measured error: on one side of the limit in nine of ten cases, or not. */
  readonly status: Status;
  /** Whether it counts as kept in the choice: with the confidence asked for, else by the prediction itself. */
  readonly kept: boolean;
  readonly value?: number;
  readonly interval?: readonly [number, number];
  readonly probability?: number;
}

export interface Choice {
  readonly index: number;
  /** The next best, where there is one. */
  readonly second?: number;
  readonly keepsAll: boolean;
}

/** One requirement of one prediction; of nothing built, nothing is kept. */
export function judgementOf(prediction: Prediction | undefined, requirement: Requirement): Judgement {
  const judged = keptBy(prediction, requirement);
  const interval = prediction === undefined ? undefined : intervalOf(prediction, requirement.metric);
  return interval === undefined ? judged : { ...judged, interval };
}

/** The same without the interval, which takes a search of its own. */
export function keptBy(prediction: Prediction | undefined, requirement: Requirement): Omit<Judgement, "interval"> {
  const value = prediction?.metrics[requirement.metric];
  if (prediction === undefined || value === undefined) return { requirement, status: "not met", kept: false };
  const holds = requirement.sense === "atMost" ? value <= requirement.value : value >= requirement.value;
  const probability = probabilityOf(prediction, requirement);
  const { confidence } = requirement;
  const kept = confidence !== undefined && probability !== undefined ? probability >= confidence : holds;
  return {
    requirement,
    status: statusOf(probability, holds),
    kept: kept && prediction.feasible,
    value,
    ...(probability === undefined ? {} : { probability }),
  };
}

/** A 90 % interval on one side of the limit leaves 5 % on the other. */
function statusOf(probability: number | undefined, holds: boolean): Status {
  if (probability === undefined) return holds ? "met" : "not met";
  if (probability >= 0.95) return "met";
  return probability <= 0.05 ? "not met" : "cannot tell";
}

type Judged = Pick<Option, "prediction">;

export function choose(options: readonly Judged[], requirements: readonly Requirement[], goal: Goal): Choice {
  const ranked = options.map(({ prediction }, index) => rankedOf(prediction, { index, requirements, goal })).sort(rank);
  const [least] = ranked;
  if (least === undefined) throw new RangeError("a choice between no options");
  // Of those that tie in the objective, the one that is surest of its requirements.
  const ties = ranked.filter((each) => each.kept === least.kept && each.built === least.built && tied(each, least));
  const best = ties.reduce((one, other) => (other.surest > one.surest + noSurer ? other : one));
  const second = ranked.find((each) => each !== best);
  return {
    index: best.index,
    ...(second === undefined ? {} : { second: second.index }),
    keepsAll: best.kept === requirements.length && best.built === 2,
  };
}

/** Probabilities nearer than this are the same. */
const noSurer = 0.001;

function rankedOf(
  prediction: Prediction | undefined,
  by: { readonly index: number; readonly requirements: readonly Requirement[]; readonly goal: Goal },
): Ranked {
  const { index, requirements, goal } = by;
  const judgements = requirements.map((each) => keptBy(prediction, each));
  const value = prediction?.metrics[goal.metric];
  return {
    index,
    kept: judgements.filter(({ kept }) => kept).length,
    built: prediction === undefined ? 0 : prediction.feasible ? 2 : 1,
    size: value === undefined ? Number.POSITIVE_INFINITY : goal.direction === "minimize" ? value : -value,
    surest: judgements.reduce((sum, { probability }) => sum + (probability ?? 1), 0),
  };
}

function tied(one: Ranked, other: Ranked): boolean {
  return one.size === other.size || Math.abs(one.size - other.size) <= defaultTie * Math.abs(other.size);
}

interface Ranked {
  readonly index: number;
  readonly kept: number;
  readonly built: number;
  readonly size: number;
  /** Sum of the probabilities of its requirements. */
  readonly surest: number;
}

function rank(a: Ranked, b: Ranked): number {
  const fitting = Math.sign(b.built === 2 ? 1 : 0) - Math.sign(a.built === 2 ? 1 : 0);
  if (fitting !== 0) return fitting;
  if (a.kept !== b.kept) return b.kept - a.kept;
  if (a.built !== b.built) return b.built - a.built;
  if (a.size !== b.size) return a.size < b.size ? -1 : 1;
  return a.index - b.index;
}
