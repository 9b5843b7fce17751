/** What a traffic pattern is asked and what it answers. Patterns live beside this file; `index.ts` lists them. */

import type { RandomStream } from "../../../base/random.ts";

/** One message, between endpoints numbered from 0 within their group. */
export interface Pair {
  readonly from: number;
  readonly to: number;
}

/** Pairs that start together; the next step starts when the last of them has arrived. */
export type PairStep = readonly Pair[];

/** What a pattern can be told; each reads some of these. */
export interface PatternOptions {
  /** neighbour: how far to the right. */
  readonly shift?: number;
  /** incast: senders. */
  readonly fanIn?: number;
  /** checkpoint: endpoints that receive. */
  readonly targets?: number;
  /** halo, transpose: sides of the grid that endpoints fill, first the one whose neighbours have neighbouring numbers. */
  readonly grid?: readonly number[];
  /** halo: whether the last of a row is beside the first. */
  readonly boundary?: "periodic" | "open";
}

export type PatternKey = keyof PatternOptions;

/** An option that makes no sense for so many endpoints. */
export interface PatternProblem {
  readonly key: PatternKey | "endpoints";
  readonly message: string;
  readonly hint: string;
}

export interface TrafficPattern {
  readonly name: string;
  readonly summary: string;
  /** alike: every round has the same pairs; drawn: each draws its own. */
  readonly rounds: "alike" | "drawn";
  /** free: each message runs at its own rate; in-step: all move together, as a library schedules them. */
  readonly pace: "free" | "in-step";
  /** Options that it reads, with their values where nobody says. */
  defaults(endpoints: number): PatternOptions;
  /** What is wrong with options, defaults filled in. */
  problems(endpoints: number, options: PatternOptions): readonly PatternProblem[];
  /** Messages of one round, at most. */
  count(endpoints: number, options: PatternOptions): number;
  /** One round. */
  steps(endpoints: number, options: PatternOptions, stream: RandomStream): readonly PairStep[];
}

/** Endpoints 0 to n - 1, each with the one it sends to; those that would send to themselves are silent. */
export function pairsTo(endpoints: number, target: (from: number) => number): Pair[] {
  const pairs: Pair[] = [];
  for (let from = 0; from < endpoints; from++) {
    const to = target(from);
    if (to !== from) pairs.push({ from, to });
  }
  return pairs;
}

/** Problems of a count that must lie in [1, most]. */
export function countProblems(key: PatternKey, value: number | undefined, most: number): PatternProblem[] {
  if (value === undefined || (value >= 1 && value <= most)) return [];
  return [{ key, message: `${value} among the endpoints`, hint: `write 1 to ${most}, or more endpoints` }];
}

/** Problems of a number of endpoints below the least. */
export function fewProblems(endpoints: number, least: number): PatternProblem[] {
  if (endpoints >= least) return [];
  return [{ key: "endpoints", message: `${endpoints} endpoints`, hint: `expected at least ${least}` }];
}
