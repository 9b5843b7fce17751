/** One part of a step as a suspect: how likely it is to be off, and how far at most. */

import type { Seconds } from "../../base/quantity.ts";
import type { TrainingDesign } from "../../scenario/index.ts";
import type { WhatIf } from "./what-if.ts";

/** Seconds a part may take less, and more, than predicted. */
export interface Reach {
  readonly less: Seconds;
  readonly more: Seconds;
}

export interface Suspect {
  readonly term: string;
  readonly label: string;
  readonly predicted: Seconds;
  readonly error: Reach;
  readonly bound: Reach;
  /** Where error and bound come from. */
  readonly why: string;
}

/** What the rules of the single parts read. */
export interface Evidence {
  readonly design: TrainingDesign;
  /** Seconds of computation of the busiest rank. */
  readonly computation: Seconds;
  /** Measured over predicted step time less 1, on runs of this kind. */
  readonly run: { readonly less: number; readonly more: number; readonly from: string };
  readonly whatIf: WhatIf;
}

/** `7.2 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
