import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const h20: Accelerator = {
  name: "h20",
  aliases: ["h20-sxm"],
  label: "NVIDIA H20 96 GB",
  vendor: "NVIDIA",
  generation: "hopper",
  year: 2024,
  peak: { fp64: 1e12, fp32: 44e12, tf32: 74e12, bf16: 148e12, fp16: 148e12, fp8: 296e12, int8: 296e12 },
  vectorPeak: 44e12,
  memory: { capacity: gibibytes(96), bandwidth: 4e12 },
  cache: mebibytes(60),
  multiprocessors: 78,
  scaleUp: { kind: "nvlink", bandwidth: 450e9 },
  power: 400,
  sources: ["nvidia-h20"],
};
