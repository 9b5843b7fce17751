/**
 * How often tokens that a model's own module drafts are taken, where nobody says: a chance for each place, given that the
 * tokens before it were taken. A module that was trained for one place ahead and runs on its own results gets worse from
 * place to place; one trained over several places hardly does, and modules of their own for each place do not.
 *
 * Ignores: that text decides (code 0.9 at the first place, prose 0.5 [mtp-acceptance-text]), sampling, quantised modules.
 */

import type { ModelArchitecture } from "../catalog/model.ts";

/**
 * The second token of DeepSeek-V3's module is taken in 85 to 90 % of cases; the lower end.
 * @source deepseek-v3-report
 */
const first = 0.85;

/**
 * Chances at the second and third place against that at the first: of DeepSeek-V3.2 and -V4-Pro, and of Qwen3-Next, whose
 * kind is trained over several places (Qwen3.5's mean of 3.39 with three drafted is met by the same and 0.93).
 * @source mtp-acceptance-places
 */
const falling = { chained: [0.79, 0.56], severalPlaces: [0.94, 0.85] } as const;

/** Models whose module was trained over several places. @source mtp-acceptance-places */
const trainedOverSeveral = /^qwen3_(next|5)/;

/** Chances at the places of so many drafted tokens. @param start chance at the first place. */
export function usualAcceptance(
  { family, multiToken }: Pick<ModelArchitecture, "family" | "multiToken">,
  drafted: number,
  start: number = first,
): readonly number[] {
  const [second, third] = trainedOverSeveral.test(family) ? falling.severalPlaces : falling.chained;
  const alone = Math.max(1, multiToken?.modules ?? 1);
  const chances: number[] = [];
  for (let place = 0; place < drafted; place += 1) {
    const before = chances.at(-1) ?? start;
    const further = place - alone;
    // Places with modules of their own are as good as the first; beyond the third, chances go on falling alike.
    chances.push(further < 0 ? start : before * (further === 0 ? second : third / second));
  }
  return chances;
}
