import { describe, expect, it } from "vitest";
import { overReplicas, overStages } from "../../../test/pools-case.ts";
import { type CaseText, trainingCase } from "../../../test/training-case.ts";
import { predictTraining, type TrainingRun } from "../index.ts";

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
