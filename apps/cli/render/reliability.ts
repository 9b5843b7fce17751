/** A run under failures for people: what interrupts it, what its checkpoints take, where its wall time goes. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Prediction } from "../../../src/scenario/index.ts";
import type { View } from "../view.ts";
import { renderBreakdown } from "./breakdown.ts";

/** Rows of the summary: goodput, interruptions, checkpoints, deadline. None without reliability. */
export function reliabilityRows({ metrics }: Prediction, deadline: number | undefined): [string, string][] {
  const { trainingGoodput, timeBetweenInterruptions, checkpointSize, deadlineProbability } = metrics;
  if (trainingGoodput === undefined || timeBetweenInterruptions === undefined) return [];
  const time = (name: string): string => formatQuantity(metrics[name] ?? 0, "seconds");
  const count = metrics.interruptions;
  const inAll = count === undefined ? "" : `, ${formatQuantity(Math.round(count), "count")} in the run`;
  const { checkpointInterval = 0, productiveTime = Number.POSITIVE_INFINITY } = metrics;
  const withinRun = checkpointInterval <= productiveTime;
  const saved = formatQuantity(checkpointSize ?? 0, "bytes");
  const rows: [string, string][] = [
    ["goodput", `${formatQuantity(trainingGoodput, "ratio")} of the time is work that counts`],
    [
      "interruptions",
      `every ${formatQuantity(timeBetweenInterruptions, "seconds")}${inAll}; ${time("restartTime")} each until steps go on`,
    ],
    [
      "checkpoints",
      withinRun
        ? `${saved} every ${time("checkpointInterval")}: steps stall ${time("checkpointStall")}, safe after ${time("checkpointPersistTime")}`
        : `none within the run: it is shorter than the ${time("checkpointInterval")} between two`,
    ],
  ];
  if (deadline !== undefined && deadlineProbability !== undefined) {
    const chance = chanceText(deadlineProbability);
    rows.push(["on time", `${chance} likely within ${formatQuantity(deadline, "seconds")}`]);
  }
  return rows;
}

/** No more certain than the model of it is. */
function chanceText(probability: number): string {
  if (probability > 0.999) return "more than 99.9 %";
  return probability < 0.001 ? "less than 0.1 %" : formatQuantity(probability, "ratio");
}

/** ` (failures let 90 % of runs end within 84 days)`. */
export function spreadText({ metrics }: Prediction): string {
  const { "timeToTrain.p50": half, "timeToTrain.p90": most } = metrics;
  if (half === undefined || most === undefined) return "";
  return ` (failures let 90 % of runs end within ${formatQuantity(most, "seconds")})`;
}

/** The tree of the wall time as bars. */
export function wallTimeLines({ wallTime }: Prediction, view: View): string[] {
  if (wallTime === undefined) return [];
  return ["", view.bold("Where the time to train goes"), renderBreakdown(wallTime, view)];
}

/** What interrupts the job, the most frequent first. */
export function interruptionLines({ interruptions = [] }: Prediction, view: View): string[] {
  if (interruptions.length < 2) return [];
  const rate = interruptions.reduce((sum, each) => sum + 1 / each.meanTimeBetweenInterruptions, 0);
  const rows = [...interruptions].sort((a, b) => a.meanTimeBetweenInterruptions - b.meanTimeBetweenInterruptions);
  const width = Math.max(...rows.map(({ label }) => label.length));
  const lines = rows.map(({ label, count, meanTimeBetweenInterruptions }) => {
    const share = formatQuantity(1 / meanTimeBetweenInterruptions / rate, "ratio").padStart(7);
    const every = formatQuantity(meanTimeBetweenInterruptions, "seconds");
    return `  ${label.padEnd(width)} ${share}  every ${every} over ${formatQuantity(count, "count")}`;
  });
  return ["", view.bold("What interrupts it"), ...lines];
}
