import { describe, expect, it } from "vitest";
import { parseScenario, predict } from "../../scenario/index.ts";
import { wantsOf } from "../study/index.ts";
import { drawnError, errorOf } from "../study/model-error.ts";
import { sharesOf } from "./shares.ts";
import { type Uncertainty, uncertaintyOf } from "./uncertainty.ts";

const text = ({
  price = "2.5 $/h",
  jitter = "1 %",
  limits = "",
  seed = 0,
  node = "hgx-h100",
  nodes = "8",
}): string => `windtunnel: 1
name: t
seed: ${seed}
cluster: { node: ${node}, nodes: ${nodes} }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 256, tokens: 1T }
layout: { sharding: full, microBatch: 1 }
economics: { acceleratorHour: ${price} }
jitter: ${jitter}
${limits === "" ? "" : `constraints: [${limits}]`}
`;
const asked = (change: Parameters<typeof text>[0], samples = 200): Uncertainty => {
  const scenario = parseScenario(text(change));
  const { constraints } = scenario;
  const { units } = predict(scenario);
  const { limits } = wantsOf(constraints === undefined ? {} : { constraints }, units);
  return uncertaintyOf(scenario, { samples, limits, files: {}, cancelled: () => false });
};

describe("the spread of a prediction", () => {
  it("is that of the input alone where the model's error is taken out: a price is passed on as it is", () => {
    const { metrics } = asked({ price: "2..3 $/h" });
    const now = predict(parseScenario(text({}))).metrics.cost ?? 0;
    const { inputs } = metrics.cost ?? { inputs: { p10: 0, p50: 0, p90: 0 } };
    for (const [share, found] of [
      [0.1, inputs.p10],
      [0.5, inputs.p50],
      [0.9, inputs.p90],
    ] as const) {
      expect(found / now).toBeCloseTo((2 + share) / 2.5, 2);
    }
    expect(metrics.stepTime?.inputs.p10).toBe(metrics.stepTime?.inputs.p90);
  });

  it("is the interval of the model where no input is open: a twentieth beyond either end", () => {
    const scenario = parseScenario(text({}));
    const prediction = predict(scenario);
    const [low, high] = prediction.basis.stepTime?.interval ?? [0, 0];
    const within = asked({
      limits: `{ metric: stepTime, atMost: ${high} s }, { metric: stepTime, atLeast: ${low} s }`,
    });
    expect(within.targets.map(({ probability }) => probability)).toEqual([0.95, 0.95]);
    const { metrics } = within;
    expect(metrics.stepTime?.p50).toBeCloseTo(prediction.metrics.stepTime ?? 0, 1);
    expect(metrics.timeToTrain?.error).toBe("stepTime");
    expect(metrics.bubbleTime?.error).toBeNull();
    // A longer step is a lower rate in the same draw.
    const { p10 = 0, p90 = 0 } = metrics.tokensPerSecond ?? {};
    expect(p10 * (metrics.stepTime?.p90 ?? 0)).toBeCloseTo(256 * 8192, -4);
    expect(p90 * (metrics.stepTime?.p10 ?? 0)).toBeCloseTo(256 * 8192, -4);
  });

  it("says what it comes from, and chances that rise with the limit", () => {
    const limits = [200, 215, 230, 260].map((k) => `{ metric: cost, atMost: ${k} k$ }`).join(", ");
    const { metrics, targets } = asked({ price: "1..5 $/h", jitter: "0.1..0.2 %", limits });
    expect(metrics.cost?.from[0]?.of).toBe("economics.acceleratorHour");
    expect(metrics.stepTime?.from[0]?.of).toBe("model");
    const total = metrics.cost?.from.reduce((sum, { share }) => sum + share, 0) ?? 0;
    expect(total).toBeGreaterThan(0.95);
    const chances = targets.map(({ probability }) => probability);
    expect([...chances].sort((a, b) => a - b)).toEqual(chances);
  });

  it("depends on the seed and nothing else; designs that share an input share its draws", () => {
    expect(asked({ price: "2..3 $/h" }, 60)).toEqual(asked({ price: "2..3 $/h" }, 60));
    expect(asked({ price: "2..3 $/h" })).not.toEqual(asked({ price: "2..3 $/h", seed: 1 }, 60));
    const [one, other] = [asked({ price: "2..3 $/h" }), asked({ price: "2..3 $/h", jitter: "1..2 %" })];
    const relative = ({ metrics }: Uncertainty): number =>
      (metrics.cost?.inputs.p90 ?? 0) / (metrics.cost?.inputs.p10 ?? 1);
    expect(relative(one)).toBeLessThan(relative(other) * 1.05);
  });

  it("counts draws that are no design, and misses limits with them", () => {
    const { refused, targets, samples } = asked({ nodes: "7..9", limits: "{ metric: stepTime, atMost: 1 h }" }, 60);
    expect(refused).toBeGreaterThan(0);
    expect(targets[0]?.probability).toBeCloseTo(1 - refused / samples, 12);
  });

  it("knows no error where no runs were measured", () => {
    const { metrics } = asked({ node: "hls-gaudi2", price: "1..2 $/h" }, 20);
    expect(metrics.stepTime).toMatchObject({ error: null });
  });
});

describe("the model's own error", () => {
  it("has the prediction in the middle and the ends of the interval at a twentieth", () => {
    const ends = { metric: "stepTime", low: 0.8, high: 1.5, level: 0.9 };
    const at = (u: number) => drawnError("stepTime", ends, { time: u, memory: 0.5 });
    expect(at(0.5)).toBe(1);
    expect(at(0.05)).toBeCloseTo(0.8, 6);
    expect(at(0.95)).toBeCloseTo(1.5, 6);
    expect(errorOf(predict(parseScenario(text({}))), "activationMemory")).toBeUndefined();
  });
});

describe("shares of the spread", () => {
  it("give each input its part, and nothing to what does not move", () => {
    const one = Array.from({ length: 100 }, (_, index) => index);
    const other = one.map((each) => (each * 37) % 100);
    const result = one.map((each, index) => 3 * each + (other[index] ?? 0));
    const found = sharesOf(
      [
        { of: "one", values: one },
        { of: "other", values: other },
        { of: "still", values: one.map(() => 1) },
      ],
      result,
    );
    expect(found.map(({ of }) => of)).toEqual(["one", "other"]);
    expect(found[0]?.share).toBeGreaterThan(0.8);
  });
});
