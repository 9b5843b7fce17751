/** A described workload: how requests arrive, how long they are, what they share. `generate.ts` draws a list from it. */

import type { PerSecond, Seconds } from "../../base/quantity.ts";

/** Lengths in tokens: a law, or data. Draws are rounded and kept within `least` and `most`. */
export type LengthLaw = { readonly least?: number; readonly most?: number } & (
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly from: number; readonly to: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number }
  | { readonly kind: "lognormal"; readonly median: number; readonly sigma: number }
  | { readonly kind: "exponential"; readonly mean: number }
  /** Values with their weights: a histogram or samples. */
  | { readonly kind: "values"; readonly values: ArrayLike<number>; readonly weights?: ArrayLike<number> }
);

/** Gaps between arrivals; `cv` is deviation over mean. */
export type ArrivalLaw =
  | { readonly kind: "poisson" }
  | { readonly kind: "constant" }
  | { readonly kind: "gamma"; readonly cv: number }
  | { readonly kind: "weibull"; readonly cv: number }
  /** `size` at once, bursts evenly apart. */
  | { readonly kind: "burst"; readonly size: number };

/** A stretch of time at one rate. */
export interface Stage {
  readonly rate: PerSecond;
  readonly duration: Seconds;
}

/** Prefixes that requests have in common: each group has one; prompts of classes come after it. */
export interface SharedPrefix {
  readonly groups: number;
  readonly tokens: LengthLaw;
  /** Different prompts of a group; each keeps its lengths whenever it comes again. Absent: every prompt is its own. */
  readonly promptsPerGroup?: number;
  /** In turn: all prompts in one shuffled order, over and over. */
  readonly order: "in-turn" | "random";
}

/** Turns of a conversation, or calls of an agent: each prompt repeats what came before. */
export interface SessionLaw {
  readonly turns: LengthLaw;
  /** New prompt tokens of every turn after the first. */
  readonly input: LengthLaw;
  /** Between the end of a turn and the next, drawn log-normally or exponentially with this mean; 0 for none. */
  readonly pause: {
    readonly law: "constant" | "exponential" | "lognormal";
    readonly mean: Seconds;
    readonly sigma?: number;
  };
}

/** A client class: share of the traffic, and how it is treated. */
export interface ClassSpec {
  readonly name: string;
  readonly share: number;
  readonly priority: number;
  readonly timeout: Seconds;
  /** Prompt tokens beyond a shared prefix; of a session the first turn's. */
  readonly input: LengthLaw;
  readonly output: LengthLaw;
  /** Adapters that its requests are spread over evenly; empty for the base model. */
  readonly adapters: readonly string[];
}

export interface RequestSpec {
  readonly seed: number;
  /** Open loop: stages one after the other. Closed loop: so many users, each with one request (or session) after the other. */
  readonly arrival:
    | {
        readonly kind: "open";
        readonly law: ArrivalLaw;
        readonly stages: readonly Stage[];
        /** The client holds what would be more under way; 0 or absent for no limit. */
        readonly concurrency?: number;
      }
    | { readonly kind: "users"; readonly users: number; readonly think: SessionLaw["pause"] }
    /** All at the start, at most so many at once (0: no limit). */
    | { readonly kind: "batch"; readonly concurrency: number };
  /** Requests (of sessions: sessions) in all; Infinity where stages end it. */
  readonly count: number;
  readonly classes: readonly ClassSpec[];
  readonly prefix?: SharedPrefix;
  readonly session?: SessionLaw;
  /** Tokens of a chunk of shared content. */
  readonly chunkTokens: number;
}
