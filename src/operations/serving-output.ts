/** What a serving run writes beside its prediction: single requests, and a timeline of every engine. */

import { formatQuantity, type Seconds } from "../base/quantity.ts";
import type { FleetObserver, FleetRun } from "../serving/fleet/spec.ts";
import { phases, type RequestState } from "../serving/request-state.ts";
import type { TraceDocument, TraceEvent } from "./timeline.ts";

/** How a request ended, in words. */
const endings: readonly string[] = Object.entries(phases)
  .sort(([, a], [, b]) => a - b)
  .map(([word]) => word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));

/** Columns of a request; times in seconds from the start of the run. */
const columns: readonly (readonly [name: string, of: (state: RequestState, row: number) => number | string])[] = [
  ["request", (_, row) => row],
  ["class", ({ list }, row) => list.classes[list.classOf[row] ?? 0]?.name ?? ""],
  ["session", ({ list }, row) => list.session[row] ?? -1],
  ["replica", ({ replica }, row) => replica[row] ?? -1],
  ["end", ({ phase }, row) => (phase[row] === phases.done ? "answered" : (endings[phase[row] ?? 0] ?? ""))],
  ["inputTokens", ({ list }, row) => list.input[row] ?? 0],
  ["cachedTokens", ({ cached }, row) => cached[row] ?? 0],
  ["outputTokens", ({ made, list }, row) => (made[row] ?? 0) - (list.input[row] ?? 0)],
  ["preemptions", ({ preemptions }, row) => preemptions[row] ?? 0],
  ["released", ({ released }, row) => released[row] ?? Number.NaN],
  ["queued", ({ queued }, row) => queued[row] ?? Number.NaN],
  ["scheduled", ({ scheduled }, row) => scheduled[row] ?? Number.NaN],
  ["firstToken", ({ firstToken }, row) => firstToken[row] ?? Number.NaN],
  ["ended", ({ ended }, row) => ended[row] ?? Number.NaN],
];

/** One line a request: CSV where the file is named so, else JSON. What did not happen is empty, or left out. */
export function requestsText({ state }: FleetRun, file: string): string {
  const rows = Array.from({ length: state.list.count }, (_, row) => row);
  if (/\.csv$/i.test(file)) {
    const cell = (value: number | string): string => {
      if (typeof value === "string") return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
      return Number.isNaN(value) ? "" : String(value);
    };
    const lines = rows.map((row) => columns.map(([, of]) => cell(of(state, row))).join(","));
    return `${[columns.map(([name]) => name).join(","), ...lines].join("\n")}\n`;
  }
  const lines = rows.map((row) => {
    const values = columns.map(([name, of]) => [name, of(state, row)] as const);
    return JSON.stringify(Object.fromEntries(values.filter(([, value]) => !Number.isNaN(value))));
  });
  return `${lines.join("\n")}\n`;
}

/** Beyond this a file takes hundreds of megabytes, and no viewer opens it. */
const slicesMost = 500_000;
const microsecondsPerSecond = 1e6;

/** Writes down iterations as they end, and once a second what each engine holds. */
export class EngineTimeline {
  private readonly events: TraceEvent[] = [];
  private readonly sampled: Seconds[] = [];
  private slices = 0;

  readonly observer: FleetObserver = (engine, plans, end, duration) => {
    this.slices += 1;
    if (this.slices > slicesMost) return;
    let [decodes, prompts, tokens] = [0, 0, 0];
    for (const { batch } of plans) {
      decodes += batch.decodes;
      prompts += batch.prefills;
      tokens += batch.prefillTokens;
    }
    const name = prompts === 0 ? "decode" : decodes === 0 ? "prefill" : "mixed";
    const ts = (end - duration) * microsecondsPerSecond;
    const pid = engine.index + 1;
    const args = { generating: decodes, prompts, promptTokens: tokens };
    this.events.push({ name, ph: "X", pid, tid: 0, cat: name, ts, dur: duration * microsecondsPerSecond, args });
    const second = Math.floor(end);
    if (this.sampled[engine.index] === second) return;
    this.sampled[engine.index] = second;
    const { usage, ...counters } = engine.load;
    const at = end * microsecondsPerSecond;
    this.events.push({ name: "requests", ph: "C", pid, tid: 0, ts: at, args: counters });
    this.events.push({ name: "cache in use", ph: "C", pid, tid: 0, ts: at, args: { percent: 100 * usage } });
  };

  /** One process an engine. */
  document(name: string, replicas: number): TraceDocument {
    const names = Array.from({ length: replicas }, (_, index): TraceEvent => {
      return { name: "process_name", ph: "M", pid: index + 1, tid: 0, args: { name: `replica ${index}` } };
    });
    return { displayTimeUnit: "ms", traceEvents: [...names, ...this.events], otherData: { scenario: name } };
  }

  /** What is missing, where the run had more iterations than a file may. */
  get cut(): string | undefined {
    if (this.slices <= slicesMost) return undefined;
    const count = (value: number): string => formatQuantity(value, "count");
    return `the timeline holds the first ${count(slicesMost)} of ${count(this.slices)} iterations`;
  }
}
