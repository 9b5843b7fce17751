import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const mi355x: Accelerator = {
  name: "mi355x",
  label: "AMD Instinct MI355X 288 GB",
  vendor: "AMD",
  generation: "cdna4",
  year: 2025,
  peak: {
    fp64: 78.6e12,
    fp32: 157.3e12,
    bf16: 2516.6e12,
    fp16: 2516.6e12,
    fp8: 5033.2e12,
    fp6: 10066.3e12,
    fp4: 10066.3e12,
    int8: 5033.2e12,
  },
  vectorPeak: 157.3e12,
  memory: { capacity: gibibytes(288), bandwidth: 8e12 },
  cache: mebibytes(256),
  multiprocessors: 256,
  scaleUp: { kind: "infinity-fabric", bandwidth: 537.6e9 },
  power: 1400,
  sources: ["amd-mi355x", "amd-mi355x-isscc", "amd-gpu-specs", "amd-instinct-power"],
  notes:
    "Seven links of 76.8 GB/s one way, one to each peer. The 20 PFLOP/s of the press for fp4 doubles the dense rate.",
};
