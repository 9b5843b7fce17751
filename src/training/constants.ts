/** The calibrated constants one training step uses, chosen by software stack and accelerator generation. */

import type { Seconds } from "../base/quantity.ts";
import type { Accelerator } from "../catalog/accelerator.ts";
import { type MatrixEnergy, matrixEnergyOf } from "../catalog/calibration/power-limit.ts";
import { fittedTraining } from "../catalog/calibration/training.generated.ts";
import {
  type FittedTraining,
  type TrainingCalibration,
  trainingCalibrationOf,
} from "../catalog/calibration/training.ts";
import type { SoftwareProfile } from "./software.ts";

export interface TrainingConstants {
  /** Host time to launch one kernel without graphs. */
  readonly launch: Seconds;
  /** Host time of a plain PyTorch operation, without a module around it. */
  readonly operation: Seconds;
  /** From the router's end until the host, which waited for it, has the routed block's first kernel running. */
  readonly sync: Seconds;
  /** Time of its own that one routed row costs each way between ranks, beside its bytes. */
  readonly rowTime: Seconds;
  /** Fixed host time per optimizer step: data loading, loss bookkeeping, clipping's synchronisation. */
  readonly perStep: Seconds;
  /** Seconds of computation lost per second of communication hidden under it. */
  readonly interference: number;
  /** Energy of matrix products under the power limit; absent: no measured limit. */
  readonly energy?: MatrixEnergy;
  /** Rates of first-generation flash attention, where the stack has it. */
  readonly firstFlash?: TrainingCalibration["firstFlash"];
  /** Rate of the attention core over the kernel tables'. */
  readonly attention: number;
  /** Memory passes over those of a layer whose elementwise work is fused by hand. */
  readonly elementwise: number;
  /** Share of sharded gathers and scatters that runs beside computation. */
  readonly shardedOverlap: number;
  /** Loss per doubling of nodes from ranks that finish at different times. */
  readonly jitter: number;
}

export function trainingConstants(
  software: SoftwareProfile,
  accelerator: Accelerator,
  fitted: FittedTraining = fittedTraining,
): TrainingConstants {
  const calibration = trainingCalibrationOf(fitted);
  const stack = calibration.stacks[software.host];
  const energy = matrixEnergyOf(fitted.energy)[accelerator.generation];
  return {
    ...stack,
    ...stackChanges(software),
    rowTime: calibration.rowTime,
    jitter: calibration.jitter,
    ...(energy === undefined ? {} : { energy }),
    ...(software.kernels.attention === "flash-1" ? { firstFlash: calibration.firstFlash } : {}),
    attention: (accelerator.softmaxRate ?? 1) > 1 ? calibration.fastSoftmaxGain : 1,
  };
}

/** Values fitted on eager modules that gather after: compiled blocks make the passes counted, earlier gathers hide. */
function stackChanges({ host, kernels, state }: SoftwareProfile): Partial<TrainingConstants> {
  if (host !== "fsdp") return {};
  return {
    ...(kernels.elementwise === "compiled" ? { elementwise: 1 } : {}),
    ...(state.prefetch === "before" ? { shardedOverlap: 1 } : {}),
  };
}
