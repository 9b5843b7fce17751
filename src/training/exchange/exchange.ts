/** What the exchanges inside a layer have in common: what they see of it, and what they answer. */

import type { Seconds } from "../../base/quantity.ts";
import type { LayerKind } from "../../catalog/model.ts";
import type { Kernels } from "../../compute/index.ts";
import type { Platform } from "../../network/index.ts";
import type { TrainingCase } from "../case.ts";
import type { TrainingConstants } from "../constants.ts";
import type { Groups } from "../parallel.ts";
import type { Recomputed } from "../shard.ts";

/** A time in the forward and one in the backward pass. */
export interface PassTimes {
  readonly forward: Seconds;
  readonly backward: Seconds;
}

/** A layer of kind `kind` under a case; precision may differ for layers kept in 16 bit. */
export interface LayerOptions {
  readonly case: TrainingCase;
  readonly kind: LayerKind;
  readonly precision: TrainingCase["precision"];
  readonly kernels: Kernels;
  readonly platform: Platform;
  readonly groups: Groups;
  readonly recompute: Recomputed;
  readonly constants: TrainingConstants;
  /** Where sequences differ in length: the core of a layer on the mean micro-batch. */
  readonly drawnCore?: (kind: LayerKind) => DrawnCore | undefined;
}

/** Mean over a context group, and what its busiest rank takes beyond. */
export interface DrawnCore {
  readonly time: PassTimes;
  readonly excess: PassTimes;
}

/** Exposed communication of both passes, and what computation hides. */
export interface Exchange extends PassTimes {
  readonly hidden: PassTimes;
}

export const nothing: PassTimes = Object.freeze({ forward: 0, backward: 0 });
export const none: Exchange = Object.freeze({ ...nothing, hidden: nothing });
