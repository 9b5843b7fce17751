import type { Accelerator } from "../accelerator.ts";
import { mebibytes } from "../accelerator.ts";

export const l40s: Accelerator = {
  name: "l40s",
  label: "NVIDIA L40S",
  vendor: "NVIDIA",
  generation: "ada",
  year: 2023,
  peak: { fp32: 91.6e12, tf32: 183e12, bf16: 362.05e12, fp16: 362.05e12, fp8: 733e12, int8: 733e12 },
  vectorPeak: 91.6e12,
  memory: { capacity: 46_068 * 2 ** 20, bandwidth: 864e9 },
  cache: mebibytes(96),
  multiprocessors: 142,
  scaleUp: { kind: "pcie", bandwidth: 32e9 },
  power: 350,
  sources: ["aiconfigurator-systems", "nvidia-ada"],
  notes: "48 GB part; capacity as the driver reports it with error correction on.",
};
