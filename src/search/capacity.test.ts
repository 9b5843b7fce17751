import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { type Scenario, scenarioFromValue } from "../scenario/index.ts";
import { fewestThat, largestThat } from "./bracket.ts";
import { capacity } from "./capacity.ts";

const scenario = (rate: string, replicas: number | "auto", timePerToken = "20 ms"): Scenario =>
  scenarioFromValue({
    windtunnel: 1,
    name: "fleet",
    cluster: { node: "hgx-h100", nodes: 1 },
    workload: {
      kind: "serving",
      model: "meta-llama/Llama-3.1-8B",
      requests: { arrivals: "poisson", rate, count: 60, input: 512, output: 64 },
      slo: { timePerOutputToken: { p90: timePerToken } },
    },
    serving: { engine: "vllm@0.19", replicas },
  });

describe("a bracketed search", () => {
  it.each([0.004, 0.7, 1, 37.5, 9000])("finds the border %d of a rate within its ratio", (border) => {
    const { holds, fails } = largestThat((value) => value <= border, { start: 1, least: 1e-3, most: 1e6, ratio: 1.02 });
    expect(holds).toBeLessThanOrEqual(border);
    expect(fails).toBeGreaterThan(border);
    expect((fails as number) / (holds as number)).toBeLessThanOrEqual(1.02);
  });

  it("says where nothing or everything holds", () => {
    const limits = { start: 1, least: 0.1, most: 10, ratio: 1.1 };
    expect(largestThat(() => false, limits)).toEqual({ holds: undefined, fails: 0.1 });
    expect(largestThat(() => true, limits)).toEqual({ holds: 10, fails: undefined });
    expect(fewestThat(() => false, { least: 1, most: 9 })).toEqual({ holds: undefined, fails: 9 });
  });

  it.each([1, 2, 3, 7, 8, 9, 31])("finds the fewest, %d", (fewest) => {
    const asked: number[] = [];
    const { holds, fails } = fewestThat((value) => asked.push(value) > 0 && value >= fewest, { least: 1, most: 31 });
    expect(holds).toBe(fewest);
    expect(fails).toBe(fewest === 1 ? undefined : fewest - 1);
  });
});

describe("capacity of a fleet", () => {
  it("is the border between rates that keep the targets and rates that do not", () => {
    const { value, beyond, trials } = capacity(scenario("auto", 1), { files: {} });
    expect(value).toBeGreaterThan(1);
    expect((beyond as number) / (value as number)).toBeLessThanOrEqual(1.02);
    for (const trial of trials) expect(trial.kept).toBe(trial.value <= (value as number) ? "kept" : "missed");
  });

  it("needs no fewer replicas at a higher rate", () => {
    const fewest = (rate: string): number => capacity(scenario(rate, "auto"), { files: {} }).value as number;
    expect(fewest("40 /s")).toBeLessThanOrEqual(fewest("160 /s"));
  });

  it("keeps the best so far when it is stopped", () => {
    let asked = 0;
    const answer = capacity(scenario("auto", 1), { files: {}, cancelled: () => ++asked > 2 });
    expect(answer.ended).toBe("stopped");
    expect(answer.trials).toHaveLength(3);
    expect(answer.value).toBe(
      Math.max(...answer.trials.filter(({ kept }) => kept === "kept").map((each) => each.value)),
    );
  });

  it("says that no rate keeps an impossible target", () => {
    const { value, prediction } = capacity(scenario("auto", 1, "1 us"), { files: {} });
    expect(value).toBeUndefined();
    expect(prediction.targets?.[0]?.met).toBe("missed");
  });

  it("refuses two questions at once, and none", () => {
    expect(() => capacity(scenario("auto", "auto"), { files: {} })).toThrow(ProblemError);
    expect(() => capacity(scenario("10 /s", 1), { files: {} })).toThrow(/auto/);
  });
});
