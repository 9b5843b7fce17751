import type { Accelerator } from "../accelerator.ts";
import { mebibytes } from "../accelerator.ts";

export const rtxPro6000: Accelerator = {
  name: "rtx-pro-6000",
  aliases: ["rtx-pro-6000-server", "rtxpro6000"],
  label: "NVIDIA RTX PRO 6000 Blackwell Server Edition",
  vendor: "NVIDIA",
  generation: "blackwell-workstation",
  year: 2025,
  peak: {
    fp32: 116.9e12,
    tf32: 233.9e12,
    bf16: 467.8e12,
    fp16: 467.8e12,
    fp8: 935.6e12,
    fp6: 935.6e12,
    fp4: 1871.2e12,
    int8: 935.6e12,
  },
  vectorPeak: 116.9e12,
  memory: { capacity: 97_887 * 2 ** 20, bandwidth: 1.792e12 },
  cache: mebibytes(128),
  multiprocessors: 188,
  scaleUp: { kind: "pcie", bandwidth: 64e9 },
  power: 600,
  sources: ["aiconfigurator-systems", "nvidia-rtx-pro-6000"],
  notes: "Peaks at the 2,430 MHz that the server part was observed to reach.",
};
