import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const h100Nvl: Accelerator = {
  name: "h100-nvl",
  label: "NVIDIA H100 NVL 94 GB",
  vendor: "NVIDIA",
  generation: "hopper",
  year: 2023,
  peak: { fp64: 60e12, fp32: 60e12, tf32: 417.5e12, bf16: 835.5e12, fp16: 835.5e12, fp8: 1670.5e12, int8: 1670.5e12 },
  vectorPeak: 60e12,
  memory: { capacity: gibibytes(94), bandwidth: 3.9e12 },
  cache: mebibytes(50),
  multiprocessors: 132,
  scaleUp: { kind: "nvlink", bandwidth: 300e9 },
  power: 400,
  sources: ["nvidia-h100-nvl"],
  notes: "NVLink joins two cards by a bridge; power is settable from 350 to 400 W.",
};
