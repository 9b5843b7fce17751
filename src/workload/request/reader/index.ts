/** Formats of recorded requests: one file a format, one line here. */

import { ProblemError } from "../../../base/problem.ts";
import { type Registry, registry } from "../../../base/registry.ts";
import type { RequestList } from "../list.ts";
import { atRate, meanRate, spreadTicks } from "./adjust.ts";
import { agentic } from "./agentic.ts";
import { azure } from "./azure.ts";
import { blis } from "./blis.ts";
import type { ReadOptions, RequestFormat, TraceFile } from "./format.ts";
import { inferencePerf } from "./inference-perf.ts";
import { Intake } from "./intake.ts";
import { lengthPairs } from "./length-pairs.ts";
import { mooncake } from "./mooncake.ts";
import { plain } from "./plain.ts";
import { servegen } from "./servegen.ts";
import { tokenFiles } from "./token-files.ts";

export { asRecorded, type RateChoice, type ReadOptions, type RequestFormat, type TraceFile } from "./format.ts";
export { inferencePerfSpec, type ProfileReading } from "./inference-perf.ts";

export const requestFormats: Registry<RequestFormat> = registry("trace format", [
  agentic,
  azure,
  blis,
  inferencePerf,
  lengthPairs,
  mooncake,
  plain,
  servegen,
  tokenFiles,
]);

export interface TraceReading {
  readonly list: RequestList;
  /** Lines that were left out because they cannot be read. */
  readonly skipped: number;
  /** Requests that were cut to the context. */
  readonly clipped: number;
  /** What a reader of results should know. */
  readonly notes: readonly string[];
}

/** The format that a file's beginning shows, if one does. */
export function detectFormat(beginning: string): RequestFormat | undefined {
  return requestFormats.entries.find((format) => format.detect(beginning));
}

/** Read a trace. Throws a ProblemError with all bad lines, or with what is wrong with it as a whole. */
export function readRequests(format: RequestFormat, files: readonly TraceFile[], options: ReadOptions): TraceReading {
  const intake = new Intake(options);
  format.read(files, intake, options);
  const { problems, skipped, clipped, notes } = intake.result();
  if (problems.length > 0) throw new ProblemError(problems);
  const rows = intake.rows.done();
  if (rows.count === 0) {
    const message = skipped > 0 ? `none of ${skipped} lines can be read as ${format.name}` : "holds no requests";
    throw new ProblemError([{ path: "", message: `trace ${files.map(({ name }) => name).join(", ")}: ${message}` }]);
  }
  const even = options.ticks === "spread" ? spreadTicks(rows, options.seed) : rows;
  if (format.times === "law" || options.rate.kind === "as-recorded") return { list: even, skipped, clipped, notes };
  if (options.rate.kind === "mean" && Number.isNaN(meanRate(even))) {
    throw new ProblemError([{ path: "", message: "all requests come at one time: no mean rate can be made of them" }]);
  }
  const list = atRate(even, options.rate);
  return { list, skipped, clipped, notes };
}
