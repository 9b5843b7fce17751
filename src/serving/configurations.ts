/**
 * What may be chosen of a replica and its engine, and the values that are worth a look: the space that a search of
 * configurations covers. Degrees are those that engines accept; limits are those that their documentation speaks of.
 *
 * Ignores: tensor parallelism beyond the scale-up domain, experts spread over some ranks of a stage and not over all.
 * @source vllm-engine
 */

import type { ModelArchitecture } from "../catalog/model.ts";

/** What stands around the choice. */
export interface Surroundings {
  readonly model: ModelArchitecture;
  /** Accelerators that may be used, and those of one scale-up domain. */
  readonly accelerators: number;
  readonly domain: number;
}

export interface DegreeChoices {
  readonly tensor: readonly number[];
  readonly pipeline: readonly number[];
  readonly attentionData: readonly number[];
  readonly expert: readonly ("one" | "all")[];
}

/** Values of the degrees. `expert` is given as a share of the ranks of a stage: none, or all of them. */
export function degreeChoices({ model, accelerators, domain }: Surroundings): DegreeChoices {
  const most = Math.min(domain, accelerators);
  const experts = model.layerKinds.some(({ feedForward }) => feedForward.kind === "experts");
  return {
    tensor: upTo(most).filter((degree) => headsOf(model).every((heads) => heads % degree === 0)),
    pipeline: doubled(Math.min(accelerators, model.layers.length)),
    attentionData: experts ? doubled(most) : [1],
    expert: experts ? (["one", "all"] as const) : (["one"] as const),
  };
}

/** Values of the engine's settings. */
export const engineChoices = {
  maxSequences: [64, 256, 1024],
  maxBatchedTokens: [2048, 8192, 16_384],
  precision: ["bf16", "fp8"],
  chunkedPrefill: ["on", "off"],
} as const;

function headsOf({ layerKinds }: ModelArchitecture): readonly number[] {
  return layerKinds.flatMap(({ mixer }) => (mixer.kind === "none" ? [] : [mixer.heads]));
}

function upTo(most: number): number[] {
  return Array.from({ length: most }, (_, index) => index + 1);
}

/** 1, 2, 4 and so on. */
function doubled(most: number): number[] {
  return upTo(most).filter((value) => (value & (value - 1)) === 0);
}
