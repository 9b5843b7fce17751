import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { findTerm } from "../../base/term.ts";
import { type Prediction, predict, scenarioFromValue } from "../index.ts";

const base = {
  windtunnel: 1,
  name: "t",
  cluster: { node: "hgx-h100", nodes: 8 },
  workload: { kind: "training", model: "llama-3.1-70b", sequenceLength: 4096, globalBatch: 64 },
  layout: { tensor: 8, pipeline: 4, data: 2 },
};

function predicted(more: object): Prediction {
  return predict(scenarioFromValue({ ...base, ...more }));
}

function problemsOf(more: object): string {
  try {
    predicted(more);
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
  return "";
}

describe("stragglers of a scenario", () => {
  const plain = predicted({});

  it("are a term of their own, and the list says what removing each is worth", () => {
    const slow = { rank: 12, factor: 1.3 };
    const found = predicted({ stragglers: [slow, { share: "1 %", factor: 1.2 }] });
    const added = findTerm(found.terms, "injectedStragglers");
    expect(added).toMatchObject({ origin: "given", source: "lin-2025-stragglers" });
    const step = plain.metrics.stepTime ?? 0;
    expect(added?.value).toBeCloseTo((found.metrics.stepTime ?? 0) - step, 12);
    const [first, share, all] = found.stragglers ?? [];
    expect(first?.removed).toBe("rank 12, computation x 1.3");
    expect(share?.removed).toBe("1 % of nodes, computation x 1.2");
    expect(first?.stepTime).toBeCloseTo(
      predicted({ stragglers: [{ share: "1 %", factor: 1.2 }] }).metrics.stepTime ?? 0,
      12,
    );
    expect(share?.stepTime).toBeCloseTo(predicted({ stragglers: [slow] }).metrics.stepTime ?? 0, 12);
    expect(all).toMatchObject({ removed: "all of them" });
    expect(all?.stepTime).toBeCloseTo(step, 12);
    expect(all?.gain).toBeCloseTo((found.metrics.stepTime ?? 0) / step - 1, 12);
    expect(plain).not.toHaveProperty("stragglers");
  });

  it("change nothing of the rest of the tree, and nothing at all with a factor of 1", () => {
    const { terms, metrics } = predicted({ stragglers: [{ stage: 2, factor: 1 }] });
    expect(terms).toEqual(plain.terms);
    expect(metrics).toEqual(plain.metrics);
  });

  it("are refused where they contradict each other or the layout", () => {
    const refused = (...stragglers: object[]): string => problemsOf({ stragglers });
    expect(refused({ rank: 64, factor: 2 })).toMatch(
      /stragglers\[0\]\.rank: 64, but the layout has 64 ranks; count from 0 to 63/,
    );
    expect(refused({ node: 8, factor: 2 })).toMatch(/has 8 nodes/);
    expect(refused({ stage: 4, dataRank: 2, factor: 2 })).toMatch(/4 stages[\s\S]*2 data ranks/);
    expect(refused({ factor: 2 })).toMatch(/names no place/);
    expect(refused({ rank: 1, stage: 1, factor: 2 })).toMatch(/names rank and stage, expected one place/);
    expect(refused({ rank: 1, factor: 2 }, { rank: 1, factor: 3, what: "both" })).toMatch(
      /stragglers\[1\]: contradicts stragglers\[0\]/,
    );
    expect(refused({ rank: 1, factor: 2 }, { rank: 1, factor: 2 })).toMatch(/is there twice/);
    expect(refused({ rank: 1, factor: 2 }, { rank: 1, factor: 3, what: "communication" })).toBe("");
    expect(refused({ rank: 1, factor: 2 }, { rank: 1, factor: 3, probability: "1 %" })).toBe("");
    for (const factor of [0, -1, 0.9]) expect(refused({ rank: 1, factor })).toMatch(/at least 1/);
    expect(refused({ share: 1.5, factor: 2 })).toMatch(/at most 1/);
    expect(problemsOf({ stragglers: [] })).toMatch(/at least one entry/);
  });
});

describe("jitter of a scenario", () => {
  it("takes the place of the calibrated share", () => {
    const stragglers = findTerm(predicted({}).terms, "stragglers");
    const given = findTerm(predicted({ jitter: "0.4 %" }).terms, "stragglers");
    expect(stragglers).toMatchObject({ origin: "calibrated" });
    expect(given).toMatchObject({ origin: "given" });
    expect(given?.value).toBeCloseTo(2 * (stragglers?.value ?? 0), 12);
    expect(findTerm(predicted({ jitter: 0 }).terms, "stragglers")).toBeUndefined();
    const alone = { cluster: { node: "hgx-h100", nodes: 1 }, layout: { tensor: 8 }, jitter: 0.01 };
    expect(problemsOf(alone)).toMatch(/jitter: has no effect with one node/);
  });
});
