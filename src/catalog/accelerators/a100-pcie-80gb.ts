import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const a100Pcie80gb: Accelerator = {
  name: "a100-pcie-80gb",
  aliases: ["a100-pcie"],
  label: "NVIDIA A100 PCIe 80 GB",
  vendor: "NVIDIA",
  generation: "ampere",
  year: 2021,
  peak: { fp64: 19.5e12, fp32: 19.5e12, tf32: 156e12, bf16: 312e12, fp16: 312e12, int8: 624e12 },
  vectorPeak: 19.5e12,
  memory: { capacity: gibibytes(80), bandwidth: 1.935e12 },
  cache: mebibytes(40),
  multiprocessors: 108,
  scaleUp: { kind: "pcie", bandwidth: 32e9 },
  power: 300,
  sources: ["aiconfigurator-systems", "nvidia-a100"],
};
