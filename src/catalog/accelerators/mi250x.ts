import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const mi250x: Accelerator = {
  name: "mi250x",
  label: "AMD Instinct MI250X (both dies)",
  vendor: "AMD",
  generation: "cdna2",
  year: 2021,
  peak: { fp64: 95.7e12, fp32: 95.7e12, bf16: 383e12, fp16: 383e12, int8: 383e12 },
  vectorPeak: 47.9e12,
  memory: { capacity: gibibytes(128), bandwidth: 3.2768e12 },
  cache: mebibytes(16),
  multiprocessors: 220,
  scaleUp: { kind: "infinity-fabric", bandwidth: 300e9 },
  power: 560,
  sources: ["amd-mi250x", "amd-gpu-specs", "amd-mi250-architecture"],
  notes:
    "The package holds two dies that programs see as two devices: see mi250x-gcd. scaleUp counts links that leave the package (as wired in Frontier).",
};
