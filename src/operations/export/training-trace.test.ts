import { describe, expect, it } from "vitest";
import { type CaseText, trainingCase } from "../../../test/training-case.ts";
import {
  type StepTraffic,
  scheduleOf,
  schedules,
  stepEvaluator,
  stepTraffic,
  type TrafficDimension,
} from "../../training/index.ts";
import { chakraFiles, replayOf, type Trace, type TraceNode, traceOf } from "../../workload/chakra/index.ts";
import { trainingTrace } from "./training-trace.ts";

const common = { model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 16, precision: "bf16" } as const;
const traceFor = (text: Partial<CaseText>): Trace => trainingTrace(trainingCase({ ...common, ...text })).trace;

const again = (trace: Trace): Trace =>
  traceOf(
    chakraFiles(trace).map(({ rank, bytes }) => ({ name: `s.${rank}.et`, bytes })),
    { ranks: trace.ranks },
  ).trace;

/** Times as Chakra has them. */
const inMicros = (trace: Trace): Trace => ({
  ...trace,
  recorded: trace.recorded.map(({ rank, nodes }) => ({
    rank,
    nodes: nodes.map((node): TraceNode => {
      const { seconds, ...rest } = node;
      if (seconds === undefined || seconds === 0) return rest;
      return { ...rest, seconds: Math.max(1, Math.round(seconds / 1e-6)) * 1e-6 };
    }),
  })),
});

describe("a step as a trace", () => {
  it.each(Object.keys(schedules))("of %s is read again as it was written, and runs to its end", (schedule) => {
    const { chunks } = scheduleOf(schedule);
    const virtualStages = chunks === "one" ? 1 : 2;
    const layout = { tensor: 2, pipeline: 4, data: 2, schedule, virtualStages, microBatch: 1 } as CaseText["layout"];
    const trace = traceFor({ ...(layout && { layout }) });
    expect(trace.recorded).toHaveLength(16);
    expect(again(trace)).toEqual(inMicros(trace));
    expect(replayOf(trace).lost).toEqual([]);
  });

  it("computes as long as the step of one accelerator takes", () => {
    const c = trainingCase({ ...common, globalBatch: 2, layout: { microBatch: 1 } });
    const { trace } = trainingTrace(c);
    const { stepTime, stragglers } = stepEvaluator(c).evaluate(c.layout);
    const seconds = trace.recorded[0]?.nodes.reduce((sum, node) => sum + (node.seconds ?? 0), 0) ?? 0;
    expect(seconds).toBeCloseTo(stepTime - stragglers, 9);
    expect(trace.groups.size).toBe(0);
    expect(trace.recorded[0]?.nodes.every(({ kind }) => kind === "compute")).toBe(true);
  });

  it.each([
    ["plain", { tensor: 2, context: 2, data: 2, pipeline: 2, sharding: "none" }],
    ["ZeRO-1", { tensor: 2, data: 4, pipeline: 2, sharding: "optimizer" }],
    ["fully sharded", { data: 16, sharding: "full" }],
    ["experts", { tensor: 2, expert: 4, data: 8, sharding: "optimizer" }, "mistralai/Mixtral-8x7B-v0.1"],
  ] as const)("sends what the step sends: %s", (_, layout, model: string = common.model) => {
    const c = trainingCase({ ...common, model, globalBatch: 32, layout });
    const { trace } = trainingTrace(c);
    // The last stage sends nothing onward, and has the mean of everything else.
    const nodes = trace.recorded[0]?.nodes ?? [];
    for (const each of stepTraffic(c)) expect(sentBy(nodes, each) / each.bytes).toBeCloseTo(1, 3);
  });

  it("of a large job is written once for each stage, and read with its number of ranks", () => {
    const c = trainingCase({
      ...common,
      model: "llama-3.1-70b",
      globalBatch: 2048,
      layout: { tensor: 8, pipeline: 4, data: 64 },
    });
    const { trace, written } = trainingTrace(c);
    expect(written).toBe("first of each stage");
    expect(trace.recorded.map(({ rank }) => rank)).toEqual([0, 512, 1024, 1536]);
    expect(trace.ranks).toBe(2048);
    expect(again(trace).groups).toEqual(trace.groups);
    expect(replayOf(again(trace)).phases.length).toBeGreaterThan(100);
  });
});

/** Bytes of one dimension that a rank's nodes have, counted as `stepTraffic` counts them. */
function sentBy(nodes: readonly TraceNode[], { dimension, operation }: StepTraffic): number {
  const names: Readonly<Record<TrafficDimension, RegExp>> = {
    tensor: /^tensor /,
    context: /^context /,
    expert: /^expert /,
    data: /^(gradients|weights) (all|reduce)/,
    expertData: /^(gradients|weights) of experts /,
    pipeline: /^(send|receive) /,
  };
  return nodes
    .filter(({ name }) => names[dimension].test(name))
    .reduce(
      (sum, node) =>
        sum + (node.bytes ?? 0) * (operation === "reduce-scatter" && node.operation === "all-reduce" ? 2 : 1),
      0,
    );
}
