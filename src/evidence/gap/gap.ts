/**
 * A gap between a measured and a predicted step, attributed to the parts of the step.
 *
 *     measured - predicted = sum of shares + unexplained
 *
 * First each timer that the log has pins its parts; the rest of the gap goes to the other parts. Within a timer, and
 * within the rest, parts share by variance up to their bounds (attribution.ts, suspects.ts). The remainder is said.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Prediction, TrainingDesign } from "../../scenario/index.ts";
import { sharesOf } from "./attribution.ts";
import type { Suspect } from "./suspect.ts";
import { suspectsOf } from "./suspects.ts";
import { type TimerGroup, timerGroups } from "./timers.ts";

export interface GapPart {
  readonly term: string;
  readonly label: string;
  readonly predicted: Seconds;
  /** Part of the gap that is attributed to it: more than predicted, or less where negative. */
  readonly share: Seconds;
  /** The least and the most it can be. */
  readonly bound: readonly [least: Seconds, most: Seconds];
  readonly why: string;
}

export interface TimerLine {
  readonly timer: string;
  readonly measured: Seconds;
  readonly predicted: Seconds;
  readonly terms: readonly string[];
  /** What of their difference no part of it can carry. */
  readonly unexplained: Seconds;
}

export interface Gap {
  readonly measured: Seconds;
  readonly predicted: Seconds;
  /** Measured less predicted. */
  readonly seconds: Seconds;
  /** Largest share first; those without a share last, in the order of the step. */
  readonly parts: readonly GapPart[];
  readonly unexplained: Seconds;
  readonly timers: readonly TimerLine[];
}

export interface MeasuredStep {
  readonly time: Seconds;
  /** Standard error of `time`, from the spread of the steps; 0 where none was seen. */
  readonly error: Seconds;
  readonly timers: Readonly<Record<string, Seconds>>;
}

/** Half of the 90 % interval of a normal distribution over its standard deviation: what errors are given in. */
const halfWidth = 1.645;

export function gapOf(design: TrainingDesign, prediction: Prediction, measured: MeasuredStep): Gap {
  const suspects = suspectsOf(design, prediction);
  const predicted = prediction.terms.value;
  const difference = measured.time - predicted;
  // A step written out to its last digit is the predicted one, up to the rounding of the tree's sums.
  const whole = Math.abs(difference) <= 1e-12 * predicted ? 0 : difference;
  const pinned: { readonly line: TimerLine; readonly parts: readonly GapPart[] }[] = [];
  for (const group of groupsOf(design, prediction, suspects, measured)) {
    const held = suspects.filter(({ term }) => group.terms.includes(term));
    if (held.length > 0) pinned.push(withinTimer(group, held));
  }
  const inTimers = new Set(pinned.flatMap(({ parts }) => parts.map(({ term }) => term)));
  const rest = pinned.reduce((left, { line }) => left - (line.measured - line.predicted), whole);
  const free = suspects.filter(({ term }) => !inTimers.has(term));
  const parts = [...pinned.flatMap((each) => each.parts), ...shared(rest, free, halfWidth * measured.error)];
  const order = new Map(suspects.map(({ term }, index) => [term, index]));
  const place = ({ term }: GapPart): number => order.get(term) ?? 0;
  const ranked = parts.sort((a, b) => Math.abs(b.share) - Math.abs(a.share) || place(a) - place(b));
  return {
    measured: measured.time,
    predicted,
    seconds: whole,
    parts: ranked,
    unexplained: leftOf(whole, ranked),
    timers: pinned.map(({ line }) => line),
  };
}

/** A gap without timers: all parts share it by variance, up to their bounds. `error` is that of the measurement. */
export function gapBetween(
  measured: Seconds,
  predicted: Seconds,
  suspects: readonly Suspect[],
  error: Seconds = 0,
): Gap {
  const difference = measured - predicted;
  const whole = Math.abs(difference) <= 1e-12 * predicted ? 0 : difference;
  const parts = [...shared(whole, suspects, halfWidth * error)];
  const ranked = parts.sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  return { measured, predicted, seconds: whole, parts: ranked, unexplained: leftOf(whole, ranked), timers: [] };
}

function groupsOf(
  design: TrainingDesign,
  { terms }: Prediction,
  suspects: readonly Suspect[],
  { timers }: MeasuredStep,
): readonly TimerGroup[] {
  if (Object.keys(timers).length === 0) return [];
  const computation = new Set<string>();
  for (const pass of terms.children.find(({ name }) => name === "computation")?.children ?? []) {
    for (const { name } of pass.children) computation.add(name);
  }
  const all = suspects.map(({ term }) => term);
  return timerGroups(timers, { all, computation: [...computation] }, design.case.software.overlap);
}

/** Parts of one timer: a single one is off by what was measured, several share it. */
function withinTimer(group: TimerGroup, held: readonly Suspect[]): { line: TimerLine; parts: readonly GapPart[] } {
  const predicted: Seconds = held.reduce((sum, suspect) => sum + suspect.predicted, 0);
  const off = group.measured - predicted;
  const [only] = held;
  const parts = held.length === 1 && only !== undefined ? [measuredPart(only, off, group)] : shared(off, held, 0);
  const unexplained = leftOf(off, parts);
  const { timer, measured } = group;
  return { line: { timer, measured, predicted, terms: held.map(({ term }) => term), unexplained }, parts };
}

/** What no share covers; the rounding of a sum that covers all is nothing. */
function leftOf(gap: Seconds, parts: readonly GapPart[]): Seconds {
  const left = parts.reduce((rest, { share }) => rest - share, gap);
  const size = parts.reduce((sum, { share }) => sum + Math.abs(share), Math.abs(gap));
  return Math.abs(left) <= 1e-12 * size ? 0 : left;
}

function measuredPart(suspect: Suspect, share: Seconds, { timer }: TimerGroup): GapPart {
  const { term, label, predicted } = suspect;
  return { term, label, predicted, share, bound: [share, share], why: `measured by the timer ${timer}` };
}

/** A gap shared by variance, up to the bounds. */
function shared(gap: Seconds, suspects: readonly Suspect[], noise: Seconds): readonly GapPart[] {
  const side = gap < 0 ? "less" : "more";
  const sign = gap < 0 ? -1 : 1;
  const carriers = suspects.map(({ error, bound }) => ({ weight: error[side] * error[side], room: bound[side] }));
  const shares = sharesOf(Math.abs(gap), carriers, noise * noise);
  return suspects.map(({ term, label, predicted, bound, why }, index): GapPart => {
    const share = shares[index] ?? 0;
    return {
      term,
      label,
      predicted,
      // Not -0, which a document would print.
      share: share === 0 ? 0 : sign * share,
      bound: [bound.less === 0 ? 0 : -bound.less, bound.more],
      why,
    };
  });
}
