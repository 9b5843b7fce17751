/**
 * Energy of matrix products at the board's power limit: what one FLOP costs, everything on the board included, while a
 * training job runs for hours. Kernel tables are measured in bursts of milliseconds and do not see this limit.
 */

import type { Generation } from "../accelerator.ts";

/** Joules per FLOP by operand width. */
export interface MatrixEnergy {
  readonly "16-bit": number;
  readonly "8-bit": number;
  readonly "4-bit": number;
}

/** By generation; a missing one has no measured limit, and its kernels run at burst rates. */
export const matrixEnergy: Readonly<Partial<Record<Generation, MatrixEnergy>>> = {
  ampere: { "16-bit": 1.72e-12, "8-bit": 0.86e-12, "4-bit": 0.86e-12 },
  hopper: { "16-bit": 1.15e-12, "8-bit": 0.62e-12, "4-bit": 0.62e-12 },
  blackwell: { "16-bit": 0.9e-12, "8-bit": 0.475e-12, "4-bit": 0.2e-12 },
};
