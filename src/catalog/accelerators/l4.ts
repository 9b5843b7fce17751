import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const l4: Accelerator = {
  name: "l4",
  label: "NVIDIA L4",
  vendor: "NVIDIA",
  generation: "ada",
  year: 2023,
  peak: { fp32: 30.3e12, tf32: 60e12, bf16: 121e12, fp16: 121e12, fp8: 242e12, int8: 242e12 },
  vectorPeak: 30.3e12,
  memory: { capacity: gibibytes(24), bandwidth: 300e9 },
  cache: mebibytes(48),
  multiprocessors: 58,
  scaleUp: { kind: "pcie", bandwidth: 32e9 },
  power: 72,
  sources: ["aiconfigurator-systems", "nvidia-ada"],
};
