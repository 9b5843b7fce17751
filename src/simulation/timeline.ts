/**
 * Timelines: what happened when and where, as recorded output. A timeline has groups (a node, a pool), each with
 * lanes (a pipeline rank, an engine), each with slices. `chromeTrace` turns it into the value that Perfetto and
 * chrome://tracing open.
 */

import type { Seconds } from "../base/quantity.ts";

export interface Slice {
  readonly group: number;
  readonly lane: number;
  readonly name: string;
  readonly category?: string;
  readonly start: Seconds;
  readonly duration: Seconds;
  /** Shown when the slice is clicked on. */
  readonly details?: Readonly<Record<string, string | number>>;
}

export interface Timeline {
  readonly groups: readonly TimelineGroup[];
  readonly slices: readonly Slice[];
}

export interface TimelineGroup {
  readonly group: number;
  readonly name: string;
  readonly lanes: readonly { readonly lane: number; readonly name: string }[];
}

/** One event of the Chrome trace format; times are in microseconds, as the format wants. */
export interface TraceEvent {
  readonly ph: "X" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly cat?: string;
  /** Start and duration in microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

export interface ChromeTrace {
  readonly displayTimeUnit: "ms";
  readonly traceEvents: readonly TraceEvent[];
}

/**
 * A timeline in the Chrome trace event format: names of groups and lanes, then slices by start time. Slices that
 * start together keep their order. Throws when a slice has no finite start or a negative duration.
 * @source chrome-trace-format
 */
export function chromeTrace(timeline: Timeline): ChromeTrace {
  const names = timeline.groups.flatMap(({ group, name, lanes }): TraceEvent[] => [
    metadata("process_name", group, 0, { name }),
    ...lanes.flatMap(({ lane, name }) => [
      metadata("thread_name", group, lane, { name }),
      metadata("thread_sort_index", group, lane, { sort_index: lane }),
    ]),
  ]);
  const slices = [...timeline.slices].sort((a, b) => a.start - b.start).map(traceEvent);
  return { displayTimeUnit: "ms", traceEvents: [...names, ...slices] };
}

function metadata(name: string, pid: number, tid: number, args: Record<string, string | number>): TraceEvent {
  return { ph: "M", pid, tid, name, args };
}

function traceEvent({ group, lane, name, category, start, duration, details }: Slice): TraceEvent {
  if (!(Number.isFinite(start) && duration >= 0 && Number.isFinite(duration))) {
    throw new Error(`slice "${name}" starts at ${start} s and takes ${duration} s`);
  }
  return {
    ph: "X",
    pid: group,
    tid: lane,
    name,
    ...(category === undefined ? {} : { cat: category }),
    ts: microseconds(start),
    dur: microseconds(duration),
    ...(details === undefined ? {} : { args: details }),
  };
}

/** Microseconds to the picosecond: finer digits are noise and would swell the file. */
function microseconds(time: Seconds): number {
  return Math.round(time * 1e12) / 1e6;
}
