/**
 * Energy of matrix products at the board's power limit: what one FLOP costs, everything on the board included, while a
 * training job runs for hours. Kernel tables are measured in bursts of milliseconds and do not see this limit.
 */

import type { Generation } from "../accelerator.ts";
import { fittedTraining } from "./training.generated.ts";
import type { FittedTraining } from "./training.ts";

/** Joules per FLOP by operand width. */
export interface MatrixEnergy {
  readonly "16-bit": number;
  readonly "8-bit": number;
  readonly "4-bit": number;
}

export type MatrixEnergies = Readonly<Partial<Record<Generation, MatrixEnergy>>>;

/**
 * 16-bit over 8-bit energy: the largest products of the kernel tables, which run long enough to meet the limit, reach
 * 0.71 and 0.64 of the peaks on H100 (ratio 1.80), 0.55 and 0.55 on B200 (2.0); their mean.
 * @source aiconfigurator
 */
const wideOverNarrow = 1.9;

/** Energies from the fitted ones. */
export function matrixEnergyOf(fitted: FittedTraining["energy"]): MatrixEnergies {
  const { ampere16, hopper8, blackwell8, blackwell4 } = fitted;
  return {
    ampere: { "16-bit": ampere16, "8-bit": ampere16 / wideOverNarrow, "4-bit": ampere16 / wideOverNarrow },
    hopper: { "16-bit": wideOverNarrow * hopper8, "8-bit": hopper8, "4-bit": hopper8 },
    blackwell: { "16-bit": wideOverNarrow * blackwell8, "8-bit": blackwell8, "4-bit": blackwell4 },
  };
}

/** By generation; a missing one has no measured limit, and its kernels run at burst rates. */
export const matrixEnergy: MatrixEnergies = matrixEnergyOf(fittedTraining.energy);
