import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const h100Pcie: Accelerator = {
  name: "h100-pcie",
  label: "NVIDIA H100 PCIe 80 GB",
  vendor: "NVIDIA",
  generation: "hopper",
  year: 2022,
  peak: { fp64: 51e12, fp32: 51e12, tf32: 378e12, bf16: 756.5e12, fp16: 756.5e12, fp8: 1513e12, int8: 1513e12 },
  vectorPeak: 51e12,
  memory: { capacity: gibibytes(80), bandwidth: 2e12 },
  cache: mebibytes(50),
  multiprocessors: 114,
  scaleUp: { kind: "pcie", bandwidth: 64e9 },
  power: 350,
  sources: ["aiconfigurator-systems", "nvidia-h100-pcie-brief", "nvidia-h100"],
};
