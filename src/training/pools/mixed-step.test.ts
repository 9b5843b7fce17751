import { describe, expect, it } from "vitest";
import { type CaseText, trainingCase } from "../../../test/training-case.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { clusterOf, nodes } from "../../catalog/index.ts";
import { predictTraining, type TrainingCase, type TrainingRun } from "../index.ts";

/** Half of a case's cluster, on this node. */
function half(c: TrainingCase, node: string): Cluster {
  const { fabric } = c.cluster;
  return clusterOf({ node: nodes.get(node), nodes: c.cluster.nodes / 2, fabric });
}

function overStages(c: TrainingCase, fast: string, slow: string): TrainingCase {
  const stages = c.layout.pipeline / 2;
  const pools = [
    { name: "fast", cluster: half(c, fast), stages },
    { name: "slow", cluster: half(c, slow), stages },
  ];
  return { ...c, pools: { by: "pipeline", pools } };
}

function overReplicas(c: TrainingCase, fast: string, slow: string, sequences = c.globalBatch / 2): TrainingCase {
  const data = c.layout.data / 2;
  const pools = [
    { name: "fast", cluster: half(c, fast), data, sequences },
    { name: "slow", cluster: half(c, slow), data, sequences: c.globalBatch - sequences },
  ];
  return { ...c, pools: { by: "data", pools } };
}

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
