import type { Accelerator } from "../accelerator.ts";
import { gibibytes } from "../accelerator.ts";

export const trainium2: Accelerator = {
  name: "trainium2",
  aliases: ["trn2"],
  label: "AWS Trainium2",
  vendor: "AWS",
  generation: "trainium2",
  year: 2024,
  peak: { fp32: 181e12, tf32: 667e12, bf16: 667e12, fp16: 667e12, fp8: 1299e12 },
  memory: { capacity: gibibytes(96), bandwidth: 2.9e12 },
  multiprocessors: 8,
  scaleUp: { kind: "neuronlink", bandwidth: 512e9 },
  power: "unknown",
  sources: ["aws-trainium2", "aws-trn2"],
  notes:
    "Four links of 128 GB/s one way in the 4x4 torus of an instance; UltraServers add 128 GB/s in the third dimension. multiprocessors counts NeuronCores.",
};
