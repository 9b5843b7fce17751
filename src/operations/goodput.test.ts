import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { predictDesign, resolve, resourcesOf, scenarioFromValue, trainingOf } from "../scenario/index.ts";
import { goodputDemands } from "./goodput.ts";
import { sensitivities } from "./sensitivity.ts";

const scenario = (change: object = {}) =>
  scenarioFromValue({
    windtunnel: 1,
    name: "70B",
    cluster: { node: "hgx-h100", nodes: 512 },
    workload: {
      kind: "training",
      model: "llama-3.1-70b",
      sequenceLength: 8192,
      globalBatch: 1024,
      tokens: "2T",
    },
    layout: { tensor: 8, pipeline: 4, microBatch: 1 },
    reliability: { detection: "1 min", restart: "4 min", checkpoint: { every: "30 min" } },
    storage: { write: "200 GB/s" },
    ...change,
  });

describe("explain --goodput", () => {
  const design = trainingOf(resolve(scenario()));
  const { training } = design;

  it("says what reaches a goodput, and the scenario changed so reaches it", () => {
    const { interval, recovery, rate, now } = goodputDemands(design, "97 %");
    const wall = (change: object): number => {
      const changed = resolve(scenario({ reliability: { spares: 10_000, ...change } }));
      return predictDesign(changed).metrics.trainingGoodput ?? 0;
    };
    const given = { detection: "1 min", restart: "4 min", checkpoint: { every: "30 min" } };
    expect(wall(given)).toBeCloseTo(now.goodput, 9);
    expect(interval).toBeDefined();
    expect(wall({ ...given, checkpoint: { every: `${interval?.[1]} s` } })).toBeCloseTo(0.97, 9);
    const loading = now.recovery - 300;
    const restart = `${(recovery ?? 0) - loading - 60} s`;
    expect(wall({ ...given, restart })).toBeCloseTo(0.97, 9);
    const factor = (rate ?? 0) * now.timeBetweenInterruptions;
    const longer = resourcesOf({ kind: "training", training: resolved({ ...given, spares: 10_000 }) })
      .find(({ name }) => name === "timeBetweenFailures")
      ?.scaled(1 / factor);
    expect(longer && predictDesign(longer).metrics.trainingGoodput).toBeCloseTo(0.97, 6);
  });

  function resolved(reliability: object) {
    return trainingOf(resolve(scenario({ reliability }))).training;
  }

  it("leaves less to recover the longer the stall", () => {
    const { budgets } = goodputDemands(design, "95 %");
    const left = budgets.map(({ recovery }) => recovery ?? 0);
    expect([...left].sort((a, b) => b - a)).toEqual(left);
    const overheads = budgets.map(({ overhead }) => overhead);
    expect([...overheads].sort((a, b) => a - b)).toEqual(overheads);
  });

  it.each(["0", "100 %", "1.2", "much"])("refuses %s", (wanted) => {
    expect(() => goodputDemands(design, wanted)).toThrow(ProblemError);
  });

  it("needs failures", () => {
    const { reliability: _, ...rest } = training;
    expect(() => goodputDemands({ kind: "training", training: rest }, "95 %")).toThrow("reliability: missing");
  });
});

describe("sensitivity to failures", () => {
  it("has a sign: longer times between failures and shorter restarts are better", () => {
    const found = new Map(
      sensitivities(resolve(scenario())).map(({ resource, elasticity }) => [resource, elasticity.trainingGoodput ?? 0]),
    );
    expect(found.get("timeBetweenFailures")).toBeGreaterThan(0);
    for (const name of ["detectionTime", "restartTime", "repairTime", "checkpointStall"]) {
      expect(found.get(name)).toBeLessThan(0);
    }
    expect(found.get("storeWriteBandwidth")).toBeGreaterThan(0);
  });
});
