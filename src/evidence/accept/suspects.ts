/**
 * Which fault explains a shortfall. Each hypothesis predicts the same sweep; one whose curve the log follows within the
 * noise of predictions is a suspect. Two curves that differ by less than that cannot be told apart by this log.
 */

import { log } from "../../base/math.ts";
import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { type Hypothesis, hypotheses, type LinkClass, type SizeAsked } from "./hypothesis/index.ts";
import type { SizeVerdict } from "./judge.ts";
import type { Question } from "./question.ts";

export interface Suspect {
  readonly name: string;
  readonly linkClass: LinkClass;
  readonly label: string;
  /** Root mean square of ln(measured/predicted) over the noise; up to 1 the log follows the curve. */
  readonly distance: number;
  readonly matches: boolean;
  /** Numbers that were fitted to the log itself. */
  readonly free: number;
  /** Bus bandwidth at each size of the log, with the fault. */
  readonly curve: readonly { readonly size: Bytes; readonly busBandwidth: BytesPerSecond }[];
  readonly test: string;
  /** True where messages of the library in the log say so. */
  readonly stated: boolean;
  /** Logs that passed and could not have, with this fault on any of the hosts. */
  readonly clearedBy?: readonly string[];
}

/** A run with its verdicts. */
export interface Judged {
  readonly question: Question;
  readonly verdicts: readonly SizeVerdict[];
}

/** Suspects of a run that failed, nearest first; those that other runs clear come last. */
export function suspectsOf(failed: Judged, others: readonly Judged[]): readonly Suspect[] {
  const sound = others.filter((other) => passes(other.verdicts) && !sameTest(failed, other));
  const found = hypotheses
    .filter((hypothesis) => hypothesis.applies(failed.question))
    .map((hypothesis) => suspectOf(hypothesis, failed, sound));
  const order = ({ stated, matches, clearedBy }: Suspect): number =>
    clearedBy !== undefined ? 3 : matches ? (stated ? 0 : 1) : 2;
  // Sorting is stable: among equals the likelier stays first.
  return found.filter((one) => !isSaid(one, found)).sort((a, b) => order(a) - order(b) || ranking(a) - ranking(b));
}

/** A fitted fault beside one of its class that needs no fitting and lies as near says the same again. */
function isSaid({ free, linkClass, distance }: Suspect, all: readonly Suspect[]): boolean {
  return all.some(
    (other) => free > other.free && other.linkClass === linkClass && other.matches && other.distance <= distance + step,
  );
}

/** A test that passes once and fails once tells of a fault that comes and goes: it clears nothing. */
export function sameTest({ question: one }: Judged, { question: other }: Judged): boolean {
  const hosts = ({ run }: Question): string => [...run.hosts].sort().join(" ");
  return one.operation === other.operation && one.run.ranks === other.run.ranks && hosts(one) === hosts(other);
}

function passes(verdicts: readonly SizeVerdict[]): boolean {
  return verdicts.every(({ verdict }) => verdict === "pass");
}

/** Distances nearer than this do not rank: it is what predictions are off by where they are good. */
const step = 0.25;
/** What a number that is fitted to the log must gain. */
const freedom = 0.25;

function ranking({ distance, free }: Suspect): number {
  return Math.round((distance + free * freedom) / step);
}

function suspectOf(hypothesis: Hypothesis, failed: Judged, sound: readonly Judged[]): Suspect {
  const { question, verdicts } = failed;
  const sizes = asked(verdicts);
  const times = hypothesis.times(question, sizes);
  const distance = distanceOf(verdicts, times);
  const factor = question.run.program.factor(question.run.ranks);
  const clearing = clearingLogs(hypothesis, failed, sound);
  return {
    name: hypothesis.name,
    linkClass: hypothesis.linkClass,
    label: hypothesis.described?.(question, sizes) ?? hypothesis.label,
    distance,
    free: hypothesis.free ?? 0,
    matches: distance <= 1,
    curve: verdicts.map(({ size }, index) => ({ size, busBandwidth: (size / (times[index] ?? 1)) * factor })),
    test: hypothesis.test,
    stated: hypothesis.stated?.(question.run.clues) ?? false,
    ...(clearing === undefined ? {} : { clearedBy: clearing }),
  };
}

/** Logs that together show every host of the failed run without the fault; undefined where they leave one out. */
function clearingLogs(
  hypothesis: Hypothesis,
  { question }: Judged,
  sound: readonly Judged[],
): readonly string[] | undefined {
  const { hosts } = question.run;
  const clearing = sound.filter((other) => other.question.run.hosts.some((host) => hosts.includes(host)));
  const used = clearing.filter((other) => clears(hypothesis, other));
  const seen = new Set(used.flatMap((other) => other.question.run.hosts));
  if (hosts.length === 0 || hosts.some((host) => !seen.has(host))) return undefined;
  return [...new Set(used.map((other) => other.question.run.file))];
}

/** The log of another test on the same hosts is faster than the fault allows. */
function clears(hypothesis: Hypothesis, { question, verdicts }: Judged): boolean {
  if (!hypothesis.applies(question)) return false;
  const times = hypothesis.times(question, asked(verdicts));
  return verdicts.some(({ measured, width }, index) => log((times[index] ?? 0) / measured.time) > width);
}

function asked(verdicts: readonly SizeVerdict[]): readonly SizeAsked[] {
  return verdicts.map(({ size, algorithm, measured, predicted, width }) => ({
    size,
    healthy: algorithm,
    measured: measured.time,
    predicted: predicted.time,
    width,
  }));
}

/** Over the sizes that failed, and over all: a curve must explain what is slow and what is not. */
function distanceOf(verdicts: readonly SizeVerdict[], times: readonly Seconds[]): number {
  const off = verdicts.map(({ measured, width, reason }, index) => {
    const share = log((times[index] ?? 0) / measured.time) / width;
    return { square: share * share, slow: reason === "too slow" };
  });
  const mean = (list: typeof off): number =>
    list.reduce((sum, { square }) => sum + square, 0) / Math.max(1, list.length);
  return Math.sqrt(Math.max(mean(off.filter(({ slow }) => slow)), mean(off)));
}
