import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const mi325x: Accelerator = {
  name: "mi325x",
  label: "AMD Instinct MI325X 256 GB",
  vendor: "AMD",
  generation: "cdna3",
  year: 2024,
  peak: {
    fp64: 163.4e12,
    fp32: 163.4e12,
    tf32: 653.7e12,
    bf16: 1307.4e12,
    fp16: 1307.4e12,
    fp8: 2614.9e12,
    int8: 2614.9e12,
  },
  vectorPeak: 163.4e12,
  memory: { capacity: gibibytes(256), bandwidth: 6e12 },
  cache: mebibytes(256),
  multiprocessors: 304,
  scaleUp: { kind: "infinity-fabric", bandwidth: 448e9 },
  power: 1000,
  sources: ["amd-mi325x", "amd-gpu-specs"],
  notes: "Seven links of 64 GB/s one way, one to each peer. 1,000 W is unverified; 750 W is also quoted.",
};
