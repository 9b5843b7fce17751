/** Parts of a specification while it is written: tests with the requirement they verify, and what is left out. */

import type { Limit, SpecifiedTest } from "./specification.ts";

/** A requirement and the tests that verify it. */
export interface Draft {
  readonly requirement: { readonly id: string; readonly text: string; readonly verification: "test" | "inspection" };
  readonly tests: readonly SpecifiedTest[];
}

export interface Drafts {
  readonly drafts: readonly Draft[];
  /** What is not tested, with the reason. */
  readonly notCovered: readonly string[];
}

export function joined(parts: readonly Drafts[]): Drafts {
  return {
    drafts: parts.flatMap(({ drafts }) => drafts),
    notCovered: [...new Set(parts.flatMap(({ notCovered }) => notCovered))],
  };
}

/** A limit whose error is known by a share of the time: the slowest that still agrees. */
export function rateLimit(
  limit: Pick<Limit, "metric" | "unit" | "formula" | "sources"> & {
    readonly predicted: number;
    readonly error: { readonly share: number; readonly from: string; readonly hardware?: "other" };
    /** Why the prediction itself is not founded on this hardware. */
    readonly unfounded?: string;
  },
): Limit {
  const { predicted, error, unfounded, ...rest } = limit;
  const unknown = unfounded ?? (error.hardware === "other" ? error.from : undefined);
  const given = { ...rest, direction: "at-least", predicted } as const;
  if (unknown !== undefined) {
    return { ...given, threshold: null, trust: "assumed", reason: `no threshold: ${unknown}` };
  }
  const percent = (error.share * 100).toFixed(1);
  const reason = `nine of ten measurements of ${error.from} took at most ${percent} % longer than predicted`;
  return { ...given, threshold: predicted / (1 + error.share), trust: "measured", reason };
}
