/**
 * Calibrated constants of inference engines beyond their kernels. Values, with the runs they were fitted on and their
 * error on runs they were not, are in `serving.generated.ts`.
 */

import type { Seconds } from "../../base/quantity.ts";

/** What belongs to the accelerator's side. */
export interface ServingConstants {
  /** Between two kernels of a replayed graph, beyond what kernel tables contain. */
  readonly gap: Seconds;
  /** Host time to launch one kernel where no graph is replayed: no iteration without graphs is shorter than its launches. */
  readonly launch: Seconds;
  /** The same inside attention and experts, which a compiler does not look into. */
  readonly opaqueLaunch: Seconds;
}

/** Values that `npm run calibrate serving` fits on measured runs. */
export interface FittedServing {
  /** Work between two iterations that overlaps with neither: inputs copied, metadata built, tokens read back. */
  readonly iteration: Seconds;
  /** From the client's call to the queue, and from a finished iteration to the client, together. */
  readonly hops: Seconds;
  readonly provenance: readonly ServingProvenance[];
}

export interface ServingProvenance {
  readonly constants: readonly string[];
  /** Engine, version and accelerator of the fitted runs. */
  readonly engine: string;
  readonly fittedOn: string;
  readonly rows: number;
  readonly families: readonly string[];
  /** Of |predicted / measured - 1|, metric by metric, by the quick loop of the calibration. */
  readonly fitted: readonly ServingError[];
  readonly judged: readonly (ServingError & { readonly on: string })[];
}

export interface ServingError {
  readonly metric: string;
  readonly rows: number;
  readonly median: number;
  readonly p90: number;
  readonly bias: number;
}
