import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const b200Sxm: Accelerator = {
  name: "b200-sxm",
  aliases: ["b200", "b200-sxm-180gb"],
  label: "NVIDIA B200 SXM 180 GB",
  vendor: "NVIDIA",
  generation: "blackwell",
  year: 2024,
  peak: {
    fp64: 37e12,
    fp32: 75e12,
    tf32: 1125e12,
    bf16: 2250e12,
    fp16: 2250e12,
    fp8: 4500e12,
    fp6: 4500e12,
    fp4: 9000e12,
    int8: 4500e12,
  },
  vectorPeak: 75e12,
  memory: { capacity: gibibytes(180), bandwidth: 7.7e12 },
  cache: mebibytes(126),
  multiprocessors: 148,
  scaleUp: { kind: "nvlink", bandwidth: 900e9 },
  power: 1000,
  sources: ["aiconfigurator-systems", "nvidia-blackwell"],
  notes: "1,000 W in air-cooled boxes; liquid-cooled parts go to 1,200 W.",
};
