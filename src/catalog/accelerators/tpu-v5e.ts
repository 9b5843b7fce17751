import type { Accelerator } from "../accelerator.ts";
import { gibibytes } from "../accelerator.ts";

export const tpuV5e: Accelerator = {
  name: "tpu-v5e",
  aliases: ["tpuv5e", "v5e"],
  label: "Google TPU v5e",
  vendor: "Google",
  generation: "tpu-v5e",
  year: 2023,
  peak: { bf16: 197e12, int8: 393e12 },
  memory: { capacity: gibibytes(16), bandwidth: 819e9 },
  multiprocessors: 1,
  scaleUp: { kind: "ici", bandwidth: 200e9 },
  power: "unknown",
  sources: ["google-tpu-v5e", "google-tpu-int8"],
  notes:
    "Four links of 50 GB/s one way in a 2D torus; the 400 GB/s of the vendor count both ways. multiprocessors counts TensorCores.",
};
