/**
 * MLPerf Training v4.0, Llama-2-70B LoRA. Samples per second come from the log; degrees and precision from the
 * submission's config files (TP 4, CP 1 or 2, micro-batch 1, FP8 delayed scaling, no recompute, no CUDA graphs; frozen
 * weights kept in FP8, adapters on attention with dropout and LORA_A2A, a plain fused Adam).
 * @source mlperf-4.0-lora-configs
 */

import { assume, type SourceReader } from "../converter.ts";
import { countOf, numberOf, textOf } from "../raw.ts";
import { llamaConfig } from "./models.ts";

/** Submitters whose config file was read. The others ran NVIDIA's code on one node; their file is assumed the same. */
const readConfigs = /-(nvidia|fujitsu|red-hat)-/;

export const mlperfLora: SourceReader = {
  name: "MLPerf Training v4.0 LoRA",
  matches: (row) => row.id.includes("llama2-70b-lora"),
  draft: (row) => {
    const count = numberOf(row.system.count);
    const perNode = numberOf(row.system.per_node);
    if (count === undefined || perNode === undefined) return { skip: "number of accelerators not stated" };
    const name = textOf(row.system.accelerator);
    const node = nodeOf(name, perNode, textOf(row.system.scale_out));
    if (node === undefined) return { skip: `no node for ${perNode} x ${name}` };
    const nodes = count / perNode;
    const tensor = name.includes("H200") ? 2 : 4;
    const context = nodes > 1 ? 2 : 1;
    const read = readConfigs.test(row.id);
    return {
      use: "judge",
      cluster: { node, nodes },
      workload: {
        kind: "training",
        model: llamaConfig(row),
        sequenceLength: countOf(row.workload, "seq"),
        globalBatch: countOf(row.workload, "global_batch_sequences"),
        precision: "fp8-delayed",
        tuning: {
          method: "lora",
          rank: 16,
          targets: ["linear_qkv", "linear_proj"],
          base: "fp8",
          dropout: "on",
          exchange: "all-to-all",
        },
      },
      layout: {
        tensor,
        context,
        pipeline: 1,
        data: count / tensor / context,
        microBatch: 1,
        recompute: "none",
        sharding: "none",
      },
      software: name.includes("L40S")
        ? { extends: "mlperf-nemo@4.0", cudaGraphs: "none", overlap: { tensor: "off" } }
        : { extends: "mlperf-nemo@4.0", cudaGraphs: "none" },
      inferred: read ? [] : ["layout.tensor", "layout.microBatch"],
      assumptions: [
        assume("layout", "the submission's config file", "the log holds no degrees"),
        ...(read
          ? []
          : [assume("layout.tensor", tensor, "this submitter's config was not read; NVIDIA's for one node")]),
        assume("workload.precision", "fp8-delayed", "FP8 with amax history in the config"),
      ],
    };
  },
};

function nodeOf(name: string, perNode: number, network: string): string | undefined {
  if (name.includes("L40S")) return perNode === 4 ? "l40s-4x-2x400" : undefined;
  if (name.includes("H200")) return perNode === 8 ? "hgx-h200" : undefined;
  if (!name.includes("H100")) return undefined;
  if (perNode === 4) return "h100-sxm-4x400";
  return /Gig Ethernet|25Gb|10GB/i.test(network) ? "hgx-h100-ethernet" : "hgx-h100";
}
