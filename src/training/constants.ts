/** Calibrated constants of training stacks, by who launches the kernels and by accelerator generation. */

import type { Generation } from "../catalog/accelerator.ts";
import type { SoftwareProfile } from "./software.ts";

export interface TrainingConstants {
  /** Host time to launch one kernel without graphs. */
  readonly launch: number;
  /** Fixed host time per optimizer step: data loading, loss bookkeeping, clipping's synchronisation. */
  readonly perStep: number;
  /** Seconds of computation lost per second of communication hidden under it. */
  readonly interference: number;
  /** Sustained over burst rate of matrix products under the power limit. */
  readonly sustained: number;
  /** Loss per doubling of nodes from ranks that finish at different times. */
  readonly jitter: number;
}

export function trainingConstants(software: SoftwareProfile, generation: Generation): TrainingConstants {
  const launch = { megatron: 7e-6, "megatron-moe": 7e-6, fsdp: 9e-6, xla: 0 }[software.host];
  return { launch, perStep: 20e-3, interference: 0.15, sustained: sustainedShare[generation] ?? 0.9, jitter: 0.002 };
}

const sustainedShare: Readonly<Partial<Record<Generation, number>>> = {
  ampere: 0.95,
  hopper: 0.88,
  blackwell: 0.88,
};
