/** A training step as a Chrome trace, the format that Perfetto and chrome://tracing read. */

import type { Problem } from "../base/problem.ts";
import { formatQuantity } from "../base/quantity.ts";
import type { TrainingDesign } from "../scenario/index.ts";
import { sliceCount, trainingTimeline } from "../training/index.ts";

export interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "M" | "C";
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  /** Microseconds: the format's unit. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

export interface TraceDocument {
  readonly displayTimeUnit: "ms";
  readonly traceEvents: readonly TraceEvent[];
  readonly otherData: Readonly<Record<string, string>>;
}

/** Beyond this a file takes hundreds of megabytes, and no viewer opens it. */
const slicesMost = 500_000;

/** The problem of a step with more slices than a timeline can show. */
export function timelineProblem(design: TrainingDesign): Problem | undefined {
  const slices = sliceCount(design.case);
  if (slices <= slicesMost) return undefined;
  const count = (value: number): string => formatQuantity(value, "count");
  const message = `a step of this scenario has ${count(slices)} slices, a timeline at most ${count(slicesMost)}`;
  return { path: "timeline", message, hint: "a smaller globalBatch shows the same pattern" };
}

const microsecondsPerSecond = 1e6;

/** One process for the job, one thread for each pipeline rank, one complete event for each slice. */
export function timelineDocument(design: TrainingDesign): TraceDocument {
  const slices = trainingTimeline(design.case);
  const lanes = [...new Set(slices.map((slice) => slice.lane))].sort((a, b) => a - b);
  const names: TraceEvent[] = [
    { name: "process_name", ph: "M", pid: 1, tid: 0, args: { name: design.name } },
    ...lanes.flatMap((lane): TraceEvent[] => [
      { name: "thread_name", ph: "M", pid: 1, tid: lane, args: { name: `pipeline rank ${lane}` } },
      { name: "thread_sort_index", ph: "M", pid: 1, tid: lane, args: { sort_index: lane } },
    ]),
  ];
  const events = slices.map(
    (slice): TraceEvent => ({
      name: slice.name,
      ph: "X",
      pid: 1,
      tid: slice.lane,
      cat: slice.category,
      ts: slice.start * microsecondsPerSecond,
      dur: slice.duration * microsecondsPerSecond,
    }),
  );
  return { displayTimeUnit: "ms", traceEvents: [...names, ...events], otherData: { scenario: design.name } };
}
