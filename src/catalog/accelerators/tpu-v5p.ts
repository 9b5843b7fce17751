import type { Accelerator } from "../accelerator.ts";
import { gibibytes } from "../accelerator.ts";

export const tpuV5p: Accelerator = {
  name: "tpu-v5p",
  aliases: ["tpuv5p", "v5p"],
  label: "Google TPU v5p",
  vendor: "Google",
  generation: "tpu-v5p",
  year: 2023,
  peak: { bf16: 459e12, fp8: 459e12, int8: 918e12 },
  memory: { capacity: gibibytes(95), bandwidth: 2.765e12 },
  multiprocessors: 2,
  scaleUp: { kind: "ici", bandwidth: 600e9 },
  power: "unknown",
  sources: ["google-tpu-v5p", "google-tpu-int8"],
  notes:
    "Six links of 100 GB/s one way in a 3D torus; the 1,200 GB/s of the vendor count both ways. Slice names v5p-N count TensorCores: N/2 chips.",
};
