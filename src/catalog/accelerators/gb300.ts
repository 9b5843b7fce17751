import type { Accelerator } from "../accelerator.ts";
import { mebibytes } from "../accelerator.ts";

export const gb300: Accelerator = {
  name: "gb300",
  label: "NVIDIA GB300 (one GPU of the superchip)",
  vendor: "NVIDIA",
  generation: "blackwell",
  year: 2025,
  peak: {
    fp64: 1.3e12,
    fp32: 80e12,
    tf32: 1250e12,
    bf16: 2500e12,
    fp16: 2500e12,
    fp8: 5000e12,
    fp6: 5000e12,
    fp4: 15e15,
    int8: 165e12,
  },
  vectorPeak: 80e12,
  softmaxRate: 2,
  memory: { capacity: 284_208 * 2 ** 20, bandwidth: 8e12 },
  cache: mebibytes(126),
  multiprocessors: 152,
  scaleUp: { kind: "nvlink", bandwidth: 900e9 },
  power: 1400,
  sources: ["aiconfigurator-systems", "nvidia-blackwell-ultra", "lambda-cpo"],
  notes: "One of two GPUs of a superchip; capacity as the driver reports it; power without the Grace CPU.",
};
