/** The calibrated constants one training step uses, chosen by software stack and accelerator generation. */

import type { Seconds } from "../base/quantity.ts";
import type { Generation } from "../catalog/accelerator.ts";
import { type MatrixEnergy, matrixEnergy } from "../catalog/calibration/power-limit.ts";
import { trainingCalibration } from "../catalog/calibration/training.ts";
import type { SoftwareProfile } from "./software.ts";

export interface TrainingConstants {
  /** Host time to launch one kernel without graphs. */
  readonly launch: Seconds;
  /** From the router's end until the host, which waited for it, has the routed block's first kernel running. */
  readonly sync: Seconds;
  /** Time of its own that one routed row costs each way between ranks, beside its bytes. */
  readonly perRow: Seconds;
  /** Fixed host time per optimizer step: data loading, loss bookkeeping, clipping's synchronisation. */
  readonly perStep: Seconds;
  /** Seconds of computation lost per second of communication hidden under it. */
  readonly interference: number;
  /** Energy of matrix products under the power limit; absent: no measured limit. */
  readonly energy?: MatrixEnergy;
  /** Rate of the attention core over the kernel tables'. */
  readonly attention: number;
  /** Memory passes over those of a layer whose elementwise work is fused by hand. */
  readonly elementwise: number;
  /** Share of sharded gathers and scatters that runs beside computation. */
  readonly shardedOverlap: number;
  /** Loss per doubling of nodes from ranks that finish at different times. */
  readonly jitter: number;
}

export function trainingConstants(software: SoftwareProfile, generation: Generation): TrainingConstants {
  const { stacks, jitter } = trainingCalibration;
  const stack = stacks[software.host];
  const energy = matrixEnergy[generation];
  return {
    launch: stack.launch,
    sync: stack.sync,
    perRow: trainingCalibration.perRow,
    perStep: stack.perStep,
    interference: stack.interference,
    ...(energy === undefined ? {} : { energy }),
    attention: software.kernels.attention === "flash-1" ? firstFlash(generation) : 1,
    elementwise: stack.elementwise,
    shardedOverlap: stack.shardedOverlap,
    jitter,
  };
}

/**
 * First-generation flash kernels against the tables' current ones. They issue Ampere's matrix instructions, which
 * reach only part of the rate of a part with warp-group instructions, and never its power limit.
 * @source dao-2023 @source luo-2024
 */
function firstFlash(generation: Generation): number {
  const { share, withoutWarpGroups } = trainingCalibration.firstFlash;
  return generation === "ampere" || generation === "ada" ? share : share * withoutWarpGroups;
}
