/**
 * fio's JSON (`--output-format=json`): `jobs` of one machine, or `client_stats` of a run over several with `--client`,
 * whose last entry "All clients" sums them up. Bandwidth is `bw_bytes` (bytes a second) of `read` and `write`.
 * Ignores: latencies, job files, `json+` histograms.
 * @source fio
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { isRecord, type MeasuredValue, objectIn, type Reading } from "./reading.ts";

/** Undefined where the text is no result of fio. @throws ProblemError for a run that failed or moved nothing. */
export function readFio(text: string, file: string): Reading | undefined {
  const value = objectIn(text);
  if (value === undefined || typeof value["fio version"] !== "string") return undefined;
  const clients = Array.isArray(value.client_stats) ? value.client_stats.filter(isRecord) : undefined;
  const all = clients ?? (Array.isArray(value.jobs) ? value.jobs.filter(isRecord) : []);
  const sum = all.filter(({ jobname }) => jobname === "All clients");
  const parts = all.filter(({ jobname }) => jobname !== "All clients");
  const failed = parts.filter(({ error }) => typeof error === "number" && error !== 0);
  if (failed.length > 0) {
    throw bad(file, `${failed.length} of ${parts.length} jobs of fio failed: error ${String(failed[0]?.error)}`);
  }
  const values = (["write", "read"] as const).flatMap((way): MeasuredValue[] => {
    const rate = rateOf(parts, way);
    return rate > 0 ? [{ metric: `${way}Bandwidth`, value: rate }] : [];
  });
  if (values.length === 0) throw bad(file, "fio moved nothing");
  const hosts = new Set(parts.map(({ hostname }) => hostname).filter((name) => typeof name === "string"));
  const notes = sum.length === 0 ? [] : ["all clients together, summed over their jobs"];
  return {
    kind: "storage",
    file,
    about: { program: "fio", ...(hosts.size > 0 ? { hosts: hosts.size } : {}) },
    values,
    notes,
  };
}

/** Jobs of one direction run at once: their rates add up. */
function rateOf(jobs: readonly Readonly<Record<string, unknown>>[], way: "write" | "read"): number {
  return jobs.reduce((sum, job) => {
    const side = job[way];
    const rate = isRecord(side) ? side.bw_bytes : undefined;
    return sum + (typeof rate === "number" && Number.isFinite(rate) ? rate : 0);
  }, 0);
}

function bad(file: string, message: string): ProblemError {
  const problem: Problem = { path: "files", message: `${file}: ${message}`, hint: "run fio again and keep its JSON" };
  return new ProblemError([problem]);
}
