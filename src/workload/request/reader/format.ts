/** What a format of recorded requests is, and how a user wants one read. */

import type { PerSecond, Seconds } from "../../../base/quantity.ts";
import type { ArrivalLaw } from "../spec.ts";
import type { Intake } from "./intake.ts";

/** A file as its host hands it over: the text as a whole, or in pieces as it is read. */
export interface TraceFile {
  readonly name: string;
  readonly text: string | Iterable<string>;
}

export interface RequestFormat {
  readonly name: string;
  /** One sentence for help and documentation. */
  readonly summary: string;
  /** Whether a file that begins like this is one of the format. */
  readonly detect: (beginning: string) => boolean;
  /** `clock`: rows have times. `starts`: a chosen law starts them. `law`: times are drawn, and rates scaled while drawing. */
  readonly times: "clock" | "starts" | "law";
  /** Hands rows to the intake; the files are those of one workload. */
  readonly read: (files: readonly TraceFile[], intake: Intake, options: ReadOptions) => void;
}

/** How a trace is read. Each key is a choice of the user's; `asRecorded` leaves everything as it is. */
export interface ReadOptions {
  /** For what is drawn: spread ticks, starts of sessions, clients' arrivals and lengths. */
  readonly seed: number;
  /** Report lines that cannot be read, or leave them out and count them. */
  readonly badLines: "report" | "skip";
  /** Requests (of session traces: sessions) at most. */
  readonly limit: number;
  readonly rate: RateChoice;
  /** Spread requests that have the same time over the time until the next: clocks may be coarse. */
  readonly ticks: "as-recorded" | "spread";
  /** Tokens of prompt and output that a model takes, and what becomes of longer requests. */
  readonly lengthMax: number;
  readonly longer: "report" | "clip";
  /** Tokens of one chunk of content; a multiple of the format's own makes a long trace smaller. 0: as recorded. */
  readonly chunkTokens: number;
  /** When what has no clock starts: sessions, or bare lengths. */
  readonly starts?: { readonly law: ArrivalLaw; readonly rate: PerSecond };
  /** Longest pause between turns; users who left overnight return sooner. */
  readonly pauseMax: Seconds;
  /** The part of a long recording that is read. */
  readonly window: { readonly start: Seconds; readonly duration: Seconds };
}

/** Times of arrival are drawn together by a factor, or to a mean rate of roots. */
export type RateChoice =
  | { readonly kind: "as-recorded" }
  | { readonly kind: "factor"; readonly factor: number }
  | { readonly kind: "mean"; readonly rate: PerSecond };

export const asRecorded: ReadOptions = Object.freeze({
  seed: 1,
  badLines: "report",
  limit: Number.POSITIVE_INFINITY,
  rate: Object.freeze({ kind: "as-recorded" }),
  ticks: "as-recorded",
  lengthMax: Number.POSITIVE_INFINITY,
  longer: "report",
  chunkTokens: 0,
  pauseMax: Number.POSITIVE_INFINITY,
  window: Object.freeze({ start: 0, duration: Number.POSITIVE_INFINITY }),
});
