import type { Accelerator } from "../accelerator.ts";
import { gibibytes } from "../accelerator.ts";

export const tpuV6e: Accelerator = {
  name: "tpu-v6e",
  aliases: ["tpuv6e", "v6e", "trillium"],
  label: "Google TPU v6e (Trillium)",
  vendor: "Google",
  generation: "tpu-v6e",
  year: 2024,
  peak: { bf16: 918e12, fp8: 918e12, int8: 1836e12 },
  memory: { capacity: gibibytes(32), bandwidth: 1.638e12 },
  multiprocessors: 1,
  scaleUp: { kind: "ici", bandwidth: 400e9 },
  power: "unknown",
  sources: ["google-tpu-v7x", "google-tpu-int8"],
  notes: "Four links of 100 GB/s one way in a 2D torus. multiprocessors counts TensorCores.",
};
