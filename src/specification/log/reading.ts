/** What a log says, in the words of a specification. */

import type { SpecifiedTest } from "../specification.ts";

export interface MeasuredValue {
  readonly metric: string;
  readonly value: number;
  readonly size?: number;
  /** What makes the measurement void, whatever its value: elements came out wrong. */
  readonly fault?: string;
  /** Which of several in one log: an accelerator. */
  readonly of?: string;
}

export interface Reading {
  readonly kind: SpecifiedTest["kind"];
  readonly file: string;
  /** What the log says of its test; compared with the test's `match` where both say it. */
  readonly about: Readonly<Record<string, string | number>>;
  readonly values: readonly MeasuredValue[];
  readonly notes: readonly string[];
}

/** A JSON object, or undefined. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const from = text.indexOf("{");
  if (from < 0) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(from));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    // Not JSON: another kind of log, which the caller finds out.
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
