import type { Accelerator } from "../accelerator.ts";
import { gibibytes } from "../accelerator.ts";

export const tpuV4: Accelerator = {
  name: "tpu-v4",
  aliases: ["tpuv4"],
  label: "Google TPU v4",
  vendor: "Google",
  generation: "tpu-v4",
  year: 2021,
  peak: { bf16: 275e12, int8: 275e12 },
  memory: { capacity: gibibytes(32), bandwidth: 1.2288e12 },
  multiprocessors: 2,
  scaleUp: { kind: "ici", bandwidth: 300e9 },
  power: "unknown",
  sources: ["google-tpu-v4"],
  notes: "Six links of 50 GB/s one way in a 3D torus. multiprocessors counts TensorCores.",
};
