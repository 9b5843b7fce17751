import { describe, expect, it } from "vitest";
import { parseScenario, predictDesign, resolve } from "../../scenario/index.ts";
import { textOf } from "../document.ts";
import { statusCell } from "../text.ts";
import { choose, judgementOf } from "./choose.ts";
import { flipsOf } from "./flips.ts";
import { intervalOf, probabilityOf } from "./interval.ts";
import type { Option, Requirement } from "./question.ts";

const scenario = (nodes: number): string => `
windtunnel: 1
name: ${nodes} nodes
cluster: { node: hgx-h100, nodes: ${nodes} }
workload: { kind: training, model: meta-llama/Llama-3.1-8B, sequenceLength: 8192, globalBatch: 512, tokens: 100G }
layout: { tensor: 2, microBatch: 1, sharding: optimizer }
software: megatron-core@2024.07
`;

function option(nodes: number): Option {
  const design = resolve(parseScenario(scenario(nodes)));
  return { name: `${nodes} nodes`, role: "option", what: "", design, prediction: predictDesign(design) };
}

const within = (value: number, more: Partial<Requirement> = {}): Requirement => ({
  id: "R1",
  text: "in time",
  metric: "timeToTrain",
  sense: "atMost",
  value,
  ...more,
});

const goal = { metric: "cost", direction: "minimize" } as const;

describe("probability of a limit", () => {
  const { prediction } = option(8);
  if (prediction === undefined) throw new Error("no prediction");
  const range = intervalOf(prediction, "timeToTrain");

  it("takes the relative range of the step for what follows it", () => {
    const step = prediction.basis.stepTime?.interval;
    const [low, high] = range ?? [0, 0];
    expect(low / (prediction.metrics.timeToTrain ?? 0)).toBeCloseTo(
      (step?.[0] ?? 0) / (prediction.metrics.stepTime ?? 1),
      12,
    );
    expect(high).toBeGreaterThan(low);
    expect(intervalOf(prediction, "bubbleTime")).toBeUndefined();
  });

  it("is 5, 50 and 95 % at the ends and the middle of the range", () => {
    const [low, high] = range ?? [0, 0];
    expect(probabilityOf(prediction, within(low))).toBeCloseTo(0.05, 4);
    expect(probabilityOf(prediction, within(prediction.metrics.timeToTrain ?? 0))).toBeCloseTo(0.5, 6);
    expect(probabilityOf(prediction, within(high))).toBeCloseTo(0.95, 4);
    expect(probabilityOf(prediction, within(high, { sense: "atLeast" }))).toBeCloseTo(0.05, 4);
  });

  it("of a requirement with a confidence is kept or not at that, where the model cannot tell more", () => {
    const middle = prediction.metrics.timeToTrain ?? 0;
    const said = (confidence?: number) => {
      const more = confidence === undefined ? {} : { confidence };
      return textOf(statusCell(judgementOf(prediction, within(middle, more))));
    };
    expect([said(), said(0.4), said(0.6)]).toEqual(["cannot tell", "kept at 40 %", "not kept at 60 %"]);
  });

  it("is met, not met, or cannot be told", () => {
    const [low, high] = range ?? [0, 0];
    expect(judgementOf(prediction, within(2 * high)).status).toBe("met");
    expect(judgementOf(prediction, within(low / 2)).status).toBe("not met");
    expect(judgementOf(prediction, within(prediction.metrics.timeToTrain ?? 0)).status).toBe("cannot tell");
    expect(judgementOf(undefined, within(high))).toMatchObject({ status: "not met", kept: false });
  });

  it("counts as kept only with the confidence asked for", () => {
    const limit = 1.001 * (prediction.metrics.timeToTrain ?? 0);
    expect(judgementOf(prediction, within(limit)).kept).toBe(true);
    expect(judgementOf(prediction, within(limit, { confidence: 0.9 })).kept).toBe(false);
  });
});

describe("choice", () => {
  const options: readonly Option[] = [option(4), option(8), { name: "nothing", role: "do-nothing", what: "" }];
  const [four = 0, eight = 0] = options.map(({ prediction }) => prediction?.metrics.timeToTrain ?? 0);

  it("keeps requirements before the objective, and never builds nothing where something keeps them", () => {
    expect(choose(options, [], goal).index).toBe(0);
    expect(choose(options, [within((four + eight) / 2)], goal)).toMatchObject({ index: 1, keepsAll: true });
    expect(choose(options, [within(eight / 10)], goal)).toMatchObject({ index: 0, keepsAll: false });
  });

  it("flips where a requirement breaks: there and not before", () => {
    const requirements = [within(1.1 * eight)];
    const choice = choose(options, requirements, goal);
    expect(choice.index).toBe(1);
    const flips = flipsOf({ options, requirements, goal, choice });
    const model = flips.find(({ name }) => name === "model");
    // Time grows in proportion, so the border is known.
    expect(model?.more?.factor).toBeCloseTo(1.1, 2);
    expect(model?.more?.breaks).toEqual(["R1"]);
    for (const flip of flips) {
      for (const border of [flip.less, flip.more]) {
        if (border === undefined) continue;
        expect(border.to !== choice.index || border.breaks.length > 0).toBe(true);
      }
    }
  });
});
