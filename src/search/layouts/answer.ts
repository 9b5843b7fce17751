/** What a layout search answers. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { LayoutText, Prediction } from "../../scenario/index.ts";

/** One layout that was looked at. */
export interface FoundLayout {
  readonly layout: LayoutText;
  readonly stepTime: Seconds;
  readonly memory: Bytes;
}

/** A layout that is listed. */
export interface ListedLayout extends FoundLayout {
  /** Others near the best that differ from it in their chunks alone; they are not listed. */
  readonly like: number;
  /** Where it is faster than the design held against it: parts of the step that change most, adding up with the rest. */
  readonly why?: readonly StepChange[];
}

/** A part of the step, and what it adds to the difference; negative makes the step shorter. */
export interface StepChange {
  readonly path: string;
  readonly label: string;
  readonly share: Seconds;
}

/** Layouts that measured runs do not tell from the best: the ranges of both, by the model's error there, overlap. */
export interface Alike {
  /** Of the best. */
  readonly range: readonly [low: Seconds, high: Seconds];
  readonly count: number;
  /** Whether there are no more: the search looked at all that are so near. */
  readonly complete: boolean;
  /** Of them, those of which none is as fast and holds as little as another; the fastest first. */
  readonly front: readonly FoundLayout[];
}

/** A design that the best is held against. */
export interface Rival {
  readonly stepTime: Seconds;
  readonly memory: Bytes;
  /** Layouts of the space that fit and are faster. */
  readonly faster: number;
  readonly complete: boolean;
  /** Whether the model tells it from the best; absent where no measured runs say how far off it is. */
  readonly told?: "alike" | "apart";
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
  /** Fastest first, one of those that differ in chunks alone: at most `top`; empty where nothing fits. */
  readonly best: readonly ListedLayout[];
  /** Layouts within `within` of the best, itself among them. */
  readonly near: number;
  /** Share of the best's step time that counts as near. */
  readonly within: number;
  /** Bytes that a layout may use. */
  readonly memoryMost: Bytes;
  /** Where nothing fits: those that lack least. */
  readonly closest: readonly FoundLayout[];
  /** Where measured runs say how far off the model is here. */
  readonly alike?: Alike;
  readonly against?: Rival;
  /** Of the best, by the same way as `predict`. */
  readonly prediction?: Prediction;
}
