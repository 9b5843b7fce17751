import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const a100Sxm80gb: Accelerator = {
  name: "a100-sxm-80gb",
  aliases: ["a100", "a100-sxm", "a100-80gb"],
  label: "NVIDIA A100 SXM 80 GB",
  vendor: "NVIDIA",
  generation: "ampere",
  year: 2020,
  peak: { fp64: 19.5e12, fp32: 19.5e12, tf32: 156e12, bf16: 312e12, fp16: 312e12, int8: 624e12 },
  vectorPeak: 19.5e12,
  memory: { capacity: gibibytes(80), bandwidth: 2.039e12 },
  cache: mebibytes(40),
  multiprocessors: 108,
  scaleUp: { kind: "nvlink", bandwidth: 300e9 },
  power: 400,
  sources: ["aiconfigurator-systems", "nvidia-a100"],
};
