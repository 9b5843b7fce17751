/**
 * Logs against a specification: each test passed, failed or is missing, each limit with what was measured, the threshold
 * and the margin. A limit without a threshold is written down and judges nothing.
 */

import type { Problem } from "../base/problem.ts";
import type { ReadLog } from "./log/read.ts";
import type { MeasuredValue, Reading } from "./log/reading.ts";
import type { Limit, Specification, SpecifiedTest } from "./specification.ts";

export type TestVerdict = "passed" | "failed" | "missing" | "recorded";

export interface LimitResult extends Pick<Limit, "metric" | "unit" | "size" | "direction" | "predicted" | "threshold"> {
  readonly verdict: TestVerdict;
  /** Null where no log says it. */
  readonly measured: number | null;
  /** Share of the threshold by which it is met, or missed where negative. */
  readonly margin: number | null;
  readonly file?: string;
  /** Which of several in one log. */
  readonly of?: string;
  /** What makes it fail whatever its value, or why nothing judges it. */
  readonly reason?: string;
}

export interface TestResult extends Pick<SpecifiedTest, "id" | "requirement" | "kind" | "title" | "command"> {
  readonly verdict: TestVerdict;
  /** Logs read, and logs that the specification asks for. */
  readonly logs: number;
  readonly asked: number;
  readonly results: readonly LimitResult[];
  readonly notes: readonly string[];
}

export interface SpecificationVerdict {
  readonly specification: string;
  readonly pass: boolean;
  readonly tests: readonly TestResult[];
  readonly counts: Readonly<Record<TestVerdict, number>>;
  /** Logs, or parts of them, that were not judged, with the reason. */
  readonly left: readonly Problem[];
}

export function judgeSpecification(specification: Specification, logs: readonly ReadLog[]): SpecificationVerdict {
  const readings = logs.flatMap((log) => log.readings);
  const tests = specification.tests.map((test) =>
    judgeTest(
      test,
      readings.filter((reading) => belongs(test, reading)),
    ),
  );
  const strangers = readings.filter((reading) => !specification.tests.some((test) => belongs(test, reading)));
  const count = (verdict: TestVerdict): number => tests.filter((test) => test.verdict === verdict).length;
  const counts = {
    passed: count("passed"),
    failed: count("failed"),
    missing: count("missing"),
    recorded: count("recorded"),
  };
  return {
    specification: specification.name,
    pass: counts.failed === 0 && counts.missing === 0,
    tests,
    counts,
    left: [...logs.flatMap(({ left }) => left), ...strangers.map((reading) => strange(specification, reading))],
  };
}

/** Mean tokens of a benchmark's requests lie this near to those asked for. */
const near = 0.05;

function belongs({ kind, match }: SpecifiedTest, reading: Reading): boolean {
  return kind === reading.kind && differing(match, reading).length === 0;
}

function differing(match: SpecifiedTest["match"], { about, kind }: Reading): readonly string[] {
  return Object.keys(match).filter((key) => {
    const [asked, found] = [match[key], about[key]];
    if (found === undefined || asked === undefined) return false;
    if (kind === "serving" && typeof asked === "number") return Math.abs(Number(found) - asked) > near * asked;
    return found !== asked;
  });
}

/** A log of another test: how it differs from the nearest one that is asked for. */
function strange({ tests }: Specification, reading: Reading): Problem {
  const { file, kind, about } = reading;
  const said = Object.entries(about).map(([key, value]) => `${key} ${value}`);
  const location = { file, line: 1, column: 1 };
  const alike = tests
    .filter((test) => test.kind === kind)
    .map((test) => ({ test, by: differing(test.match, reading) }))
    .sort((a, b) => a.by.length - b.by.length);
  const [nearest] = alike;
  const message = `a log of another test: ${kind}${said.length === 0 ? "" : `, ${said.join(", ")}`}`;
  if (nearest === undefined)
    return { path: "", message, hint: `the specification has no test of kind ${kind}`, location };
  const wanted = nearest.by.map((key) => `${key} ${nearest.test.match[key]}`).join(", ");
  return { path: "", message, hint: `nearest is ${nearest.test.id}, which has ${wanted}`, location };
}

function judgeTest(test: SpecifiedTest, readings: readonly Reading[]): TestResult {
  const { id, requirement, kind, title, command, limits, logs } = test;
  const results = readings.length === 0 ? [] : limits.flatMap((limit) => judgeLimit(limit, readings));
  const has = (verdict: TestVerdict): boolean => results.some((result) => result.verdict === verdict);
  const verdict = has("failed")
    ? "failed"
    : readings.length === 0 || has("missing")
      ? "missing"
      : has("passed")
        ? "passed"
        : "recorded";
  const files = new Set(readings.map(({ file }) => file)).size;
  const notes = [...new Set([...readings.flatMap((reading) => reading.notes), ...ignored(limits, readings)])];
  return { id, requirement, kind, title, command, verdict, logs: files, asked: logs, results, notes };
}

/** Sizes that were measured beside those asked for. */
function ignored(limits: readonly Limit[], readings: readonly Reading[]): readonly string[] {
  const asked = limits.flatMap(({ size }) => (size === undefined ? [] : [size]));
  const sizes = readings.flatMap(({ values }) => values.flatMap(({ size }) => (size === undefined ? [] : [size])));
  const other = new Set(sizes.filter((size) => !asked.some((each) => sameSize(size, each))));
  return other.size === 0 ? [] : [`${other.size} sizes that the specification does not have are not judged`];
}

function judgeLimit(limit: Limit, readings: readonly Reading[]): readonly LimitResult[] {
  const found = readings.flatMap(({ file, values }) =>
    values
      .filter(({ metric, size }) => metric === limit.metric && sameSize(size, limit.size))
      .map((value) => judged(limit, value, file)),
  );
  if (found.length > 0) return found;
  return limit.threshold === null ? [] : [{ ...common(limit), verdict: "missing", measured: null, margin: null }];
}

/** Tests round sizes down to whole elements of every rank. */
const rounded = 0.02;

function sameSize(size: number | undefined, asked: number | undefined): boolean {
  if (size === undefined || asked === undefined) return size === asked;
  return size <= asked && size >= asked * (1 - rounded);
}

function judged(limit: Limit, { value, fault, of }: MeasuredValue, file: string): LimitResult {
  const { threshold, direction } = limit;
  const where = { file, ...(of === undefined ? {} : { of }) };
  const margin = threshold === null ? null : direction === "at-least" ? value / threshold - 1 : 1 - value / threshold;
  const head = { ...common(limit), ...where, measured: value, margin };
  if (fault !== undefined) return { ...head, verdict: "failed", reason: fault };
  if (margin === null) return { ...head, verdict: "recorded", reason: limit.reason };
  return { ...head, verdict: margin >= 0 ? "passed" : "failed" };
}

function common({ metric, unit, size, direction, predicted, threshold }: Limit) {
  return { metric, unit, ...(size === undefined ? {} : { size }), direction, predicted, threshold };
}
