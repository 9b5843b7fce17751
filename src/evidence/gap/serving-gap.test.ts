import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DesignOf, type Prediction, predictDesign, resolve, scenarioFromValue } from "../../scenario/index.ts";
import type { ServingMeasurement } from "../serving-measurement.ts";
import { type ServingGap, servingGaps } from "./serving-gap.ts";

function designOf(requests: object, engine: object = {}): DesignOf<"serving"> {
  const design = resolve(
    scenarioFromValue({
      windtunnel: 1,
      name: "any",
      cluster: { node: "hgx-h100", nodes: 1 },
      workload: { kind: "serving", model: "qwen3-8b", requests },
      serving: { engine: { name: "vllm", version: "0.19", ...engine }, replicas: 1 },
    }),
  );
  if (design.kind !== "serving") throw new Error("not serving");
  return design;
}

const lengths = { input: 700, output: 60 };
const open = designOf({ arrivals: "poisson", rate: "8 /s", count: 80, ...lengths });
const closed = designOf({ count: 80, concurrency: 8, ...lengths });
const predicted = new Map([open, closed].map((design) => [design, predictDesign(design)]));

function predictionOf(design: DesignOf<"serving">): Prediction {
  const found = predicted.get(design);
  if (found === undefined) throw new Error("not predicted");
  return found;
}

function gaps(design: DesignOf<"serving">, values: ServingMeasurement["values"]): readonly ServingGap[] {
  return servingGaps(design.serving, predictionOf(design), { values, tokens: {}, notes: [] });
}

const metrics = ["timeToFirstToken.mean", "timePerOutputToken.mean", "endToEndLatency.mean"] as const;

describe("gaps of serving", () => {
  it("are the sum of their shares and the rest, none beyond its bound, none below nothing", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 20, noNaN: true }), fc.constantFrom(open, closed), (factor, design) => {
        const { metrics: own } = predictionOf(design);
        const values = Object.fromEntries(metrics.map((name) => [name, factor * (own[name] ?? 0)]));
        const found = gaps(design, values);
        expect(found.map(({ metric }) => metric)).toEqual(metrics);
        for (const { metric, gap } of found) {
          const size = Math.max(gap.measured, gap.predicted);
          const total = gap.parts.reduce((sum, { share }) => sum + share, gap.unexplained);
          expect(Math.abs(total - gap.seconds), metric).toBeLessThanOrEqual(1e-9 * size);
          expect(gap.seconds).toBeCloseTo((values[metric] ?? 0) - (own[metric] ?? 0), 12);
          for (const { share, bound, predicted: each } of gap.parts) {
            expect(share).toBeGreaterThanOrEqual(bound[0] - 1e-9 * size);
            expect(share).toBeLessThanOrEqual(bound[1] + 1e-9 * size);
            expect(each + share).toBeGreaterThanOrEqual(-1e-9 * size);
          }
        }
      }),
      { numRuns: 4 },
    );
  }, 60_000);

  it("have parts that add up to what is predicted of each metric", () => {
    const { metrics: own } = predictionOf(open);
    for (const { metric, gap } of gaps(open, { "timeToFirstToken.mean": 1, "timePerOutputToken.mean": 1 })) {
      const sum = gap.parts.reduce((total, { predicted: each }) => total + each, 0);
      expect(sum / (own[metric] ?? Number.NaN), metric).toBeCloseTo(1, 6);
    }
  }, 60_000);

  it("are nothing where the measurement is the prediction, and leave a gross one unexplained", () => {
    const own = predictionOf(open).metrics["timeToFirstToken.mean"] ?? 0;
    const [none] = gaps(open, { "timeToFirstToken.mean": own });
    expect([none?.gap.seconds, none?.gap.unexplained]).toEqual([0, 0]);
    const [gross] = gaps(open, { "timeToFirstToken.mean": 100 * own });
    expect(gross?.gap.unexplained).toBeGreaterThan(0.5 * (gross?.gap.seconds ?? 0));
  }, 60_000);

  it("blame the host where only the host was slower, and decoding where iterations were", () => {
    const slowHost = { host: { ingress: "40 ms", egress: "10 ms" } };
    const slow = predictDesign(
      designOf({ arrivals: "poisson", rate: "8 /s", count: 80, ...lengths }, slowHost),
    ).metrics;
    const own = predictionOf(open).metrics;
    const first = (slow["timeToFirstToken.mean"] ?? 0) - (own["timeToFirstToken.mean"] ?? 0);
    expect(first).toBeGreaterThan(0.03);
    const [ways] = gaps(open, { "timeToFirstToken.mean": slow["timeToFirstToken.mean"] ?? 0 });
    const host = new Set(["calling", "tokenising", "leaving"]);
    const parts = ways?.gap.parts.filter(({ term }) => host.has(term)) ?? [];
    expect(parts).toHaveLength(host.size);
    // What measured runs of such models allow may let prompts carry more; the call carries all that it can.
    const calling = parts.find(({ term }) => term === "calling");
    expect(calling?.share).toBeCloseTo(calling?.bound[1] ?? Number.NaN, 9);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeGreaterThan(0.2 * first);
    const [tokens] = gaps(open, { "timePerOutputToken.mean": 1.05 * (own["timePerOutputToken.mean"] ?? 0) });
    expect(tokens?.gap.parts[0]?.term).toBe("decode");
    expect(tokens?.gap.unexplained).toBe(0);
  }, 60_000);

  it("follow from a rate in a closed loop by Little's law, and not in an open one", () => {
    const { metrics: own } = predictionOf(closed);
    const half = { requestsPerSecond: (own.requestsPerSecond ?? 0) / 2 };
    const [found] = gaps(closed, half);
    expect(found?.from).toBe("requestsPerSecond");
    expect(found?.gap.measured).toBeCloseTo(2 * (own["endToEndLatency.mean"] ?? 0), 9);
    expect(gaps(open, half)).toEqual([]);
  }, 60_000);
});
