/** Expected largest of independent random values, each with few outcomes. */

import { pow } from "../../base/math.ts";

export interface Outcome {
  readonly probability: number;
  readonly value: number;
}

/** So many independent values of one distribution. */
export interface Distribution {
  readonly outcomes: readonly Outcome[];
  readonly count: number;
}

/**
 * Expected maximum in closed form, over the distinct values v in ascending order:
 *
 *     E = sum over v of v (F(v) - F(v-)),   F(v) = product over distributions of P(value <= v)^count
 *
 * With one outcome v beside 0, of probability x, and N values, it is v (1 - (1 - x)^N): the chance that any is slow.
 * @source jiang-2024-megascale
 */
export function expectedMaximum(distributions: readonly Distribution[]): number {
  const present = distributions.filter(({ count, outcomes }) => count > 0 && outcomes.length > 0);
  const sorted = present.map(({ outcomes }) => [...outcomes].sort((a, b) => a.value - b.value));
  const values = [...new Set(sorted.flatMap((outcomes) => outcomes.map(({ value }) => value)))].sort((a, b) => a - b);
  const next = sorted.map(() => 0);
  const reached = sorted.map(() => 0);
  let expected = 0;
  let below = 0;
  for (const value of values) {
    let all = 1;
    sorted.forEach((outcomes, index) => {
      let at = next[index] ?? 0;
      for (; at < outcomes.length && (outcomes[at]?.value ?? 0) <= value; at++) {
        reached[index] = (reached[index] ?? 0) + (outcomes[at]?.probability ?? 0);
      }
      next[index] = at;
      // Probabilities add up to 1 but for rounding, which the last outcome takes.
      const share = at === outcomes.length ? 1 : Math.min(1, reached[index] ?? 0);
      all *= pow(share, present[index]?.count ?? 0);
    });
    expected += value * (all - below);
    below = all;
  }
  return expected;
}
