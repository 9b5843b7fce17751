import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const gaudi3: Accelerator = {
  name: "gaudi3",
  label: "Intel Gaudi 3 (OAM)",
  vendor: "Intel",
  generation: "gaudi3",
  year: 2024,
  peak: { bf16: 1835e12, fp8: 1835e12 },
  memory: { capacity: gibibytes(128), bandwidth: 3.67e12 },
  cache: mebibytes(96),
  multiprocessors: 8,
  scaleUp: { kind: "roce", bandwidth: 525e9 },
  power: 900,
  sources: ["intel-gaudi3"],
  notes:
    "21 of 24 ports of 200 Gbit/s join the eight cards of a box; 900 W in air, 1,200 W liquid-cooled. multiprocessors counts matrix engines.",
};
