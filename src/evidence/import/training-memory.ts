/**
 * Raw kind `training-memory`: Korthikanti 2022, figure 1. The figure's bars are the paper's formulas for the first
 * stage: transformer layers only (18 bytes per parameter of 12 L h^2 / (t p)), activations with the interleaving of its
 * Table 3. So the record leaves out the embedding and takes batch and interleaving from the table.
 * @source korthikanti-2022
 */

import type { Section } from "../record.ts";
import { assembleRecord, assume, type Converter } from "./converter.ts";
import { countOf, numberOf, type RawRow } from "./raw.ts";
import { machineOf } from "./training/clusters.ts";

/** Table 3 of the paper: global batch, and chunks per rank. */
const table3: Readonly<Record<string, { readonly batch: number; readonly chunks: number }>> = {
  "gpt-22b": { batch: 4, chunks: 1 },
  "gpt-175b": { batch: 64, chunks: 3 },
  "gpt-530b": { batch: 280, chunks: 3 },
  "gpt-1t": { batch: 512, chunks: 1 },
};

export const trainingMemory: Converter = {
  kind: "training-memory",
  summary: "Memory of one accelerator during training",
  convert(row) {
    if (!row.id.startsWith("korthikanti-fig1")) return { skip: `no reader for the source "${row.source.title}"` };
    const machine = machineOf(row);
    const size = table3[String(row.workload.model)];
    if (machine === undefined || size === undefined) return { skip: "size is not one of the paper's table" };
    const measured = memoryReadings(row);
    if (measured.length === 0) return { skip: "no memory measured" };
    const draft = {
      use: "judge",
      cluster: machine.cluster,
      workload: {
        kind: "training",
        model: layersOnly(row),
        sequenceLength: countOf(row.workload, "seq"),
        globalBatch: size.batch,
        precision: "fp16",
      },
      layout: {
        tensor: countOf(row.plan, "tp"),
        sequenceParallel: row.plan.sequence_parallel === true ? "on" : "off",
        context: 1,
        pipeline: countOf(row.plan, "pp"),
        virtualStages: size.chunks,
        data: 1,
        microBatch: countOf(row.plan, "micro_batch"),
        schedule: size.chunks > 1 ? "interleaved" : "1f1b",
        recompute: row.plan.recompute === "selective" ? "selective" : "none",
        sharding: "none",
      },
      software: "megatron@2022",
      assumptions: [
        assume("workload.model", "transformer layers only", "the figure's formula leaves out embedding and head"),
        assume("workload.globalBatch", size.batch, "from the paper's Table 3"),
        assume("layout.virtualStages", size.chunks, "from the paper's Table 3; the plotted value agrees only with it"),
      ],
    } as const;
    return assembleRecord(row, draft, { measured, unconverted: [] });
  },
};

/** BLOOM has no position parameters; eight tokens are the least vocabulary that eight tensor ranks can share. */
function layersOnly(row: RawRow): Section {
  return {
    model_type: "bloom",
    _name_or_path: `${String(row.workload.model)}, layers only`,
    hidden_size: countOf(row.workload, "hidden"),
    n_layer: countOf(row.workload, "layers"),
    n_head: countOf(row.workload, "heads"),
    vocab_size: countOf(row.plan, "tp"),
    tie_word_embeddings: true,
  };
}

const metrics: Readonly<Record<string, string>> = {
  memory_per_gpu: "memoryPerAccelerator",
  parameters_and_optimizer_memory_per_gpu: "modelStateMemory",
  activation_memory_per_gpu: "activationMemory",
};

function memoryReadings(row: RawRow) {
  const whole = row.measured.some((entry) => entry.metric === "memory_per_gpu");
  return row.measured.flatMap((entry) => {
    const metric = metrics[entry.metric];
    const value = numberOf(entry.value);
    if (metric === undefined || value === undefined) return [];
    return [{ metric, value: `${value} ${entry.unit}`, primary: !whole || metric === "memoryPerAccelerator" }];
  });
}
