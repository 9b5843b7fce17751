/** Training over pools of different hardware, from the scenario to the prediction. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { checkTerm, findTerm } from "../base/term.ts";
import { type Prediction, predict, resolve, resourcesOf, scenarioFromValue, trainingOf } from "./index.ts";

type Section = Record<string, unknown>;

const workload: Section = { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 128 };
const fast: Section = { name: "fast", node: "hgx-h100", nodes: 4 };
const old: Section = { name: "old", node: "hgx-a100", nodes: 4 };
const byStages = [
  { pool: "fast", stages: 2 },
  { pool: "old", stages: 2 },
];
const byData = [
  { pool: "fast", data: 2 },
  { pool: "old", data: 2 },
];
const layout: Section = { tensor: 8, microBatch: 1, recompute: "none" };

function scenario(change: Section = {}): Section {
  const written = {
    windtunnel: 1,
    name: "t",
    cluster: { pools: [fast, old] },
    workload,
    layout: { ...layout, pools: byStages },
    ...change,
  };
  return JSON.parse(JSON.stringify(written)) as Section;
}

const predicted = (change: Section = {}): Prediction => predict(scenarioFromValue(scenario(change)));

function complaints(change: Section): string[] {
  try {
    predicted(change);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(
      ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? "" : `; ${hint}`}`,
    );
  }
}

const time = ({ metrics }: Prediction): number => metrics.stepTime ?? Number.NaN;

describe("training over pools", () => {
  it.each<[string, Section]>([
    ["stages", { ...layout, pools: byStages }],
    ["replicas", { ...layout, pools: byData, pipeline: 2 }],
  ])("of the same hardware is training on the plain cluster, by %s", (_by, spread) => {
    const run = { ...workload, tokens: "1T" };
    const same = { ...old, node: "hgx-h100" };
    const mixed = predicted({ cluster: { pools: [fast, same] }, workload: run, layout: spread });
    const { pools: _, ...degrees } = spread;
    const plain = predicted({
      cluster: { node: "hgx-h100", nodes: 8 },
      workload: run,
      layout: { pipeline: 4, ...degrees, virtualStages: 1 },
    });
    for (const [name, value] of Object.entries(plain.metrics)) {
      const other = mixed.metrics[name] ?? Number.NaN;
      expect(Math.abs(other - value), name).toBeLessThanOrEqual(1e-12 * value);
    }
    expect(mixed.basis.stepTime).toEqual(plain.basis.stepTime);
    expect(mixed.fit).toBe(plain.fit);
  });

  it("lies between all of one and all of the other, and balanced is not slower than even", () => {
    const all = (node: string): number =>
      time(predicted({ cluster: { node, nodes: 8 }, layout: { ...layout, pipeline: 4, virtualStages: 1 } }));
    for (const pools of [byStages, byData]) {
      const pipeline = pools === byData ? { pipeline: 2, virtualStages: 1 } : {};
      const even = predicted({ layout: { ...layout, ...pipeline, pools } });
      const balanced = predicted({ layout: { ...layout, ...pipeline, pools, balance: "balanced" } });
      expect(time(balanced)).toBeLessThan(time(even) * 0.9);
      expect(time(balanced)).toBeGreaterThan(all("hgx-h100") * 0.95);
      expect(time(balanced)).toBeLessThan(all("hgx-a100") * 1.05);
      checkTerm(balanced.terms);
      const [found] = balanced.assumptions.filter(({ reason }) => reason.startsWith("balanced:"));
      const percent = (time(even) / time(balanced) - 1) * 100;
      expect(found?.reason).toContain(`+ ${percent.toFixed(1)} %`);
    }
  });

  it("names the pool of the busiest rank and of the memory that binds", () => {
    expect(findTerm(predicted().terms, "computation")?.label).toContain("pool old");
    const tight = predicted({
      cluster: { pools: [fast, { ...old, node: "hgx-a100-40gb" }] },
      workload: { ...workload, model: "llama-3.1-405b" },
    });
    expect(tight).toMatchObject({ fit: "does-not-fit", binding: { resource: "accelerator memory of pool old" } });
  });

  it("says which pool waits, until the split is balanced", () => {
    expect(predicted().warnings.join()).toMatch(/pool fast waits for pool old for \d+ % of the step/);
    expect(predicted({ layout: { ...layout, pools: byStages, balance: "balanced" } }).warnings).toEqual([]);
  });

  it("adds up cost, energy and peaks over the pools, and trusts no mixture as measured", () => {
    const run = { ...workload, tokens: "1T" };
    const mixed = predicted({ workload: run });
    const { stepTime = 0, timeToTrain = 0, cost = 0, modelFlopsPerSecondPerAccelerator: rate = 0 } = mixed.metrics;
    expect(mixed.metrics.modelFlopsUtilization).toBeCloseTo(rate / ((989e12 + 312e12) / 2), 9);
    const prices = mixed.assumptions.filter(({ path }) => path === "economics.acceleratorHour");
    const hourly = prices.map(({ value }) => Number(/: ([\d.]+) /.exec(value)?.[1]));
    expect(hourly).toHaveLength(2);
    const rent = (32 * ((hourly[0] ?? 0) + (hourly[1] ?? 0)) * timeToTrain) / 3600;
    expect(cost / rent).toBeCloseTo(1, 9);
    expect(mixed.metrics.energy).toBeGreaterThan(0);
    expect(["extrapolated", "assumed"]).toContain(mixed.basis.stepTime?.trust);
    const [low = 0, high = 0] = mixed.basis.stepTime?.interval ?? [];
    expect(low).toBeLessThan(stepTime);
    expect(high).toBeGreaterThan(stepTime);
  });

  it("slows with the link between the pools, never gains, and takes the slower port without one", () => {
    for (const pools of [byStages, byData]) {
      const pipeline = pools === byData ? { pipeline: 2 } : {};
      const at = (change: Section): number =>
        time(predicted({ cluster: { pools: [fast, old], ...change }, layout: { ...layout, ...pipeline, pools } }));
      const free = at({});
      const links = ["1 TB/s", "10 GB/s", "1 GB/s"].map((bandwidth) => at({ between: { bandwidth } }));
      const far = at({ between: { bandwidth: "1 TB/s", latency: "20 ms" } });
      expect(links[0]).toBeGreaterThanOrEqual(free - 1e-9);
      expect(links[1]).toBeGreaterThanOrEqual(links[0] ?? 0);
      expect(links[2]).toBeGreaterThan((links[1] ?? 0) * 1.01);
      expect(far).toBeGreaterThan((links[0] ?? 0) + 0.019);
    }
  });

  it("offers each pool's resources on their own", () => {
    const design = resolve(scenarioFromValue(scenario()));
    const names = resourcesOf(design).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["fast.peakFlops", "old.peakFlops", "old.memoryBandwidth"]));
    const faster = resourcesOf(design)
      .find(({ name }) => name === "old.peakFlops")
      ?.scaled(1.1);
    expect(
      faster && trainingOf(faster).training.case.pools?.pools.map(({ cluster }) => cluster.node.accelerator.peak.bf16),
    ).toEqual([989e12, expect.closeTo(343.2e12, -6)]);
  });
});

describe("bad pools", () => {
  const shares = (...pools: Section[]): Section => ({ layout: { ...layout, pools } });
  it.each<[string, Section, RegExp]>([
    ["none spread", { layout }, /^layout\.pools: missing; expected what each of the 2 pools does/],
    [
      "an unknown name",
      shares({ pool: "fsat", stages: 2 }, { pool: "old", stages: 2 }),
      /^layout\.pools\[0\]\.pool: unknown pool "fsat"; did you mean "fast"\?/,
    ],
    ["a pool twice", shares(...byStages, { pool: "old", stages: 2 }), /layout\.pools\[2\]\.pool: "old" is there twice/],
    ["an idle pool", shares({ pool: "fast", stages: 2 }), /layout\.pools: pool "old" does nothing/],
    ["two ways", shares({ pool: "fast", stages: 2 }, { pool: "old", data: 2 }), /no stages; expected stages of every/],
    [
      "both at once",
      shares({ pool: "fast", stages: 2, data: 2 }, { pool: "old", stages: 2 }),
      /layout\.pools\[0\]\.data: has no place beside stages/,
    ],
    [
      "a sum",
      { layout: { ...layout, pools: byStages, pipeline: 8 } },
      /the pools' stages add up to 4, but pipeline is 8/,
    ],
    [
      "a pool too small",
      { cluster: { pools: [fast, { ...old, nodes: 2 }] }, layout: { ...layout, pools: byStages, data: 2 } },
      /layout\.pools: pool "old" has 16 accelerators, but 2 stages of tensor 8 x context 1 x data 2 = 16 are 32; write stages: 1/,
    ],
    [
      "sequences that do not add up",
      shares({ pool: "fast", data: 4, sequences: 96 }, { pool: "old", data: 4, sequences: 16 }),
      /the pools' sequences add up to 112, but globalBatch is 128/,
    ],
    [
      "sequences that do not divide",
      shares({ pool: "fast", data: 4, sequences: 95 }, { pool: "old", data: 4, sequences: 33 }),
      /layout\.pools\[0\]\.sequences: 95 sequences are not divisible by data 4 x 1 a replica = 4; e\.g\. 96/,
    ],
    [
      "sequences of one",
      shares({ pool: "fast", data: 4, sequences: 96 }, { pool: "old", data: 4 }),
      /sequences of some pools but not of all/,
    ],
    [
      "a precision that one lacks",
      { workload: { ...workload, precision: "fp8" } },
      /workload\.precision: a100-sxm-80gb in pool "old" has no fp8 peak.*precision of its own/,
    ],
    [
      "a group across pools",
      {
        workload: { ...workload, model: "mixtral-8x7b-v0.1" },
        layout: { tensor: 1, expert: 8, pipeline: 8, microBatch: 1, pools: byData.map((own) => ({ ...own, data: 4 })) },
      },
      /layout\.expert: a stage of pool "fast".*an expert group stays inside a pool/,
    ],
    [
      "sharding in every micro-batch",
      { layout: { ...layout, sharding: "full", pools: byData.map((own) => ({ ...own, data: 4 })) } },
      /layout\.sharding: weights that are gathered in every micro-batch/,
    ],
    [
      "a balance that is said already",
      { layout: { ...layout, pools: byStages, stageLayers: [10, 10, 6, 6], balance: "balanced" } },
      /layout\.balance: has no effect beside stageLayers/,
    ],
    [
      "a batch that cannot be split",
      {
        workload: { ...workload, globalBatch: 127 },
        layout: { ...layout, pools: byData.map((own) => ({ ...own, data: 4 })), balance: "balanced" },
      },
      /workload\.globalBatch: no numbers of micro-batches on the pools add up to 127/,
    ],
    [
      "pools of the same name",
      { cluster: { pools: [fast, { ...old, name: "fast" }] } },
      /cluster\.pools\[1\]\.name: "fast" is there twice/,
    ],
    [
      "a link on one kind of node",
      { cluster: { node: "hgx-h100", nodes: 8, between: { bandwidth: "1 GB/s" } }, layout: { tensor: 8 } },
      /cluster\.between: there is one kind of node/,
    ],
    [
      "shares on one kind of node",
      { cluster: { node: "hgx-h100", nodes: 8 } },
      /layout\.pools: has no effect on one kind of node/,
    ],
  ])("are refused: %s", (_name, change, expected) => {
    expect(complaints(change).join("\n")).toMatch(expected);
  });

  it("take a precision of their own", () => {
    const own = [
      { pool: "fast", stages: 2 },
      { pool: "old", stages: 2, precision: "bf16" },
    ];
    const large = { ...workload, model: "llama-3.1-70b", sequenceLength: 8192 };
    const spread = { ...layout, recompute: "full", pools: own, balance: "balanced" };
    const fp8 = predicted({ workload: { ...large, precision: "fp8" }, layout: spread });
    expect(time(fp8)).toBeLessThan(time(predicted({ workload: large, layout: spread })) * 0.95);
  });
});
