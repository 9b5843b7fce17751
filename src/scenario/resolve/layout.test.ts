import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { resolve, scenarioFromValue, trainingOf } from "../index.ts";

type Section = Record<string, unknown>;

function problems(layout: Section, change: { workload?: Section; cluster?: Section } = {}): string[] {
  const value = {
    windtunnel: 1,
    name: "t",
    cluster: { node: "hgx-h100", nodes: 2, ...change.cluster },
    workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 8192, globalBatch: 64, ...change.workload },
    layout,
  };
  try {
    resolve(scenarioFromValue(value));
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(
      ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? "" : `; ${hint}`}`,
    );
  }
}

const experts = { model: "mistralai/Mixtral-8x7B-v0.1" };

describe("layouts", () => {
  it.each([
    [
      { tensor: 2, pipeline: 2, data: 2 },
      {},
      "layout: tensor 2 x context 1 x pipeline 2 x data 2 = 8, but the cluster has 16 accelerators; write data: 4, or leave data out",
    ],
    [
      { tensor: 2, pipeline: 3, data: 3 },
      { workload: { globalBatch: 63 } },
      "layout: tensor 2 x context 1 x pipeline 3 x data 3 = 18, but the cluster has 16 accelerators; choose degrees whose product is 16",
    ],
    [
      { pipeline: 3 },
      { workload: { globalBatch: 60 } },
      "layout: the cluster's 16 accelerators are not divisible by tensor 1 x context 1 x pipeline 3 = 3; choose degrees whose product divides 16",
    ],
    [{ tensor: 16 }, {}, undefined],
    [
      { data: 16 },
      { workload: { globalBatch: 63 } },
      "workload.globalBatch: 63 sequences are not divisible by data 16 x microBatch 1 = 16; the nearest that is: 64",
    ],
    [
      { data: 16, microBatch: 8 },
      {},
      "workload.globalBatch: 64 sequences are not divisible by data 16 x microBatch 8 = 128; the nearest that is: 128",
    ],
    [
      { pipeline: 16, virtualStages: 4 },
      {},
      "layout.pipeline: pipeline 16 x virtualStages 4 = 64 stages for 32 layers; a stage needs a layer, the embedding or the head",
    ],
    [
      { pipeline: 4, virtualStages: 2 },
      { workload: { globalBatch: 24 } },
      "layout.virtualStages: the 6 micro-batches of a step are not divisible by pipeline 4, as interleaving needs; change globalBatch or microBatch, or write schedule: 1f1b and virtualStages: 1",
    ],
    [
      { pipeline: 2, stageLayers: [16, 15] },
      {},
      "layout.stageLayers: the entries add up to 31, but meta-llama/Llama-3.1-8B has 32 layers",
    ],
    [
      { pipeline: 2, stageLayers: [10, 10, 12] },
      {},
      "layout.stageLayers: 3 entries, but pipeline 2 x virtualStages 1 = 2 stages; one entry a stage, in pipeline order",
    ],
    [
      { pipeline: 2, stageLayers: "Et*16|t*15L" },
      {},
      "layout.stageLayers: the entries add up to 31, but meta-llama/Llama-3.1-8B has 32 layers",
    ],
    [
      { pipeline: 2, schedule: "1f1b", stageLayers: "Et*10|t*10|t*12L" },
      {},
      "layout.stageLayers: 3 entries, but pipeline 2 x virtualStages 1 = 2 stages; one entry a stage, in pipeline order",
    ],
    [
      { pipeline: 2, stageLayers: "Et*16|t*16mL" },
      {},
      "layout.stageLayers: found 1 m, but workload.multiTokenPrediction is 0; write an m for each, or change multiTokenPrediction",
    ],
    [
      { pipeline: 2, stageLayers: "Et*16|t*16" },
      {},
      'layout.stageLayers: found 0 L, expected one; e.g. "Et*4|(t*4|)*14tmL": E embedding, t layer, m MTP module, L loss, | the end of a stage',
    ],
    [{ pipeline: 2, stageLayers: "Et*8|(t*8|)*2t*8L" }, {}, undefined],
    [
      { context: 2 },
      { workload: { sequenceLength: 8191 } },
      "workload.sequenceLength: 8191 tokens are not divisible by context 2 x 2 (zig-zag) = 4; the nearest that is: 8192",
    ],
    [{ expert: 2 }, {}, "layout.expert: meta-llama/Llama-3.1-8B has no experts; remove expert"],
    [{ expertTensor: 2 }, {}, "layout.expertTensor: meta-llama/Llama-3.1-8B has no experts; remove expertTensor"],
    [{ expert: 16 }, { workload: experts }, "layout.expert: 8 experts are not divisible by expert 16; e.g. expert: 8"],
    [
      { expert: 8, expertTensor: 4 },
      { workload: experts },
      "layout.expert: the 16 accelerators of a pipeline stage (tensor x context x data) are not divisible by expert 8 x expertTensor 4 = 32; experts are spread inside one pipeline stage",
    ],
    [{ shardGroup: 8 }, {}, "layout.shardGroup: has no effect without sharding: hybrid; remove it, or use hybrid"],
    [
      { sharding: "hybrid", shardGroup: 5 },
      {},
      "layout.shardGroup: the 16 data-parallel ranks (data x context) are not divisible by 5; each group of so many ranks shares one copy",
    ],
    [{ recompute: ["moe"] }, {}, "layout.recompute[0]: meta-llama/Llama-3.1-8B has no moe to recompute; remove it"],
    [{ recompute: ["mlp", "mlp"] }, {}, 'layout.recompute[1]: "mlp" is there twice; remove one of them'],
    [
      { recomputeLayers: 2 },
      {},
      "layout.recomputeLayers: has no effect without recompute: full; remove it, or use full",
    ],
    [
      { recompute: "full", recomputeLayers: 99 },
      {},
      "layout.recomputeLayers: 99, but a rank holds 32 of 32 layers; leave it out to recompute them all",
    ],
    [
      { schedule: "interleaved" },
      {},
      "layout.schedule: interleaved needs more than one virtual stage; set virtualStages, or schedule: 1f1b",
    ],
    [
      { pipeline: 2, virtualStages: 2, schedule: "1f1b" },
      {},
      "layout.schedule: 1f1b has no virtual stages; use schedule: interleaved",
    ],
    [
      { pipeline: 2, virtualStages: 2, schedule: "zero-bubble-h1" },
      {},
      "layout.schedule: zero-bubble-h1 has no virtual stages; use schedule: interleaved",
    ],
    [
      { pipeline: 2, virtualStages: 4, schedule: "zero-bubble-v" },
      {},
      "layout.virtualStages: zero-bubble-v runs two model chunks on each rank; write 2, or leave it out",
    ],
    [
      { schedule: "zero-bubble-h2" },
      {},
      "layout.schedule: zero-bubble-h2 needs pipeline > 1; raise pipeline, or remove schedule",
    ],
    [
      { pipeline: 16, schedule: "dualpipe" },
      { workload: { globalBatch: 30 } },
      "layout.schedule: dualpipe needs at least 32 micro-batches, two for each pipeline rank, but a step has 30; a larger globalBatch, or fewer pipeline ranks",
    ],
    [
      { pipeline: 2, schedule: "dualpipe" },
      { workload: { globalBatch: 40 } },
      "layout.schedule: dualpipe needs an even number of micro-batches, half for each end, but a step has 5; change globalBatch or microBatch",
    ],
    [
      { pipeline: 3, schedule: "dualpipe" },
      { cluster: { nodes: 3 }, workload: { globalBatch: 48 } },
      "layout.schedule: dualpipe needs an even pipeline, but pipeline is 3; e.g. 4",
    ],
    [
      { pipeline: 4, schedule: "dualpipe-v" },
      { workload: { globalBatch: 16 } },
      "layout.schedule: dualpipe-v needs at least 8 micro-batches, two for each pipeline rank, but a step has 4; a larger globalBatch, or fewer pipeline ranks",
    ],
    [
      { pipeline: 2, schedule: "dualpipe", sharding: "full" },
      {},
      "layout.sharding: dualpipe holds every stage on two ranks, whose gradients are reduced once a step, not in every micro-batch; use none or optimizer, or schedule: dualpipe-v",
    ],
    [{ pipeline: 16, schedule: "v-half" }, { workload: { globalBatch: 17 } }, undefined],
    [{ virtualStages: 2 }, {}, "layout.virtualStages: interleaving needs pipeline > 1; remove virtualStages"],
    [
      {},
      { workload: { precision: "nvfp4" } },
      "workload.precision: h100-sxm has no fp4 peak, which nvfp4 needs; known peaks: fp64, fp32, tf32, bf16, fp16, fp8, int8",
    ],
    [
      {},
      { workload: { multiTokenPrediction: 1 } },
      "workload.multiTokenPrediction: meta-llama/Llama-3.1-8B has no multi-token prediction modules; remove it",
    ],
    [
      {},
      { workload: { highPrecisionLayers: { first: 2 } } },
      "workload.highPrecisionLayers: has no effect with precision: bf16; remove it",
    ],
    [
      {},
      { workload: { tuning: { method: "full", rank: 8 } } },
      "workload.tuning.rank: has no effect with method: full; remove it",
    ],
  ])("%j with %j", (layout, change, expected) => {
    expect(problems(layout, change)).toEqual(expected === undefined ? [] : [expected]);
  });

  it("says which heads and widths do not divide", () => {
    const found = problems(
      { tensor: 5, data: 1 },
      { cluster: { node: { extends: "hgx-h100", acceleratorsPerNode: 5 }, nodes: 1 } },
    );
    expect(found).toContain("layout.tensor: 32 heads are not divisible by tensor 5; e.g. tensor: 1");
    expect(found).toContain(
      "layout.tensor: 8 key-value heads can be neither split over nor copied evenly onto tensor 5; e.g. tensor: 1",
    );
  });

  it("spreads layers that do not divide and says how", () => {
    const cluster = { node: "hgx-h100", nodes: 16 };
    const workload = { kind: "training", model: "llama-3.1-405b", sequenceLength: 8192, globalBatch: 16 };
    const stages = (layout: Section): string | undefined => {
      const value = { windtunnel: 1, name: "t", cluster, workload, layout: { tensor: 8, pipeline: 16, ...layout } };
      const { assumptions } = trainingOf(resolve(scenarioFromValue(value))).training;
      return assumptions.find(({ path }) => path === "layout.stageLayers")?.value;
    };
    expect(stages({ virtualStages: 1 })).toBe("7, 14 x 8, 7");
    expect(stages({})).toBe("0, 126 x 1, 0");
  });
});
