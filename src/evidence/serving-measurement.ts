/**
 * What a user measured of an engine or a fleet: written out (`timeToFirstToken.mean=120 ms`), or read from the results of
 * a benchmark. Names are those of predictions; rates are those of all replicas together.
 */

import { type Problem, ProblemError, problemCollector } from "../base/problem.ts";
import { parseCount, parseQuantity } from "../base/quantity.ts";
import { suggestion } from "../base/suggestion.ts";
import { readResults } from "./serving-results.ts";

export const servingLatencies = [
  "timeToFirstToken",
  "timePerOutputToken",
  "interTokenLatency",
  "endToEndLatency",
] as const;
export type ServingLatency = (typeof servingLatencies)[number];

export const servingStatistics = ["mean", "p50", "p90", "p95", "p99"] as const;
export type ServingStatistic = (typeof servingStatistics)[number];

export const servingRates = [
  "requestsPerSecond",
  "outputTokensPerSecond",
  "totalTokensPerSecond",
  "outputTokensPerSecondPerAccelerator",
] as const;
export type ServingRate = (typeof servingRates)[number];

export type ServingMetric = `${ServingLatency}.${ServingStatistic}` | ServingRate;

/** All that can be measured, in the order in which it is compared. */
export const servingMetrics: readonly ServingMetric[] = Object.freeze([
  ...servingLatencies.flatMap((name) => servingStatistics.map((statistic): ServingMetric => `${name}.${statistic}`)),
  ...servingRates,
]);

export interface ServingMeasurement {
  readonly values: Readonly<Partial<Record<ServingMetric, number>>>;
  /** Tokens of a mean request, where the results say; they must be the scenario's. */
  readonly tokens: { readonly input?: number; readonly output?: number };
  /** The file it comes from and the program that wrote it; absent where it was written out. */
  readonly from?: { readonly file: string; readonly program: string };
  /** What a reader should know about it. */
  readonly notes: readonly string[];
}

/**
 * Reads `timeToFirstToken.mean=120 ms, outputTokensPerSecond=4200`; a latency alone is its mean.
 * @throws ProblemError with every problem: unknown names, values without a unit, one metric twice.
 */
export function parseServingMeasured(texts: readonly string[]): ServingMeasurement {
  const problems = problemCollector();
  const values: Partial<Record<ServingMetric, number>> = {};
  for (const part of texts.flatMap((text) => text.split(/,\s*(?=[A-Za-z][\w.]*\s*=)/))) {
    const found = readPart(part);
    if ("message" in found) problems.add(found);
    else if (values[found.name] !== undefined) problems.add(bad(`${found.name} is given twice`, "keep one of them"));
    else values[found.name] = found.value;
  }
  problems.throwIfAny();
  return { values, tokens: {}, notes: [] };
}

function readPart(part: string): { readonly name: ServingMetric; readonly value: number } | Problem {
  const at = part.indexOf("=");
  const written = part.slice(0, Math.max(at, 0)).trim();
  const name = servingLatencies.some((each) => each === written) ? `${written}.mean` : written;
  if (!isServingMetric(name)) {
    const near = suggestion(name, servingMetrics);
    const known = `${servingLatencies.join(", ")} with .mean or .p50 to .p99; ${servingRates.join(", ")}`;
    return bad(`unknown metric "${written}"`, near === undefined ? `known: ${known}` : `did you mean "${near}"?`);
  }
  const text = part.slice(at + 1).trim();
  const rate = servingRates.some((each) => each === name);
  // Requests and tokens of a second are written as benchmarks print them, without a unit.
  const count = rate ? parseCount(text) : undefined;
  const parsed = count?.ok === true ? count : parseQuantity(text, rate ? "perSecond" : "seconds");
  if (!parsed.ok)
    return bad(`${name}: ${parsed.message}`, parsed.hint ?? `e.g. ${name}=${rate ? "4200 /s" : "120 ms"}`);
  if (!(parsed.value > 0)) return bad(`${name}: ${text} is no measurement`, "a value above 0");
  return { name, value: parsed.value };
}

export function isServingMetric(name: string): name is ServingMetric {
  return servingMetrics.some((each) => each === name);
}

function bad(message: string, hint: string): Problem {
  return { path: "measured", message, hint };
}

/**
 * Reads the results of a benchmark.
 * @throws ProblemError where the text is none of those that are known, or has no latency and no rate.
 */
export function servingMeasuredFromFile(text: string, file: string): ServingMeasurement {
  const found = readResults(text);
  if (found === undefined) {
    const message = `"${file}" is no result of a benchmark that is known`;
    const hint =
      "JSON that vllm bench serve --save-result, sglang.bench_serving, AIPerf, GenAI-Perf or inference-perf writes; or METRIC=VALUE";
    throw new ProblemError([{ path: "measured", message, hint }]);
  }
  const values = Object.fromEntries(
    Object.entries(found.values).filter(
      ([name, value]) => isServingMetric(name) && Number.isFinite(value) && value > 0,
    ),
  );
  if (Object.keys(values).length === 0) {
    throw new ProblemError([bad(`"${file}" has no latency and no rate above 0`, "did the benchmark end?")]);
  }
  return { values, tokens: found.tokens, from: { file, program: found.program }, notes: found.notes };
}
