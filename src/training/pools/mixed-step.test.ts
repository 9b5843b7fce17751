import { describe, expect, it } from "vitest";
import { overReplicas, overStages } from "../../../test/pools-case.ts";
import { type CaseText, trainingCase } from "../../../test/training-case.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { predictTraining, type TrainingCase, type TrainingRun } from "../index.ts";

function expectSame(mixed: TrainingRun, plain: TrainingRun): void {
  const close = (a: number, b: number, what: string): void =>
    expect(Math.abs(a - b), what).toBeLessThanOrEqual(1e-12 * Math.max(Math.abs(a), Math.abs(b)));
  const { breakdown: one } = mixed;
  const { breakdown: two } = plain;
  const names = [
    "stepTime",
    "pipeline",
    "bubble",
    "gradientReduce",
    "parameterGather",
    "optimizer",
    "fixed",
    "stragglers",
    "rank",
    "microBatches",
  ] as const;
  for (const name of names) close(one[name], two[name], name);
  for (const name of ["weights", "gradients", "optimizer", "activations", "total"] as const) {
    close(one.memory[name], two.memory[name], `memory ${name}`);
  }
  close(mixed.exposedCommunicationTime, plain.exposedCommunicationTime, "exposed communication");
  expect(mixed.memory.fit).toBe(plain.memory.fit);
}

const cases: readonly CaseText[] = [
  { model: "llama-3.1-8b", layout: { tensor: 4, sequenceParallel: "on", pipeline: 4, data: 8 } },
  { model: "llama-3.1-70b", layout: { tensor: 8, pipeline: 4, data: 4, sharding: "none" } },
  {
    model: "llama-3.1-70b",
    layout: { tensor: 8, sequenceParallel: "on", pipeline: 8, virtualStages: 5, schedule: "interleaved", data: 4 },
  },
  { model: "mixtral-8x7b-v0.1", layout: { tensor: 2, pipeline: 2, data: 16, expert: 8, schedule: "gpipe" } },
  { model: "llama-3.1-8b", software: "megatron@2022", layout: { tensor: 8, pipeline: 8, data: 4, recompute: "full" } },
  { model: "deepseek-v3", layout: { pipeline: 4, data: 128, expert: 64 } },
];

describe("pools of the same hardware", () => {
  it.each(cases)("are the plain cluster, by stages: %j", (text) => {
    const c = trainingCase(text);
    expectSame(predictTraining(overStages(c, "hgx-h100", "hgx-h100")), predictTraining(c));
  });

  it.each(cases)("are the plain cluster, by replicas: %j", (text) => {
    const c = trainingCase(text);
    expectSame(predictTraining(overReplicas(c, "hgx-h100", "hgx-h100")), predictTraining(c));
  });
});

describe("pools with slower ports", () => {
  const text: CaseText = {
    model: "llama-3.1-70b",
    layout: { tensor: 8, sequenceParallel: "on", pipeline: 4, data: 4 },
  };
  const c = trainingCase(text);
  const slower = (factor: number): TrainingCase["cluster"]["node"] => {
    const { node } = c.cluster;
    return { ...node, nics: { ...node.nics, bandwidth: node.nics.bandwidth * factor } };
  };
  const halves = (factor: number): readonly [Cluster, Cluster] => {
    const half = { ...c.cluster, nodes: c.cluster.nodes / 2, accelerators: c.cluster.accelerators / 2 };
    return [half, { ...half, node: slower(factor) }];
  };

  it("reduce gradients over replicas at the pace of the slower", () => {
    const [fast, slow] = halves(0.25);
    const sequences = c.globalBatch / 2;
    const pools = [
      { name: "fast", cluster: fast, data: 2, sequences },
      { name: "slow", cluster: slow, data: 2, sequences },
    ];
    const mixed = predictTraining({ ...c, pools: { by: "data", pools } }).breakdown;
    const allSlow = predictTraining({ ...c, cluster: { ...c.cluster, node: slower(0.25) } }).breakdown;
    expect(mixed.gradientReduce).toBeCloseTo(allSlow.gradientReduce, 12);
    expect(mixed.gradientReduce).toBeGreaterThan(predictTraining(c).breakdown.gradientReduce);
  });

  it("send activations over the boundary at the pace of the slower, and inside at their own", () => {
    const [fast, slow] = halves(0.25);
    const pools = [
      { name: "fast", cluster: fast, stages: 2 },
      { name: "slow", cluster: slow, stages: 2 },
    ];
    const { work } = predictTraining({ ...c, pools: { by: "pipeline", pools } }).breakdown;
    const plain = predictTraining(c).breakdown.work.transfer;
    const allSlow = predictTraining({ ...c, cluster: { ...c.cluster, node: slower(0.25) } }).breakdown.work.transfer;
    expect([...(work.hops ?? [])]).toEqual([plain, allSlow, allSlow, allSlow]);
    expect(allSlow).toBeGreaterThan(plain * 1.5);
  });

  it("wait for crossings where the stack waits for transfers", () => {
    const early = trainingCase({ ...text, software: "megatron@2022" });
    const timeOf = (bandwidth: number): TrainingRun => {
      const [fast, slow] = halves(1);
      const pools = [
        { name: "fast", cluster: fast, stages: 2 },
        { name: "slow", cluster: slow, stages: 2 },
      ];
      return predictTraining({ ...early, pools: { by: "pipeline", pools, between: { bandwidth, latency: 0 } } });
    };
    const [wide, narrow] = [timeOf(1e13), timeOf(5e9)];
    expect(narrow.breakdown.busiest.transfer).toBeGreaterThan(wide.breakdown.busiest.transfer);
    expect(narrow.stepTime).toBeGreaterThan(wide.stepTime);
  });

  it("are no faster than a shared link carries their micro-batches", () => {
    const [fast, slow] = halves(1);
    const pools = [
      { name: "fast", cluster: fast, stages: 2 },
      { name: "slow", cluster: slow, stages: 2 },
    ];
    const bandwidth = 1e9;
    const run = predictTraining({ ...c, pools: { by: "pipeline", pools, between: { bandwidth, latency: 0 } } });
    const perMicroBatch = 4 * c.sequenceLength * c.model.hidden * 2;
    const { microBatches, pipeline } = run.breakdown;
    expect(pipeline).toBeGreaterThanOrEqual((microBatches * perMicroBatch) / bandwidth);
  });
});
