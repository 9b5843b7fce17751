import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const mi300x: Accelerator = {
  name: "mi300x",
  label: "AMD Instinct MI300X 192 GB",
  vendor: "AMD",
  generation: "cdna3",
  year: 2023,
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
  memory: { capacity: gibibytes(192), bandwidth: 5.3e12 },
  cache: mebibytes(256),
  multiprocessors: 304,
  scaleUp: { kind: "infinity-fabric", bandwidth: 448e9 },
  power: 750,
  sources: ["amd-mi300x", "amd-gpu-specs", "amd-instinct-power"],
  notes: "Seven links of 64 GB/s one way, one to each peer: a pair of devices shares one link only.",
};
