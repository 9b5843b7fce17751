/** vTrain's multi-node validation runs (Megatron-DeepSpeed on A100, full recompute). */

import { assume, type Drafted, type SourceReader } from "../converter.ts";
import { countOf, type RawRow } from "../raw.ts";
import { gptConfig } from "./models.ts";

export const vtrain: SourceReader = {
  name: "vTrain multi-node validation",
  matches: (row) => row.id.startsWith("vtrain-"),
  draft,
};

/** GPT-2's 50,257 tokens padded so that 8 tensor ranks share them. */
const paddedVocabulary = 51_200;

function draft(row: RawRow): Drafted {
  const count = countOf(row.system, "count");
  if (count === undefined || count % 8 !== 0) return { skip: "number of accelerators not stated" };
  return {
    use: "judge",
    cluster: { node: "a100-4x200", nodes: count / 8 },
    workload: {
      kind: "training",
      model: gptConfig(row, { vocabulary: paddedVocabulary }),
      sequenceLength: countOf(row.workload, "seq"),
      globalBatch: countOf(row.workload, "global_batch_sequences"),
      precision: "fp16",
    },
    layout: {
      tensor: countOf(row.plan, "tp"),
      sequenceParallel: "off",
      context: 1,
      pipeline: countOf(row.plan, "pp"),
      data: countOf(row.plan, "dp"),
      microBatch: countOf(row.plan, "micro_batch"),
      schedule: "1f1b",
      recompute: "full",
      sharding: "none",
    },
    software: "megatron-deepspeed@2022",
    assumptions: [
      assume("workload.model.vocab_size", paddedVocabulary, "not stated; GPT-2's vocabulary, padded"),
      assume(
        "layout.sharding",
        "none",
        "not stated; every size starts at the tensor x pipeline degree that a whole optimizer state needs, ZeRO would allow less",
      ),
      assume("layout.sequenceParallel", "off", "Megatron-DeepSpeed of that time has none"),
      assume("cluster.node", "a100-4x200", "the validation config says 800 Gbps per node"),
    ],
  };
}
