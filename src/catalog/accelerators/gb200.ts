import type { Accelerator } from "../accelerator.ts";
import { mebibytes } from "../accelerator.ts";

export const gb200: Accelerator = {
  name: "gb200",
  label: "NVIDIA GB200 (one GPU of the superchip)",
  vendor: "NVIDIA",
  generation: "blackwell",
  year: 2024,
  peak: {
    fp64: 40e12,
    fp32: 80e12,
    tf32: 1250e12,
    bf16: 2500e12,
    fp16: 2500e12,
    fp8: 5000e12,
    fp6: 5000e12,
    fp4: 10e15,
    int8: 5000e12,
  },
  vectorPeak: 80e12,
  memory: { capacity: 189_471 * 2 ** 20, bandwidth: 8e12 },
  cache: mebibytes(126),
  multiprocessors: 152,
  scaleUp: { kind: "nvlink", bandwidth: 900e9 },
  power: 1200,
  sources: ["aiconfigurator-systems", "nvidia-blackwell", "nvidia-dps"],
  notes: "One of two GPUs of a superchip; capacity as the driver reports it; power without the Grace CPU.",
};
