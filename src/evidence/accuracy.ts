/**
 * Measured accuracy as data: the ratchet (`evidence/accuracy.json`: the error on every record) and the table that
 * predictions attach their intervals from (`catalog/accuracy`).
 */

import type { AccuracyCase, AccuracyClass, AccuracyTable } from "../catalog/accuracy/index.ts";
import type { Decision } from "./decisions.ts";
import { type Ratio, rangeOf } from "./intervals.ts";
import type { Features, Line, Replayed } from "./replay.ts";
import type { ErrorSummary } from "./statistics.ts";
import { reportOf, type ValidateReport } from "./validate.ts";

/** Error of every primary value, by record and metric; null with a reason where there is no prediction. */
export interface AccuracyFile {
  readonly about: string;
  readonly summary: ValidateReport["summary"];
  readonly groups: ValidateReport["groups"];
  readonly decisions: Omit<Decision, "group">;
  readonly records: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
}

const digits = 4;

/** The ratchet of a set of replayed records, errors rounded to four decimals. */
export function accuracyFile(replayed: readonly Replayed[]): AccuracyFile {
  const report = reportOf(replayed);
  const records = replayed.map(({ record, lines }) => {
    const errors = lines
      .filter(({ primary }) => primary)
      .map((line) => [line.metric, line.error, line.reason] as const);
    return [record.id, Object.fromEntries(errors.map(([metric, error, reason]) => [metric, shown(error, reason)]))];
  });
  return {
    about: "Error of the models (predicted / measured - 1) on every record; written by tools/accuracy.ts.",
    summary: mapSummary(report.summary),
    groups: report.groups.map((group) => ({ ...group, ...rounded(group) })),
    decisions: totalDecisions(report.decisions),
    records: Object.fromEntries(records),
  };
}

function shown(error: number | null, reason: string | undefined): number | string {
  return error === null ? (reason ?? "no prediction") : round(error);
}

function round(value: number): number {
  return Number(value.toFixed(digits));
}

function rounded(summary: ErrorSummary): ErrorSummary {
  const each = (value: number | null): number | null => (value === null ? null : round(value));
  return {
    count: summary.count,
    failed: summary.failed,
    medianAbsError: each(summary.medianAbsError),
    p90AbsError: each(summary.p90AbsError),
    bias: each(summary.bias),
  };
}

function mapSummary(summary: ValidateReport["summary"]): ValidateReport["summary"] {
  const kinds = Object.entries(summary).map(([kind, metrics]) => {
    const entries = Object.entries(metrics).map(([metric, value]) => [metric, rounded(value)]);
    return [kind, Object.fromEntries(entries)];
  });
  return Object.fromEntries(kinds);
}

/** All groups together. */
export function totalDecisions(decisions: readonly Decision[]): Omit<Decision, "group"> {
  const sum = (of: (decision: Decision) => number): number => decisions.reduce((total, entry) => total + of(entry), 0);
  const pairs = sum((entry) => entry.pairs);
  const regret = pairs === 0 ? 0 : sum((entry) => entry.meanRegret * entry.pairs) / pairs;
  return {
    pairs,
    rightOrder: sum((entry) => entry.rightOrder),
    cannotTell: sum((entry) => entry.cannotTell),
    meanRegret: round(regret),
  };
}

const level = 0.9;

/** Metrics of which less is better: their ratio is predicted over measured; that of a rate is turned over. */
const costs = new Set(["stepTime", "memoryPerAccelerator", "modelStateMemory", "activationMemory"]);

/** Every judged value of replayed records. */
export function ratiosOf(replayed: readonly Replayed[]): readonly Ratio[] {
  return replayed.flatMap(({ record, lines, features }) => {
    if (features === undefined || record.anomaly !== undefined) return [];
    const { generation, architecture } = features;
    return lines.filter(isJudged).map((line): Ratio => {
      const over = (line.predicted ?? Number.NaN) / line.measured;
      const ratio = round(isCost(line.metric) ? over : 1 / over);
      return { kind: kindOf(record.kind, line.metric), source: record.source.title, generation, architecture, ratio };
    });
  });
}

/** Accuracy by kind, hardware generation and architecture, with the measured cases to be near to. */
export function accuracyTableOf(replayed: readonly Replayed[]): AccuracyTable {
  return { level, classes: accuracyClasses(ratiosOf(replayed)), cases: accuracyCases(replayed) };
}

function accuracyCases(replayed: readonly Replayed[]): readonly AccuracyCase[] {
  const cases = new Map<string, AccuracyCase>();
  for (const { record, lines, features } of replayed) {
    if (features === undefined || record.anomaly !== undefined) continue;
    for (const line of lines.filter(isJudged)) {
      const kind = kindOf(record.kind, line.metric);
      const measured = caseOf(record.id, kind, features);
      const { id, ...place } = measured;
      // Of serving runs that differ in load alone one is enough to be near to.
      const key = kind === record.kind ? id : JSON.stringify(place);
      if (!cases.has(key)) cases.set(key, measured);
    }
  }
  return [...cases.values()];
}

/** One class for each generation and architecture that was measured, with the range of its interval. */
export function accuracyClasses(ratios: readonly Ratio[]): readonly AccuracyClass[] {
  const classes = new Map<string, Ratio[]>();
  for (const each of ratios) {
    const name = [each.kind, each.generation, each.architecture].join(" ");
    classes.set(name, [...(classes.get(name) ?? []), each]);
  }
  return [...classes.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { kind, generation, architecture } = first;
    const range = rangeOf(
      ratios.filter((each) => each.kind === kind),
      first,
    );
    const sources = new Set(own.map(({ source }) => source)).size;
    return [
      { kind, generation, architecture, count: own.length, sources, low: round(range.low), high: round(range.high) },
    ];
  });
}

/** Primaries with a prediction; of serving only those whose load leaves the fleet room. */
function isJudged({ primary, predicted, metric, load }: Line): boolean {
  return primary && predicted !== null && metric !== "verdict" && load !== "near or above capacity";
}

function isCost(metric: string): boolean {
  return costs.has(metric) || metric.includes(".");
}

/** Serving is judged by metric: first tokens are missed by more than the time of the next ones. */
function kindOf(kind: string, metric: string): string {
  if (!kind.startsWith("serving-")) return kind;
  const name = metric.replace(/\..*/, "").replace("interTokenLatency", "timePerOutputToken");
  return /Second/.test(name) ? "serving-rate" : `serving-${name}`;
}

function caseOf(id: string, kind: string, features: Features): AccuracyCase {
  const { generation, architecture, accelerators, parameters, sequence } = features;
  return { id, kind, generation, architecture, accelerators, parameters, sequence };
}
