/** What a pipeline schedule is: the order in which one rank runs its forward and backward chunks. */

export interface ScheduleShape {
  /** Pipeline ranks. */
  readonly ranks: number;
  /** Model chunks per rank. */
  readonly chunks: number;
  readonly microBatches: number;
}

export interface Schedule {
  readonly name: string;
  readonly summary: string;
  /**
   * Work of one rank in order. An entry is 2 x (microBatch x chunks + chunk) for a forward and that plus one for a
   * backward; chunk counts this rank's model chunks from the first.
   */
  order(shape: ScheduleShape, rank: number): Int32Array;
  /** Bubble of one rank when all stages take the same time, forward `f` and backward `b` for all its chunks. */
  bubble(shape: ScheduleShape, f: number, b: number): number;
  /** Micro-batches whose activations a rank holds at most, in units of all chunks of the rank. */
  inFlight(shape: ScheduleShape, rank: number): number;
}

/** Encodes one piece of work, see `Schedule.order`. */
export function forwardWork(microBatch: number, chunk: number, chunks: number): number {
  return 2 * (microBatch * chunks + chunk);
}

export function backwardWork(microBatch: number, chunk: number, chunks: number): number {
  return 2 * (microBatch * chunks + chunk) + 1;
}
