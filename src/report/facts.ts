/** What a report is written from: the ask, the options with what was predicted of them, and what was asked of the best. */

import type { Bill, Owning } from "../economics/index.ts";
import type { Measurable } from "../evidence/index.ts";
import type { AskText, OwnedAssumption, Prediction } from "../scenario/index.ts";
import type { MemoryUse } from "../training/index.ts";
import type { TimelineChart } from "./chart/index.ts";
import type { Choice, Judgement } from "./decision/choose.ts";
import type { Flip } from "./decision/flips.ts";
import type { Goal, Option, Requirement } from "./decision/question.ts";

export interface Sensitive {
  readonly resource: string;
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly elasticity: Readonly<Record<string, number>>;
}

/** The recommended design at another size. */
export interface SizePoint {
  readonly factor: number;
  readonly accelerators: number;
  readonly prediction?: Prediction;
  /** Why there is none. */
  readonly refused?: string;
}

/** The recommended service at another rate of arrivals. */
export interface LoadPoint {
  readonly factor: number;
  /** Requests per second. */
  readonly rate: number;
  readonly prediction: Prediction;
}

/** How far a metric can be trusted, and the error of the model on the nearest measured run. */
export interface EvidenceLine {
  readonly option: string;
  readonly metric: string;
  readonly interval?: readonly [number, number];
  readonly trust: string;
  readonly nearest?: string;
  readonly distance?: number;
  readonly error?: number;
}

/** What a wanted goodput demands, one thing at a time; what is absent reaches it in no amount. */
export interface GoodputNeed {
  readonly wanted: number;
  /** Requirement that wants it; absent where it is the usual mark. */
  readonly requirement?: string;
  readonly now: {
    readonly stall: number;
    readonly interval: number;
    readonly recovery: number;
    readonly timeBetweenInterruptions: number;
  };
  readonly stall?: number;
  readonly interval?: readonly [shortest: number, longest: number];
  readonly recovery?: number;
  /** Most interruptions per second. */
  readonly rate?: number;
}

/** An option whose scenario gives inputs as ranges: draws of them and of the model's own error. */
export interface RangedOption {
  readonly option: string;
  readonly samples: number;
  /** Draws that are refused or do not fit. */
  readonly dropped: number;
  readonly inputs: readonly { readonly path: string; readonly range: string }[];
  readonly metrics: readonly {
    readonly metric: string;
    readonly p10: number;
    readonly p50: number;
    readonly p90: number;
    readonly from: readonly { readonly of: string; readonly share: number }[];
  }[];
  /** Of each requirement, the share of draws that keep it. */
  readonly kept: readonly { readonly id: string; readonly probability: number }[];
}

/** Amounts of single resources at which an option would keep a requirement that it does not; none: no single one does. */
export interface MustHold {
  readonly option: string;
  readonly requirement: string;
  readonly ways: readonly {
    readonly resource: string;
    readonly label: string;
    readonly unit: string;
    /** Today's amount, and the factor on it. */
    readonly value: number;
    readonly factor: number;
  }[];
}

/** A field, and what each option writes there; null: nothing. */
export interface Difference {
  readonly path: string;
  readonly values: readonly (string | null)[];
}

/** What is different from an earlier proposal. */
export interface Earlier {
  readonly name: string;
  readonly recommended: string;
  readonly fields: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
  readonly metrics: readonly { readonly metric: string; readonly before?: number; readonly after?: number }[];
  readonly parts: readonly { readonly label: string; readonly share: number }[];
}

export interface ReportFacts {
  readonly title: string;
  readonly ask: AskText;
  readonly requirements: readonly Requirement[];
  readonly goal: Goal;
  readonly units: Readonly<Record<string, string>>;
  readonly options: readonly Option[];
  /** Of each option, each requirement. */
  readonly judgements: readonly (readonly Judgement[])[];
  readonly choice: Choice;
  readonly mustHold: readonly MustHold[];
  readonly ranged: readonly RangedOption[];
  /** Option on whose hardware no change of software alone pays. */
  readonly sameAs?: string;
  readonly flips: readonly Flip[];
  readonly sensitivities: readonly Sensitive[];
  readonly sizes: readonly SizePoint[];
  readonly loads: readonly LoadPoint[];
  /** Of each option, where something is built. */
  readonly bills: readonly (Bill | undefined)[];
  /** What owning it costs beside its rent. */
  readonly ownings: readonly (Owning | undefined)[];
  /** Fields that the options write differently. */
  readonly differences: readonly Difference[];
  /** Where failures are in the prediction of the recommended option. */
  readonly goodput?: GoodputNeed;
  readonly memory?: MemoryUse;
  readonly timeline?: TimelineChart;
  readonly measureNext: readonly Measurable[];
  readonly evidence: readonly EvidenceLine[];
  readonly owners: readonly OwnedAssumption[];
  readonly notModelled: readonly { readonly key: string; readonly feature: string; readonly why?: string }[];
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly earlier?: Earlier;
}
