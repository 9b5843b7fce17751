/** What a suspected fault is: one entry, in the file of its link class; a line in `index.ts` for a new class. */

import type { Bytes, Seconds } from "../../../base/quantity.ts";
import type { Clues } from "../../nccl-tests/context.ts";
import type { Question } from "../question.ts";

export type LinkClass = "rail" | "network ports" | "fabric" | "host path" | "transport" | "scale-up links" | "library";

export interface Hypothesis {
  readonly name: string;
  readonly linkClass: LinkClass;
  /** What is wrong, as one would say it. */
  readonly label: string;
  /** What to run to be sure. */
  readonly test: string;
  /** Whether the question could show it at all. */
  readonly applies: (question: Question) => boolean;
  /** Time of each size with the fault. `healthy` are the algorithms that the library chose on sound machines. */
  readonly times: (question: Question, sizes: readonly SizeAsked[]) => readonly Seconds[];
  /** What is wrong with this very log, where that has a size to be found; else `label`. */
  readonly described?: (question: Question, sizes: readonly SizeAsked[]) => string;
  /** Free numbers in it: a curve that bends to the log ranks below one as near that does not. */
  readonly free?: number;
  /** True where the library's own messages in the log say so. */
  readonly stated?: (clues: Clues) => boolean;
}

export interface SizeAsked {
  readonly size: Bytes;
  readonly healthy: string;
  /** What was measured: only for faults that have numbers of their own. */
  readonly measured: Seconds;
  readonly predicted: Seconds;
  /** How far a time may be off, as a logarithm. */
  readonly width: number;
}
