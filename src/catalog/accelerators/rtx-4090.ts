import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const rtx4090: Accelerator = {
  name: "rtx-4090",
  label: "NVIDIA GeForce RTX 4090",
  vendor: "NVIDIA",
  generation: "ada",
  year: 2022,
  peak: { fp32: 82.6e12, tf32: 82.6e12, bf16: 165.2e12, fp16: 165.2e12, fp8: 330.3e12, int8: 660.6e12 },
  vectorPeak: 82.6e12,
  memory: { capacity: gibibytes(24), bandwidth: 1.008e12 },
  cache: mebibytes(72),
  multiprocessors: 128,
  scaleUp: { kind: "pcie", bandwidth: 32e9 },
  power: 450,
  sources: ["nvidia-ada", "pcie-rates"],
  notes: "16- and 8-bit rates with fp32 accumulation; twice as fast with fp16 accumulation.",
};
