/** Tokens that drafting gains, and the time that it takes from those who wait for it. */

import type { Seconds } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import type { RequestState } from "../request-state.ts";
import type { Plan } from "./plan.ts";
import type { Speculation } from "./settings.ts";

/** Draws the tokens that a generating row gains from one iteration: one, and the drafted ones that are accepted. */
export function drawnGain({ drafted, acceptance }: Speculation, random: RandomStream): () => number {
  return () => {
    let accepted = 0;
    while (accepted < drafted) {
      if (random.uniform() >= (acceptance[accepted] ?? 0)) break;
      accepted += 1;
    }
    return 1 + accepted;
  };
}

/** Sequences that went on waited for the drafting of the iteration. */
export function addDrafting(plan: Plan, { epoch, drafting }: RequestState, time: Seconds): void {
  for (let index = 0; index < plan.count; index++) {
    const row = plan.rows[index]!;
    if (plan.generating[index] === 1 && plan.epochs[index]! === epoch[row]!) drafting[row]! += time;
  }
}
