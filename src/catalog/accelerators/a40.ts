import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const a40: Accelerator = {
  name: "a40",
  label: "NVIDIA A40",
  vendor: "NVIDIA",
  generation: "ampere",
  year: 2021,
  peak: { fp32: 37.4e12, tf32: 74.8e12, bf16: 149.7e12, fp16: 149.7e12, int8: 299.3e12 },
  vectorPeak: 37.4e12,
  memory: { capacity: gibibytes(48), bandwidth: 696e9 },
  cache: mebibytes(6),
  multiprocessors: 84,
  scaleUp: { kind: "pcie", bandwidth: 32e9 },
  power: 300,
  sources: ["nvidia-a40", "pcie-rates"],
};
