/** Which goodput the requirements want of the recommended option, and what that demands of checkpoints and restarts. */

import type { GoodputNeed, Requirement } from "../../report/index.ts";
import { demandsAt } from "../goodput.ts";
import type { WrittenOption } from "./options.ts";

/** The mark that a run is held to where no requirement says. */
const usual = 0.95;

export function goodputNeed(
  best: WrittenOption | undefined,
  requirements: readonly Requirement[],
): GoodputNeed | undefined {
  const { design, prediction } = best ?? {};
  if (design?.kind !== "training" || prediction?.wallTime === undefined) return undefined;
  const { wanted, requirement } = wantedOf(prediction.metrics.productiveTime, requirements);
  const found = demandsAt(design, wanted);
  if (found === undefined) return undefined;
  const { now, stall, interval, recovery, rate } = found;
  return {
    wanted,
    ...(requirement === undefined ? {} : { requirement }),
    now,
    ...(stall === undefined ? {} : { stall }),
    ...(interval === undefined ? {} : { interval }),
    ...(recovery === undefined ? {} : { recovery }),
    ...(rate === undefined ? {} : { rate }),
  };
}

/** The goodput itself, or the share of a time limit that the steps alone take. */
function wantedOf(
  work: number | undefined,
  requirements: readonly Requirement[],
): { readonly wanted: number; readonly requirement?: string } {
  const stated = requirements.flatMap(({ id, metric, sense, value }) => {
    if (metric === "trainingGoodput" && sense === "atLeast") return [{ wanted: value, requirement: id }];
    if (metric !== "timeToTrain" || sense !== "atMost" || work === undefined) return [];
    return [{ wanted: work / value, requirement: id }];
  });
  const possible = stated.filter(({ wanted }) => wanted > 0 && wanted < 1);
  return possible.sort((one, other) => other.wanted - one.wanted)[0] ?? { wanted: usual };
}
