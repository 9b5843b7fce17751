import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const h200Nvl: Accelerator = {
  name: "h200-nvl",
  label: "NVIDIA H200 NVL 141 GB",
  vendor: "NVIDIA",
  generation: "hopper",
  year: 2024,
  peak: { fp64: 60e12, fp32: 60e12, tf32: 417.5e12, bf16: 835.5e12, fp16: 835.5e12, fp8: 1670.5e12, int8: 1670.5e12 },
  vectorPeak: 60e12,
  memory: { capacity: gibibytes(141), bandwidth: 4.8e12 },
  cache: mebibytes(50),
  multiprocessors: 132,
  scaleUp: { kind: "nvlink", bandwidth: 450e9 },
  power: 600,
  sources: ["nvidia-h200"],
  notes: "NVLink joins two or four cards by a bridge.",
};
