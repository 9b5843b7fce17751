/** What is to be decided: requirements, an objective, and options. */

import type { Design, OptionRole, Prediction } from "../../scenario/index.ts";

export interface Requirement {
  readonly id: string;
  readonly text: string;
  readonly metric: string;
  readonly sense: "atMost" | "atLeast";
  readonly value: number;
  readonly confidence?: number;
}

export interface Goal {
  readonly metric: string;
  readonly direction: "minimize" | "maximize";
}

export interface Option {
  readonly name: string;
  readonly role: OptionRole;
  /** What it is in a sentence. */
  readonly what: string;
  /** Both absent where nothing is built. */
  readonly design?: Design;
  readonly prediction?: Prediction;
}
