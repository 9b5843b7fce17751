/** A study's answer: the best points under its objective and limits, and where there is none, what each lacks. */

import { type Guess, type Told, toldApart } from "../../base/told-apart.ts";
import { version } from "../../scenario/index.ts";
import { dominates, paretoFront } from "../pareto.ts";
import type { Goal, Limit, Units, Wants } from "./goals.ts";
import { distanceOf, type Lack, lacksOf } from "./judge.ts";
import type { Found } from "./open.ts";
import type { Outcome } from "./outcome.ts";
import type { Sampling } from "./sample.ts";

/** A point with what came of it. */
export interface Row {
  /** Its place in the design. */
  readonly point: number;
  readonly key: string;
  readonly values: readonly unknown[];
  readonly outcome: Outcome;
}

/** A point as the summary lists it: its fields, and the metrics that the study asks about. */
export interface Listed {
  readonly point: number;
  readonly key: string;
  readonly at: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** What was open, and what was found for it. */
  readonly found?: Found;
  readonly lacks?: readonly Lack[];
  /** Of the best with one goal: whether the models tell it from the first. */
  readonly told?: Told;
}

/** Points that lack the same thing. */
export interface Binds {
  readonly by: Lack["by"];
  readonly what: string;
  readonly points: number;
  /** The first of the reasons given. */
  readonly reason?: string;
}

export interface Summary {
  readonly format: 1;
  readonly version: string;
  readonly name: string;
  readonly fields: readonly string[];
  readonly sampling: Sampling;
  readonly objective: readonly Goal[];
  readonly constraints: readonly Limit[];
  readonly points: {
    /** Of the design, each once. */
    readonly planned: number;
    readonly finished: number;
    /** Those that are answers. */
    readonly meets: number;
  };
  readonly space: {
    /** Every value of every field with every other; nothing where a range is continuous. */
    readonly combinations: number | null;
    /** All: no combination was left out, so that the best is the best of the space. */
    readonly covered: "all" | "some";
  };
  /** Other answers that the models cannot tell from the best, or from the front; nothing where it has no interval. */
  readonly nearTies?: number;
  /** What points lack, first what most lack; a point may lack several. */
  readonly binds: readonly Binds[];
  /** With one goal: the best, first the best of all. */
  readonly best: readonly Listed[];
  /** With several goals: what none beats in all of them, in the order of the first. */
  readonly pareto: readonly Listed[];
  /** Where no point is an answer: the nearest, with what each lacks. */
  readonly closest: readonly Listed[];
  readonly units: Units;
}

export interface Study {
  readonly name: string;
  readonly fields: readonly string[];
  readonly sampling: Sampling;
  readonly wants: Wants;
  readonly units: Units;
  readonly planned: number;
  readonly space: { readonly combinations: number; readonly covered: "all" | "some" };
}

const bestMost = 10;
const closestMost = 5;

/** The answer from the rows that are finished, in the order of the design. */
export function summaryOf(study: Study, rows: readonly Row[]): Summary {
  const { goals, limits } = study.wants;
  const judged = rows.map((row) => ({ row, lacks: lacksOf(row.outcome, limits) }));
  const answers = judged.flatMap(({ row, lacks }) => (lacks.length === 0 ? [row] : []));
  const { best, pareto, nearTies } = chosen(answers, goals);
  const closest = answers.length > 0 ? [] : nearest(judged);
  return {
    format: 1,
    version,
    name: study.name,
    fields: study.fields,
    sampling: study.sampling,
    objective: goals,
    constraints: limits,
    points: { planned: study.planned, finished: rows.length, meets: answers.length },
    space: {
      combinations: Number.isFinite(study.space.combinations) ? study.space.combinations : null,
      covered: study.space.covered,
    },
    ...(nearTies === undefined ? {} : { nearTies }),
    binds: bindsOf(judged.flatMap(({ lacks }) => lacks)),
    best: best.map(({ row, told }) => ({ ...listed(study, row), told })),
    pareto: pareto.map((row) => listed(study, row)),
    closest: closest.map(({ row, lacks }) => ({ ...listed(study, row), lacks })),
    units: Object.fromEntries(Object.entries(study.units).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Points without a value of a goal cannot be ranked, and are left out. */
function chosen(
  answers: readonly Row[],
  goals: readonly Goal[],
): { readonly best: readonly Ranked[]; readonly pareto: readonly Row[]; readonly nearTies?: number } {
  const ranked = answers.filter(({ outcome }) => goals.every(({ metric }) => outcome.metrics[metric] !== undefined));
  const costs = ranked.map(({ outcome }) => goals.map((goal) => costOf(outcome, goal)));
  if (goals.length === 0) return { best: [], pareto: [] };
  if (goals.length > 1) {
    const front = paretoFront(costs);
    return {
      best: [],
      pareto: front.map((index) => ranked[index] as Row),
      ...nearFront({ ranked, costs, front, goals }),
    };
  }
  const order = ranked.map((row, index) => ({ row, cost: costs[index]?.[0] ?? 0 })).sort((a, b) => a.cost - b.cost);
  const [first] = order;
  const [goal] = goals;
  if (first === undefined || goal === undefined) return { best: [], pareto: [] };
  const against = order.map(({ row }) => ({ row, told: toldOf(first.row, row, goal) }));
  const best = against.slice(0, bestMost);
  if (first.row.outcome.errors?.[goal.metric] === undefined) return { best, pareto: [] };
  const nearTies = against.slice(1).filter(({ told }) => told === "tie" || told === "overlap").length;
  return { best, pareto: [], nearTies };
}

interface Fronted {
  readonly ranked: readonly Row[];
  readonly costs: readonly (readonly number[])[];
  readonly front: readonly number[];
  readonly goals: readonly Goal[];
}

/** Answers behind the front that no point of it is told to beat in any goal; nothing where no goal has an interval. */
function nearFront({ ranked, costs, front, goals }: Fronted): { readonly nearTies?: number } {
  const judged = front.some((at) => goals.some(({ metric }) => ranked[at]?.outcome.errors?.[metric] !== undefined));
  if (!judged) return {};
  const on = new Set(front);
  const cost = (index: number): readonly number[] => costs[index] ?? [];
  const apart = (one: number, other: number): boolean =>
    goals.some((goal, index) => {
      const told = toldOf(ranked[one] as Row, ranked[other] as Row, goal);
      return cost(one)[index] !== cost(other)[index] && (told === "apart" || told === "unjudged");
    });
  const behind = ranked.map((_, index) => index).filter((index) => !on.has(index));
  const near = behind.filter((index) => !front.some((at) => dominates(cost(at), cost(index)) && apart(at, index)));
  return { nearTies: near.length };
}

/** A point in the order of the goal, and whether it can be told from the first. */
interface Ranked {
  readonly row: Row;
  readonly told: Told;
}

function toldOf(one: Row, other: Row, { metric }: Goal): Told {
  const guess = ({ outcome }: Row): Guess => {
    const value = outcome.metrics[metric] ?? 0;
    const ends = outcome.errors?.[metric];
    return { value, interval: ends === undefined ? null : [value * ends[0], value * ends[1]] };
  };
  return toldApart(guess(one), guess(other));
}

/** A goal as something to make small. */
export function costOf({ metrics }: Outcome, { metric, direction }: Goal): number {
  const value = metrics[metric] ?? 0;
  return direction === "minimize" ? value : -value;
}

interface Judged {
  readonly row: Row;
  readonly lacks: readonly Lack[];
}

/** Those that fit first: a fast design that cannot run is further away than a slow one that can. */
function nearest(judged: readonly Judged[]): readonly Judged[] {
  return judged
    .map((each) => ({
      ...each,
      distance: distanceOf(each.lacks),
      unfit: each.lacks.some(({ by }) => by === "fit") ? 1 : 0,
    }))
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((a, b) => a.unfit - b.unfit || a.distance - b.distance || a.row.point - b.row.point)
    .slice(0, closestMost)
    .map(({ row, lacks }) => ({ row, lacks }));
}

function bindsOf(lacks: readonly Lack[]): readonly Binds[] {
  const found = new Map<string, Binds>();
  for (const { by, what, reason } of lacks) {
    const name = `${by} ${what}`;
    const before = found.get(name) ?? { by, what, points: 0, ...(reason === undefined ? {} : { reason }) };
    found.set(name, { ...before, points: before.points + 1 });
  }
  return [...found.values()].sort((a, b) => b.points - a.points);
}

function listed({ fields, wants }: Study, { point, key, values, outcome }: Row): Listed {
  const asked = new Set([...wants.goals, ...wants.limits].map(({ metric }) => metric));
  return {
    point,
    key,
    at: Object.fromEntries(fields.map((field, index) => [field, values[index]])),
    metrics: Object.fromEntries(Object.entries(outcome.metrics).filter(([name]) => asked.has(name))),
    ...(outcome.found === undefined ? {} : { found: outcome.found }),
  };
}
