import { expect, it } from "vitest";
import { chromeTrace, type Timeline } from "./timeline.ts";

const timeline: Timeline = {
  groups: [{ group: 0, name: "pipeline", lanes: [{ lane: 1, name: "rank 1" }] }],
  slices: [
    { group: 0, lane: 1, name: "B0", category: "backward", start: 0.5, duration: 0.25, details: { layers: 8 } },
    { group: 0, lane: 1, name: "F0", start: 0, duration: 0.1 + 0.2 },
  ],
};

it("writes names first, then slices by start, in microseconds", () => {
  expect(chromeTrace(timeline)).toEqual({
    displayTimeUnit: "ms",
    traceEvents: [
      { ph: "M", pid: 0, tid: 0, name: "process_name", args: { name: "pipeline" } },
      { ph: "M", pid: 0, tid: 1, name: "thread_name", args: { name: "rank 1" } },
      { ph: "M", pid: 0, tid: 1, name: "thread_sort_index", args: { sort_index: 1 } },
      { ph: "X", pid: 0, tid: 1, name: "F0", ts: 0, dur: 300000 },
      { ph: "X", pid: 0, tid: 1, name: "B0", cat: "backward", ts: 500000, dur: 250000, args: { layers: 8 } },
    ],
  });
});

it("keeps the order of slices that start together, and survives JSON", () => {
  const slices = ["a", "b", "c"].map((name) => ({ group: 0, lane: 0, name, start: 1, duration: 0 }));
  const trace = chromeTrace({ groups: [], slices });
  expect(trace.traceEvents.map((event) => event.name)).toEqual(["a", "b", "c"]);
  expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
});

it("refuses slices without a place in time", () => {
  const slice = { group: 0, lane: 0, name: "x", start: 0, duration: -1 };
  expect(() => chromeTrace({ groups: [], slices: [slice] })).toThrow("takes -1 s");
  expect(() => chromeTrace({ groups: [], slices: [{ ...slice, start: Number.NaN, duration: 1 }] })).toThrow("NaN");
});
