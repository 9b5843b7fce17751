/**
 * `explain --goodput`: what a wanted goodput demands. Each of stall, recovery, interval and time between failures alone,
 * with all else as it is; and for several stalls the interval that is best and the recovery that is left.
 */

import { ProblemError } from "../base/problem.ts";
import { parseRatio, type Seconds } from "../base/quantity.ts";
import { bestInterval, type Demands, demandsOf, goodputOf, type TieredPlan } from "../reliability/index.ts";
import { type DesignOf, underFailures } from "../scenario/index.ts";
import { predictTraining } from "../training/index.ts";

export interface GoodputDemands extends Demands {
  /** As it is now: while nodes are not waited for. */
  readonly now: {
    readonly goodput: number;
    readonly stall: Seconds;
    readonly interval: Seconds;
    /** Detection, restart and loading. */
    readonly recovery: Seconds;
    readonly timeBetweenInterruptions: Seconds;
  };
  readonly budgets: readonly GoodputBudget[];
}

/** A stall, and what goes with it. */
export interface GoodputBudget {
  readonly stall: Seconds;
  readonly interval: Seconds;
  /** Share of the time in stalls and work done again, with no time to recover at all. */
  readonly overhead: number;
  /** Longest recovery; absent where there is none left. */
  readonly recovery?: Seconds;
}

const budgetStalls: readonly Seconds[] = [0.1, 1, 5, 20, 60, 180];

/** @throws ProblemError where the goodput is no share, or the scenario has no failures. */
export function goodputDemands(design: DesignOf<"training">, wanted: string): GoodputDemands {
  const read = parseRatio(wanted);
  if (!read.ok || !(read.value > 0 && read.value < 1)) {
    const message = `found "${wanted}", expected a share between 0 and 1`;
    throw new ProblemError([{ path: "--goodput", message, hint: 'e.g. "95 %"' }]);
  }
  const found = demandsAt(design, read.value);
  if (found === undefined) {
    const hint = "add reliability, e.g. reliability: { checkpoint: { every: 30 min } }";
    throw new ProblemError([{ path: "reliability", message: "missing; without failures goodput is 100 %", hint }]);
  }
  return found;
}

/** The same of a share; undefined without failures. */
export function demandsAt({ training: design }: DesignOf<"training">, wanted: number): GoodputDemands | undefined {
  if (design.reliability === undefined) return undefined;
  const { plan, least } = underFailures(design, design.reliability, { step: predictTraining(design.case).stepTime });
  const { store } = plan;
  return {
    ...demandsOf(plan, wanted, least),
    now: {
      goodput: goodputOf(plan),
      stall: store.stall,
      interval: store.interval,
      recovery: store.detection + store.restart,
      timeBetweenInterruptions: 1 / store.rate,
    },
    budgets: budgetStalls.map((stall) => budgetOf(plan, { stall, goodput: wanted, least })),
  };
}

function budgetOf(
  plan: TieredPlan,
  { stall, goodput, least }: { readonly stall: Seconds; readonly goodput: number; readonly least: Seconds },
): GoodputBudget {
  const interval = bestInterval({ rate: plan.store.rate, stall, least });
  const store = { ...plan.store, stall, interval };
  const overhead = 1 - goodputOf({ ...plan, store: { ...store, detection: 0, restart: 0 } });
  const { recovery } = demandsOf({ ...plan, store }, goodput, least);
  return { stall, interval, overhead, ...(recovery === undefined ? {} : { recovery }) };
}
