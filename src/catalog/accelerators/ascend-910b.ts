import type { Accelerator } from "../accelerator.ts";
import { gibibytes } from "../accelerator.ts";

export const ascend910b: Accelerator = {
  name: "ascend-910b",
  label: "Huawei Ascend 910B",
  vendor: "Huawei",
  generation: "ascend-910",
  year: 2023,
  peak: { bf16: 376e12, fp16: 376e12 },
  memory: { capacity: gibibytes(64), bandwidth: 1.6e12 },
  scaleUp: { kind: "hccs", bandwidth: 196e9 },
  power: "unknown",
  sources: ["huawei-910c", "huawei-atlas-800t-a2"],
  notes:
    "Figures of one of the two dies of a 910C; variants of the 910B from 280 to 400 TFLOP/s are quoted. Seven links of 28 GB/s one way.",
};
