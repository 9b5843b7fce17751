/**
 * Training logs, read by content: whichever framework's step lines a text has most of. Adding a format: one file, one
 * line here.
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { type Registry, registry } from "../../base/registry.ts";
import { composer } from "./composer.ts";
import type { LogFormat, LogSample } from "./format.ts";
import { maxtext } from "./maxtext.ts";
import { megatron } from "./megatron.ts";
import { nemo } from "./nemo.ts";
import { firstLine, linesOf, looks } from "./text.ts";
import { torchtitan } from "./torchtitan.ts";
import { trainer } from "./trainer.ts";

export type { LogFormat, LogMetric, LogSample } from "./format.ts";
export { type LogSummary, type Spread, summarizeLog } from "./summary.ts";
export { unsteadySteps } from "./unsteady.ts";

export const logFormats: Registry<LogFormat> = registry("log format", [
  megatron,
  torchtitan,
  nemo,
  composer,
  trainer,
  maxtext,
]);

export interface ReadLog {
  readonly format: LogFormat;
  readonly samples: readonly LogSample[];
}

/**
 * Reads a log.
 * @throws ProblemError where no format finds a step line: what was expected, and what the text looks like.
 */
export function readLog(text: string, file: string): ReadLog {
  const lines = linesOf(text);
  let best: ReadLog | undefined;
  for (const format of logFormats.entries) {
    const samples = format.read(lines);
    if (samples.length > (best?.samples.length ?? 0)) best = { format, samples };
  }
  if (best === undefined) throw new ProblemError([noSteps(lines, file)]);
  return best;
}

/** Whether any format finds a step line. */
export function hasSteps(text: string): boolean {
  const lines = linesOf(text);
  return logFormats.entries.some((format) => format.read(lines).length > 0);
}

function noSteps(lines: readonly string[], file: string): Problem {
  const wanted = logFormats.entries.map(({ summary, expects }) => `${summary}: ${expects}`).join("; or ");
  const first = firstLine(lines);
  if (first === undefined) {
    return { path: "measured", message: `"${file}" is empty, expected a training log`, hint: wanted };
  }
  const { line, shown } = first;
  const count = `${lines.length} line${lines.length === 1 ? "" : "s"}`;
  const message = `no step line in the ${count} of "${file}", which ${looks(shown)} and begins "${shown}"`;
  const location = { file, line, column: 1 };
  return { path: "measured", message, hint: `a step line of ${wanted}`, location };
}
