import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const mi250xGcd: Accelerator = {
  name: "mi250x-gcd",
  label: "AMD Instinct MI250X (one die)",
  vendor: "AMD",
  generation: "cdna2",
  year: 2021,
  peak: { fp64: 47.9e12, fp32: 47.9e12, bf16: 191.5e12, fp16: 191.5e12, int8: 191.5e12 },
  vectorPeak: 23.9e12,
  memory: { capacity: gibibytes(64), bandwidth: 1.6384e12 },
  cache: mebibytes(8),
  multiprocessors: 110,
  scaleUp: { kind: "infinity-fabric", bandwidth: 150e9 },
  power: 280,
  sources: ["amd-mi250x", "amd-gpu-specs", "frontier-node"],
  notes:
    "Half of a package: what one rank sees. Links to other packages, 150 GB/s in Frontier; 200 GB/s more to the sister die are not counted, since a group of eight cannot use them throughout. Power is half of the package.",
};
