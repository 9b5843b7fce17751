/**
 * Which random sources of a component are slow at once. States with few slow sources are likely and are added up
 * exactly, in the order of their number as far as they are few; what probability is left is spread over states drawn
 * among the others.
 */

import type { RandomStream } from "../../base/random.ts";

export interface SourceState {
  readonly probability: number;
  /** Indexes of the slow sources, ascending. */
  readonly slow: readonly number[];
}

/** Most states that are added up, and most that are drawn where that is not all. */
const statesMost = 256;
const drawnMost = 256;
/** Draws per probability that is left: fewer where it hardly matters. */
const drawsEach = 4096;

/** True where all states of so many sources are added up. */
export function allStates(sources: number): boolean {
  return exactCount(sources) === sources;
}

/** States whose probabilities add up to 1. `stream` is drawn from only where there are too many. */
export function sourceStates(probabilities: readonly number[], stream: RandomStream): readonly SourceState[] {
  const most = exactCount(probabilities.length);
  const none = probabilities.reduce((product, probability) => product * (1 - probability), 1);
  const states: SourceState[] = [];
  const visit = (from: number, slow: readonly number[], probability: number): void => {
    states.push({ probability, slow });
    for (let next = from; slow.length < most && next < probabilities.length; next++) {
      const odds = probabilities[next]! / (1 - probabilities[next]!);
      visit(next + 1, [...slow, next], probability * odds);
    }
  };
  visit(0, [], none);
  if (most === probabilities.length) return states;
  const tail = tails(probabilities, most + 1);
  const left = tail[0]?.[most + 1] ?? 0;
  const draws = left > 0 ? Math.min(drawnMost, Math.max(8, Math.ceil(drawsEach * left))) : 0;
  for (let draw = 0; draw < draws; draw++) {
    states.push({ probability: left / draws, slow: drawnState(probabilities, tail, stream) });
  }
  return states;
}

/** Largest number of slow sources up to which all states are few. */
function exactCount(sources: number): number {
  let total = 1;
  let ways = 1;
  for (let slow = 1; slow <= sources; slow++) {
    ways = (ways * (sources - slow + 1)) / slow;
    total += ways;
    if (total > statesMost) return slow - 1;
  }
  return sources;
}

/** [i][j]: probability that at least j of the sources from i on are slow. */
function tails(probabilities: readonly number[], most: number): readonly (readonly number[])[] {
  const rows: number[][] = [[1, ...new Array<number>(most).fill(0)]];
  for (let source = probabilities.length - 1; source >= 0; source--) {
    const after = rows[0] ?? [];
    const probability = probabilities[source]!;
    rows.unshift(
      after.map((same, wanted) =>
        wanted === 0 ? 1 : probability * (after[wanted - 1] ?? 0) + (1 - probability) * same,
      ),
    );
  }
  return rows;
}

/** One state among those with as many slow sources as the tails' last column, in the right proportion. */
function drawnState(
  probabilities: readonly number[],
  tail: readonly (readonly number[])[],
  stream: RandomStream,
): readonly number[] {
  const slow: number[] = [];
  let wanted = (tail[0]?.length ?? 1) - 1;
  probabilities.forEach((probability, source) => {
    const after = tail[source + 1]?.[Math.max(0, wanted - 1)] ?? 0;
    const share = (probability * after) / (tail[source]?.[wanted] ?? 1);
    if (stream.uniform() >= share) return;
    slow.push(source);
    wanted = Math.max(0, wanted - 1);
  });
  return slow;
}
