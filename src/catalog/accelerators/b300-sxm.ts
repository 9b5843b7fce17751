import type { Accelerator } from "../accelerator.ts";
import { mebibytes } from "../accelerator.ts";

export const b300Sxm: Accelerator = {
  name: "b300-sxm",
  aliases: ["b300"],
  label: "NVIDIA B300 SXM",
  vendor: "NVIDIA",
  generation: "blackwell",
  year: 2025,
  peak: {
    fp64: 1.25e12,
    fp32: 75e12,
    tf32: 1125e12,
    bf16: 2250e12,
    fp16: 2250e12,
    fp8: 4500e12,
    fp6: 4500e12,
    fp4: 14e15,
    int8: 153.5e12,
  },
  vectorPeak: 75e12,
  softmaxRate: 2,
  memory: { capacity: 275_040 * 2 ** 20, bandwidth: 7.75e12 },
  cache: mebibytes(126),
  multiprocessors: 148,
  scaleUp: { kind: "nvlink", bandwidth: 900e9 },
  power: 1100,
  sources: ["aiconfigurator-systems", "nvidia-blackwell-ultra", "lambda-cpo"],
  notes: "Capacity as the driver reports it. Area of int8 and fp64 went to fp4; 1,400 W is also quoted.",
};
