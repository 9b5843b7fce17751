/**
 * Evolutionary search of a space that is too large to look at whole. A generation is bred from the best so far: fields of two
 * of them crossed, some moved to a neighbour, and the untried neighbours of the very best. What was looked at once is never
 * asked for again. Everything follows from the seed and from what came of the points, so that a study that was stopped
 * breeds the same generations when it goes on. Ignores: how fields depend on each other; it proves nothing.
 */

import { log } from "../../base/math.ts";
import { type RandomStream, random } from "../../base/random.ts";
import type { Wants } from "./goals.ts";
import { bestFirst } from "./rank.ts";
import { generationSize, type Sampling, valueAt } from "./sample.ts";
import { type Axis, isContinuous } from "./space.ts";
import type { Row } from "./summary.ts";
import { measuredBy } from "./table.ts";

export interface EvolutionOptions {
  readonly axes: readonly Axis[];
  readonly sampling: Sampling;
  /** Names a point by its content. */
  readonly key: (values: readonly unknown[]) => string;
}

type Values = readonly unknown[];

/** A point to be looked at. */
export interface Bred {
  readonly key: string;
  readonly values: Values;
}

/** Chance that a child has fields of both parents; else it is a copy of one that is moved. */
const crossing = 0.9;
/** Share of a generation that neighbours of the best may take. */
const neighbourShare = 0.25;
/** Moves and draws until a child is one that nobody has looked at. */
const triesMost = 64;
/** Standard deviation of a step along a continuous range, as a share of it. */
const stepDeviation = 0.1;

/** The population has a life: every generation replaces it. */
export class Evolution {
  private readonly options: EvolutionOptions;
  private readonly chance: RandomStream;
  private readonly ranks: readonly (readonly number[])[];
  private readonly seen = new Set<string>();
  private readonly size: number;
  private parents: readonly Row[] = [];

  constructor(options: EvolutionOptions) {
    this.options = options;
    this.chance = random(options.sampling.seed).stream("study/evolution");
    this.ranks = options.axes.map(ranksOf);
    this.size = generationSize(options.sampling.points);
  }

  /** The next generation, once all of the last is finished; empty where as many points are looked at as were asked for. */
  next(last: readonly Row[], wants: Wants): readonly Bred[] {
    for (const { key } of last) this.seen.add(key);
    this.parents = bestFirst([...this.parents, ...last], wants).slice(0, this.size);
    const room = Math.min(this.size, this.options.sampling.points - this.seen.size);
    const children = new Map<string, Values>();
    const take = (values: Values): boolean => {
      const key = this.options.key(values);
      if (this.seen.has(key) || children.has(key)) return false;
      children.set(key, values);
      return true;
    };
    const near = Math.ceil(room * neighbourShare);
    for (const values of this.neighbours()) if (children.size < near) take(values);
    for (let failed = 0; children.size < room && failed < triesMost; ) if (!this.breed(take)) failed++;
    return [...children].map(([key, values]) => ({ key, values }));
  }

  /** One field of the best moved by one, for as many of the best as there are. */
  private *neighbours(): Generator<Values> {
    for (const { values } of this.parents) {
      for (const [axis, { values: levels }] of this.options.axes.entries()) {
        if (isContinuous(levels)) continue;
        const ranks = this.ranks[axis] as readonly number[];
        const at = levels.indexOf(values[axis]);
        for (const [index, level] of levels.entries()) {
          const apart = Math.abs((ranks[index] ?? 0) - (ranks[at] ?? 0));
          if (index !== at && apart <= 1) yield values.with(axis, level);
        }
      }
    }
  }

  private breed(take: (values: Values) => boolean): boolean {
    const [one, other] = [this.parent(), this.parent()];
    let child: Values =
      this.chance.uniform() < crossing
        ? one.map((value, axis) => (this.chance.uniform() < 0.5 ? value : other[axis]))
        : one;
    for (let tries = 0; tries < triesMost; tries++) {
      child = this.moved(child);
      if (take(child)) return true;
    }
    // Around these parents all is known: somewhere else.
    return take(this.options.axes.map((axis) => valueAt(axis, this.chance.uniform())));
  }

  /** The better of two. */
  private parent(): Values {
    const { length } = this.parents;
    const index = Math.min(this.chance.integer(length), this.chance.integer(length));
    return (this.parents[index] as Row).values;
  }

  /** One field on average goes somewhere else. */
  private moved(values: Values): Values {
    const { axes } = this.options;
    return values.map((value, index) => {
      if (this.chance.uniform() * axes.length >= 1) return value;
      return this.step(axes[index] as Axis, this.ranks[index] as readonly number[], value);
    });
  }

  /** Values in an order move by few places, mostly by one; others to any. */
  private step(axis: Axis, ranks: readonly number[], value: unknown): unknown {
    const { values: levels } = axis;
    if (isContinuous(levels)) return valueAt(axis, within(shareOf(axis, value) + this.chance.normal(0, stepDeviation)));
    if (ranks.every((rank) => rank === 0)) return levels[this.chance.integer(levels.length)];
    const far = 1 + Math.floor(this.chance.exponential(1));
    const rank = (ranks[levels.indexOf(value)] ?? 0) + (this.chance.uniform() < 0.5 ? -far : far);
    const index = ranks.indexOf(Math.max(0, Math.min(levels.length - 1, rank)));
    return levels[index];
  }
}

/** Place of each value among all by size; all 0 where they have no order, so that each is the neighbour of each. */
function ranksOf({ values }: Axis): readonly number[] {
  if (isContinuous(values)) return [];
  const numbers = values.every((value) => typeof value === "number") ? values : measuredBy(values);
  if (numbers === undefined) return values.map(() => 0);
  const order = numbers.map((_, index) => index).sort((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0) || a - b);
  const ranks = numbers.map(() => 0);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
}

/** Where a drawn value stands in its continuous range: the inverse of `valueAt`. */
function shareOf({ values }: Axis, value: unknown): number {
  if (!isContinuous(values) || values.to === values.from) return 0;
  const number = Number.parseFloat(String(value));
  const { from, to, spacing } = values;
  return spacing === "even" ? (number - from) / (to - from) : log(number / from) / log(to / from);
}

function within(share: number): number {
  return Math.max(0, Math.min(1 - Number.EPSILON, share));
}
