/** What is said about drawn sequences: padding, how many were drawn, and what each balancer would gain. */

import { formatQuantity, type Seconds } from "../../base/quantity.ts";
import type { TrainingCase } from "../case.ts";
import type { TrainingPrediction } from "../result.ts";
import type { SequenceLengths } from "./lengths.ts";
import type { LengthOutcome } from "./step.ts";

const balancers: readonly SequenceLengths["balance"][] = ["none", "sorted", "workload"];

/** @param stepTime of the same case under another balancer. */
export function lengthAssumptions(
  c: TrainingCase & { readonly lengths: SequenceLengths },
  outcome: LengthOutcome,
  stepTime: (balance: SequenceLengths["balance"]) => Seconds,
): TrainingPrediction["assumptions"] {
  const { tokens, computed, steps, time, deviation } = outcome;
  const padding = Math.max(0, 1 - tokens / computed);
  const none = stepTime("none");
  const gains = balancers.map((balance) => {
    const other = stepTime(balance);
    const change = balance === "none" ? "" : ` (${percent(other / none - 1)})`;
    return `${balance} ${formatQuantity(other, "seconds")}${change}`;
  });
  return [
    {
      path: "workload.lengths",
      value: `${percent(padding)} of the computed tokens are padding`,
      reason: `rates and model FLOP count the others; mean of ${steps} drawn steps, standard error ${percent(deviation / time)}`,
    },
    {
      path: "workload.lengths.balance",
      value: c.lengths.balance,
      reason: `step time by balancer: ${gains.join(", ")}`,
    },
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
