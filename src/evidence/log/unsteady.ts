/**
 * Steps that a median hides: a run that slowed down on its way, or one that stalls now and then. The gap is that of the
 * usual step, so what the others lose is said in words.
 */

import { median } from "../../base/statistics.ts";
import type { LogSample } from "./format.ts";
import { slowness } from "./summary.ts";

/** A step is slow from this many times the median. */
const slowFrom = 1.2;
/** The mean above the median by more than this share is worth a word. */
const worthAWord = 0.05;

/** What to say of steps that a log uses; nothing of a steady run. Steps without a time are left out. */
export function unsteadySteps(samples: readonly LogSample[]): string[] {
  const timed = samples.flatMap((sample, index) => {
    const time = slowness(sample);
    return Number.isFinite(time) ? [{ time, step: sample.step ?? index + 1 }] : [];
  });
  const usual = median(timed.map(({ time }) => time));
  const mean = timed.reduce((sum, { time }) => sum + time, 0) / timed.length;
  if (timed.length < 4 || mean <= (1 + worthAWord) * usual) return [];
  const slow = timed.filter(({ time }) => time > slowFrom * usual);
  const first = slow[0];
  if (first === undefined) return [];
  const after = timed.slice(timed.indexOf(first));
  const lasting = slow.length > 2 && slow.length >= 0.9 * after.length;
  const where = lasting ? `, nearly all from step ${first.step} on: the run slowed down there` : "";
  const above = `${((mean / usual - 1) * 100).toFixed(0)} %`;
  return [
    `${slow.length} of ${timed.length} steps took more than ${slowFrom} times the median${where}; the mean is ${above} above the median, and the gap is that of the median`,
  ];
}
