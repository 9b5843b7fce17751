import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const a30: Accelerator = {
  name: "a30",
  label: "NVIDIA A30",
  vendor: "NVIDIA",
  generation: "ampere",
  year: 2021,
  peak: { fp64: 10.3e12, fp32: 10.3e12, tf32: 82e12, bf16: 165e12, fp16: 165e12, int8: 330e12 },
  vectorPeak: 10.3e12,
  memory: { capacity: gibibytes(24), bandwidth: 933e9 },
  cache: mebibytes(24),
  multiprocessors: 56,
  scaleUp: { kind: "pcie", bandwidth: 32e9 },
  power: 165,
  sources: ["aiconfigurator-systems", "nvidia-a30"],
};
