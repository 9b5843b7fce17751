/** AMD rows: Primus on MI325X (Llama 3) and MI355X (16 layers of DeepSeek-V4-Flash). */

import { assume, type SourceReader } from "../converter.ts";
import { countOf, textOf } from "../raw.ts";
import { catalogModel } from "./models.ts";

/** Micro-batches a step where the source does not give the batch: enough that the update hardly shows. */
const steps = 8;

export const primus: SourceReader = {
  name: "Primus projection validation",
  matches: (row) => row.id.startsWith("amd-llama3"),
  draft: (row) => {
    const count = countOf(row.system, "count");
    const microBatch = countOf(row.plan, "micro_batch");
    const model = catalogModel(row);
    if (count === undefined || microBatch === undefined || model === undefined) return { skip: "layout not stated" };
    const sharded = textOf(row.plan.sharding) === "fsdp";
    const low = textOf(row.workload.precision) === "fp8";
    return {
      use: "judge",
      cluster: { node: "mi325x-8", nodes: count / 8 },
      workload: {
        kind: "training",
        model,
        sequenceLength: countOf(row.workload, "seq"),
        globalBatch: microBatch * count * steps,
        precision: low ? "fp8-current" : "bf16",
      },
      layout: {
        tensor: 1,
        context: 1,
        pipeline: 1,
        data: count,
        microBatch,
        recompute: sharded ? "full" : "none",
        sharding: sharded ? "full" : "optimizer",
      },
      software: "primus@2025",
      inferred: ["workload.globalBatch", "layout.recompute"],
      assumptions: [
        assume("workload.globalBatch", microBatch * count * steps, "not stated; eight micro-batches a step"),
        assume("layout.recompute", sharded ? "full" : "none", "not stated; Primus recomputes the 70B layers"),
        assume("cluster.fabric", "catalog default", "network between nodes not stated"),
      ],
    };
  },
};

export const primusDeepSeek: SourceReader = {
  name: "Primus DeepSeek-V4 calibration",
  matches: (row) => row.id.startsWith("amd-dsv4"),
  draft: (row) => ({
    use: "judge",
    cluster: { node: "mi355x-8", nodes: 1 },
    workload: {
      kind: "training",
      model: { extends: "deepseek-ai/DeepSeek-V4-Flash", num_hidden_layers: countOf(row.workload, "layers") },
      sequenceLength: countOf(row.workload, "seq"),
      globalBatch: countOf(row.workload, "global_batch_sequences"),
      precision: "bf16",
    },
    layout: {
      tensor: 1,
      context: 1,
      pipeline: 1,
      data: countOf(row.plan, "dp"),
      expert: countOf(row.plan, "ep"),
      microBatch: countOf(row.plan, "micro_batch"),
      recompute: "full",
      sharding: "optimizer",
    },
    software: "primus@2025",
    assumptions: [assume("workload.precision", "bf16", "not stated")],
  }),
};

export const amdSources: readonly SourceReader[] = [primus, primusDeepSeek];
