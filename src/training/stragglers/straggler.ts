/**
 * What a straggler is: a place in the layout whose work takes longer than the model says, always or in some steps.
 * `factor` multiplies the time of every kernel (computation), or of every transfer the place takes part in
 * (communication, or network: only those that leave the scale-up domain, as of a slow NIC). Leaves out: slow hosts,
 * whose launches take longer.
 */

import type { Slowdown } from "../../network/index.ts";

/** Which times the factor multiplies; both is computation and communication. */
export type Slowed = "computation" | "communication" | "network" | "both";

export type StragglerPlace =
  | { readonly kind: "rank"; readonly rank: number }
  | { readonly kind: "node"; readonly node: number }
  /** Every rank of a pipeline rank; of one data rank where that is said. */
  | { readonly kind: "stage"; readonly stage: number; readonly dataRank?: number }
  | { readonly kind: "data"; readonly dataRank: number }
  /** Each node is slow with this probability, wherever it sits. */
  | { readonly kind: "share"; readonly share: number };

export interface Straggler {
  readonly place: StragglerPlace;
  /** At least 1. */
  readonly factor: number;
  readonly what: Slowed;
  /** Share of the steps in which it is slow; 1 is always. */
  readonly probability: number;
}

export interface Stragglers {
  readonly list: readonly Straggler[];
  /** Of the random streams that draw states where there are too many to add up. */
  readonly seed: number;
}

/** How many times as long a place computes, and its transfers take. */
export interface Slowness extends Slowdown {
  readonly computation: number;
}

export const nominal: Slowness = Object.freeze({ computation: 1, communication: 1, network: 1 });

export function slownessOf({ factor, what }: Straggler): Slowness {
  if (what === "both") return { computation: factor, communication: factor, network: factor };
  return { ...nominal, [what]: factor };
}

export function isNominal({ computation, communication, network }: Slowness): boolean {
  return computation === 1 && communication === 1 && network === 1;
}

/** Equal for equal slowness. */
export function slownessKey({ computation, communication, network }: Slowness): string {
  return `${computation} ${communication} ${network}`;
}

/** The slower of two in each respect. */
export function slower(one: Slowness, other: Slowness): Slowness {
  return {
    computation: Math.max(one.computation, other.computation),
    communication: Math.max(one.communication, other.communication),
    network: Math.max(one.network, other.network),
  };
}

/** `rank 12, computation x 1.3, in 1 % of steps`. */
export function stragglerText({ place, factor, what, probability }: Straggler): string {
  const kind = what === "both" ? "computation and communication" : what;
  const often = probability < 1 ? `, in ${percentText(probability)} of steps` : "";
  return `${placeText(place)}, ${kind} x ${factor}${often}`;
}

/** `rank 12`, `stage 3 of data rank 2`, `0.5 % of nodes`. */
export function placeText(place: StragglerPlace): string {
  if (place.kind === "rank") return `rank ${place.rank}`;
  if (place.kind === "node") return `node ${place.node}`;
  if (place.kind === "data") return `data rank ${place.dataRank}`;
  if (place.kind === "share") return `${percentText(place.share)} of nodes`;
  return place.dataRank === undefined ? `stage ${place.stage}` : `stage ${place.stage} of data rank ${place.dataRank}`;
}

function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}
