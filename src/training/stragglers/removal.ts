/** What removing each straggler is worth: the step without it, all others staying. */

import type { Seconds } from "../../base/quantity.ts";
import type { StragglerEffect } from "./effect.ts";
import { type Straggler, stragglerText } from "./straggler.ts";

export interface StragglerRemoval {
  /** `rank 12, computation x 1.3`; `all of them` where there are several. */
  readonly removed: string;
  readonly stepTime: Seconds;
  /** Throughput gained: present step time over the one without it, minus 1. */
  readonly gain: number;
}

/** One for each straggler in the order of the list, and one for all together where there are several. */
export function stragglerRemovals(
  list: readonly Straggler[],
  step: { readonly stepTime: Seconds; readonly injectedStragglers: Seconds },
  effectOf: (list: readonly Straggler[]) => StragglerEffect,
): readonly StragglerRemoval[] {
  const healthy = step.stepTime - step.injectedStragglers;
  const removal = (removed: string, added: Seconds): StragglerRemoval => {
    const stepTime = healthy + added;
    return { removed, stepTime, gain: step.stepTime / stepTime - 1 };
  };
  const each = list.map((straggler, index) =>
    removal(stragglerText(straggler), effectOf(list.filter((_, other) => other !== index)).added),
  );
  return list.length > 1 ? [...each, removal("all of them", 0)] : each;
}
