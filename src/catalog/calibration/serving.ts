/** Calibrated constants of inference engines beyond their kernels; values live in `serving.generated.ts`. */

import type { Seconds } from "../../base/quantity.ts";

/** Belongs to an accelerator's generation and an engine. */
export interface ServingConstants {
  /** Between two kernels of a replayed graph, beyond what kernel tables contain. */
  readonly gap: Seconds;
  /** Host time to launch one kernel where no graph is replayed: no iteration without graphs is shorter than its launches. */
  readonly launch: Seconds;
  /** Work on the accelerator once an iteration: inputs copied, metadata built, tokens read back. */
  readonly iteration: Seconds;
  /** The same for each sequence in it. */
  readonly perSequence: Seconds;
}
