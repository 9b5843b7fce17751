/** Recorded requests: the format by name or by what the file begins with, and how it is read. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { formatQuantity } from "../../base/quantity.ts";
import {
  asRecorded,
  detectFormat,
  type RateChoice,
  type ReadOptions,
  type RequestFormat,
  readRequests,
  requestFormats,
  type TraceFile,
} from "../../workload/request/reader/index.ts";
import type { RequestsText } from "../schema/requests.ts";
import type { RequestsDesign } from "../serving/design.ts";
import { type Notes, problem } from "./notes.ts";
import { lawOf, requestsPath as path, type RequestsContext } from "./request-arrivals.ts";

/** Characters of a file that show its format. */
const beginning = 4096;

export function resolveTrace(
  written: RequestsText,
  context: RequestsContext,
  notes: Notes,
): RequestsDesign | undefined {
  const files = filesOf(written, context, notes);
  const format = files === undefined ? undefined : formatOf(written, files, notes);
  if (files === undefined || format === undefined) return undefined;
  const before = notes.problems.length;
  const options = optionsOf(written, format, context, notes);
  if (notes.problems.length > before) return undefined;
  try {
    const { list, skipped, clipped, notes: said } = readRequests(format, files, options);
    for (const note of said) notes.warnings.push(note);
    if (skipped > 0) notes.warnings.push(`${formatQuantity(skipped, "count")} malformed lines were skipped`);
    if (clipped > 0)
      notes.warnings.push(`${formatQuantity(clipped, "count")} requests were cut to what the engine takes`);
    const { timeout } = written;
    const classes = timeout === undefined ? list.classes : list.classes.map((each) => ({ ...each, timeout }));
    return { source: "trace", file: written.trace ?? "", format: format.name, list: { ...list, classes }, skipped };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    notes.problems.push(...error.problems.map(here));
    return undefined;
  }
}

/** Problems of a file stand where the scenario names it. */
function here(found: Problem): Problem {
  return { ...found, path: `${path}.trace` };
}

function filesOf(written: RequestsText, { files }: RequestsContext, notes: Notes): readonly TraceFile[] | undefined {
  const found: TraceFile[] = [];
  for (const key of ["trace", "lengths"] as const) {
    const name = written[key];
    if (name === undefined) continue;
    const text = files[name];
    if (text === undefined) {
      problem(notes, `${path}.${key}`, `the file "${name}" was not given`, "its text is needed: see requiredFiles");
      return undefined;
    }
    found.push({ name, text });
  }
  return found;
}

function formatOf(written: RequestsText, files: readonly TraceFile[], notes: Notes): RequestFormat | undefined {
  const at = `${path}.format`;
  if (written.format !== undefined) {
    const named = requestFormats.find(written.format);
    if (named === undefined) notes.problems.push(requestFormats.unknown(written.format, at));
    return named;
  }
  const text = files[0]?.text ?? "";
  const found = detectFormat(typeof text === "string" ? text.slice(0, beginning) : "");
  if (found === undefined) {
    const message = `"${files[0]?.name}" begins like no known trace`;
    problem(notes, at, message, `write one of ${requestFormats.names.join(", ")}`);
    return undefined;
  }
  notes.assumptions.push({ path: at, value: found.name, reason: "not given; as the file begins" });
  return found;
}

function optionsOf(
  written: RequestsText,
  format: RequestFormat,
  { seed, maxLength }: RequestsContext,
  notes: Notes,
): ReadOptions {
  const { from = 0, to = Number.POSITIVE_INFINITY } = written.window ?? {};
  if (to <= from) problem(notes, `${path}.window.to`, "the window ends before it begins", "from before to");
  const starts = startsOf(written, format, notes);
  return {
    ...asRecorded,
    seed,
    badLines: written.skipBadLines === "on" ? "skip" : "report",
    limit: written.count ?? Number.POSITIVE_INFINITY,
    rate: starts === undefined ? rateOf(written) : asRecorded.rate,
    ticks: written.ticks ?? "as-recorded",
    lengthMax: maxLength,
    longer: written.tooLong === "cut" ? "clip" : "report",
    ...(starts === undefined ? {} : { starts }),
    pauseMax: written.longestPause ?? Number.POSITIVE_INFINITY,
    window: { start: from, duration: to - from },
  };
}

function rateOf({ rate }: RequestsText): RateChoice {
  if (rate?.factor !== undefined) return { kind: "factor", factor: rate.factor };
  if (rate?.perSecond !== undefined) return { kind: "mean", rate: rate.perSecond };
  return { kind: "as-recorded" };
}

/** When what has no clock starts; with clocks a law has no effect. */
function startsOf(written: RequestsText, format: RequestFormat, notes: Notes): ReadOptions["starts"] {
  if (format.times !== "starts") {
    for (const key of ["arrivals", "variation", "burstSize"] as const) {
      if (written[key] === undefined) continue;
      problem(notes, `${path}.${key}`, `has no effect: a trace of ${format.name} has times of its own`, "remove it");
    }
    return undefined;
  }
  const law = lawOf(written, notes);
  const rate = written.rate?.perSecond;
  if (rate === undefined) {
    const message = `missing; a trace of ${format.name} has no clock of its own`;
    problem(notes, `${path}.rate`, message, "starts per second, e.g. rate: 0.5 /s");
    return undefined;
  }
  return law === undefined ? undefined : { law, rate };
}
