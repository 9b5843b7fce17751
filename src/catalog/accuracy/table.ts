/** The shape of the measured accuracy of the models: generated from the evidence, read by predictions. */

/** Errors of one kind of prediction on one hardware generation and one class of architecture. */
export interface AccuracyClass {
  /** Kind of evidence, e.g. `training-step`. */
  readonly kind: string;
  readonly generation: string;
  readonly architecture: string;
  /** Primary values compared, and the sources they come from. */
  readonly count: number;
  readonly sources: number;
  /**
   * Range of predicted / measured (times; rates are inverted) that holds nine of ten values of a source unknown to the
   * rest: `evidence/intervals.ts`.
   */
  readonly low: number;
  readonly high: number;
}

/** One measured run by what predictions are compared by. */
export interface AccuracyCase {
  readonly id: string;
  readonly kind: string;
  readonly generation: string;
  readonly architecture: string;
  readonly accelerators: number;
  readonly parameters: number;
  readonly sequence: number;
}

export interface AccuracyTable {
  /** Share of the truth that an interval should hold. */
  readonly level: number;
  readonly classes: readonly AccuracyClass[];
  readonly cases: readonly AccuracyCase[];
}
