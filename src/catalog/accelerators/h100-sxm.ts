import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const h100Sxm: Accelerator = {
  name: "h100-sxm",
  aliases: ["h100", "h100-sxm-80gb", "h100-sxm5"],
  label: "NVIDIA H100 SXM 80 GB",
  vendor: "NVIDIA",
  generation: "hopper",
  year: 2022,
  peak: { fp64: 66.9e12, fp32: 66.9e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1978e12, int8: 1978e12 },
  vectorPeak: 66.9e12,
  memory: { capacity: gibibytes(80), bandwidth: 3.35e12 },
  cache: mebibytes(50),
  multiprocessors: 132,
  scaleUp: { kind: "nvlink", bandwidth: 450e9 },
  power: 700,
  sources: ["aiconfigurator-systems", "nvidia-h100"],
};
