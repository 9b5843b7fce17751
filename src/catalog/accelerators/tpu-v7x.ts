import type { Accelerator } from "../accelerator.ts";
import { gibibytes } from "../accelerator.ts";

export const tpuV7x: Accelerator = {
  name: "tpu-v7x",
  aliases: ["ironwood", "tpu7x", "tpuv7x"],
  label: "Google TPU7x (Ironwood)",
  vendor: "Google",
  generation: "tpu-v7x",
  year: 2025,
  peak: { bf16: 2307e12, fp8: 4614e12 },
  memory: { capacity: gibibytes(192), bandwidth: 7.38e12 },
  multiprocessors: 2,
  scaleUp: { kind: "ici", bandwidth: 600e9 },
  power: "unknown",
  sources: ["google-tpu-v7x"],
  notes: "Six links of 100 GB/s one way in a 3D torus. multiprocessors counts TensorCores.",
};
