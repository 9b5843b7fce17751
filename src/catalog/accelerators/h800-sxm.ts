import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const h800Sxm: Accelerator = {
  name: "h800-sxm",
  aliases: ["h800"],
  label: "NVIDIA H800 SXM 80 GB",
  vendor: "NVIDIA",
  generation: "hopper",
  year: 2023,
  peak: { fp64: 1e12, fp32: 66.9e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1978e12, int8: 1978e12 },
  vectorPeak: 66.9e12,
  memory: { capacity: gibibytes(80), bandwidth: 3.35e12 },
  cache: mebibytes(50),
  multiprocessors: 132,
  scaleUp: { kind: "nvlink", bandwidth: 200e9 },
  power: 700,
  sources: ["nvidia-h100", "nvidia-h800"],
  notes: "H100 arithmetic with 8 of 18 NVLinks; about 160 GB/s one way is the most that DeepEP measured.",
};
