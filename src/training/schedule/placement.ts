/**
 * Which stages of the model each pipeline rank runs. A micro-batch passes all stages in order; a rank runs one stage a
 * chunk.
 *
 *     loop        chunk c of rank r is stage c p + r; each round through the ranks begins at the first
 *     v           even chunks run down the ranks, odd ones back up: the last rank is followed by itself
 *     both-ways   p stages; rank r holds stage r and stage p - 1 - r, and half of the micro-batches enter at each end:
 *                 all parameters twice
 *
 * @source narayanan-2021 @source qi-2024-memory @source deepseek-v3-2024 section 3.2.1
 */

export type Placement = "loop" | "v" | "both-ways";

export interface RankChunks {
  /** Pipeline ranks. */
  readonly ranks: number;
  /** Model chunks per rank. */
  readonly chunks: number;
}

/** The stage that a rank runs as one of its chunks. */
export function stageAt(placement: Placement, { ranks }: RankChunks, rank: number, chunk: number): number {
  const upwards = chunk % 2 === 1;
  switch (placement) {
    case "loop":
      return chunk * ranks + rank;
    case "v":
      return chunk * ranks + (upwards ? ranks - 1 - rank : rank);
    case "both-ways":
      return upwards ? ranks - 1 - rank : rank;
  }
}

/** Stages that a micro-batch passes. */
export function stageCount(placement: Placement, { ranks, chunks }: RankChunks): number {
  return (ranks * chunks) / copiesOf(placement);
}

/** Chunks of each rank that one micro-batch passes. */
export function passesOf(placement: Placement, chunks: number): number {
  return chunks / copiesOf(placement);
}

/** Ranks that hold each stage. */
export function copiesOf(placement: Placement): number {
  return placement === "both-ways" ? 2 : 1;
}

/** The stages of each rank, chunk by chunk. */
export function rankStages(placement: Placement, shape: RankChunks): readonly (readonly number[])[] {
  return Array.from({ length: shape.ranks }, (_, rank) =>
    Array.from({ length: shape.chunks }, (_, chunk) => stageAt(placement, shape, rank, chunk)),
  );
}
