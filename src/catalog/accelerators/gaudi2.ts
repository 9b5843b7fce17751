import type { Accelerator } from "../accelerator.ts";
import { gibibytes, mebibytes } from "../accelerator.ts";

export const gaudi2: Accelerator = {
  name: "gaudi2",
  label: "Intel Gaudi 2",
  vendor: "Intel",
  generation: "gaudi2",
  year: 2022,
  peak: { bf16: 432e12, fp8: 865e12 },
  memory: { capacity: gibibytes(96), bandwidth: 2.46e12 },
  cache: mebibytes(48),
  multiprocessors: 2,
  scaleUp: { kind: "roce", bandwidth: 262.5e9 },
  power: 600,
  sources: ["intel-gaudi3", "intel-gaudi2"],
  notes: "21 of 24 ports of 100 Gbit/s join the eight cards of a box. multiprocessors counts matrix engines.",
};
