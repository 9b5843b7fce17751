/** What a layout search answers. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { LayoutText, Prediction } from "../../scenario/index.ts";

/** One layout that was looked at. */
export interface FoundLayout {
  readonly layout: LayoutText;
  readonly stepTime: Seconds;
  readonly memory: Bytes;
}

/** Every layout of the space is in exactly one of these. */
export interface Covered {
  readonly space: number;
  /** Families whose least step time is beyond the best by more than `within`. */
  readonly slower: number;
  /** Layouts whose model state alone does not fit. */
  readonly larger: number;
  /** Layouts that the language refuses: a schedule, heads or experts that do not go together. */
  readonly refused: number;
  readonly evaluated: number;
  /** Not looked at: the search was stopped. */
  readonly left: number;
}

export interface LayoutAnswer {
  /** Proven: everything was covered. Stopped: by the user or the budget; the answer is the best so far. */
  readonly ended: "proven" | "stopped";
  readonly covered: Covered;
  /** Fastest first: at most `top`; empty where nothing fits. */
  readonly best: readonly FoundLayout[];
  /** Layouts within `within` of the best, itself among them. */
  readonly near: number;
  /** Share of the best's step time that counts as near. */
  readonly within: number;
  /** Bytes that a layout may use. */
  readonly memoryMost: Bytes;
  /** Where nothing fits: those that lack least. */
  readonly closest: readonly FoundLayout[];
  /** The design that the best is held against. */
  readonly against?: { readonly stepTime: Seconds; readonly memory: Bytes };
  /** Of the best, by the same way as `predict`. */
  readonly prediction?: Prediction;
}
