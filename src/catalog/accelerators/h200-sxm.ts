import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const h200Sxm: Accelerator = {
  name: "h200-sxm",
  aliases: ["h200", "h200-sxm-141gb"],
  label: "NVIDIA H200 SXM 141 GB",
  vendor: "NVIDIA",
  generation: "hopper",
  year: 2024,
  peak: { fp64: 66.9e12, fp32: 66.9e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1978e12, int8: 1978e12 },
  vectorPeak: 66.9e12,
  memory: { capacity: gibibytes(141), bandwidth: 4.8e12 },
  cache: mebibytes(50),
  multiprocessors: 132,
  scaleUp: { kind: "nvlink", bandwidth: 450e9 },
  power: 700,
  sources: ["aiconfigurator-systems", "nvidia-h200"],
};
