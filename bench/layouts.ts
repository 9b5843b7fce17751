/** The 3D layouts of one job that pass divisibility: what a layout search walks through. */

import type { Layout, TrainingCase } from "../src/training/index.ts";

const tensors = [1, 2, 4, 8];
const pipelines = [1, 2, 4, 8, 16, 32, 64];
const microBatches = [1, 2, 4, 8];
const recomputes = ["none", "selective", "full"] as const;
const shardings = ["none", "optimizer"] as const;

/** Tensor x pipeline x data, micro-batch, recompute and sharding; 1F1B. Every layout differs from every other. */
export function layoutsOf(c: TrainingCase): readonly Layout[] {
  const { accelerators } = c.cluster;
  const { stageLayers: _, ...rest } = c.layout;
  const layouts: Layout[] = [];
  for (const tensor of tensors) {
    for (const pipeline of pipelines) {
      for (const microBatch of microBatches) {
        const data = accelerators / tensor / pipeline;
        if (!Number.isInteger(data) || c.globalBatch % (data * microBatch) !== 0) continue;
        if (pipeline > c.model.layers.length) continue;
        for (const recompute of recomputes) {
          for (const sharding of shardings) {
            layouts.push({
              ...rest,
              tensor,
              pipeline,
              data,
              microBatch,
              recompute,
              sharding,
              virtualStages: 1,
              schedule: "1f1b",
              sequenceParallel: tensor > 1 ? "on" : "off",
            });
          }
        }
      }
    }
  }
  return layouts;
}
