/** What described requests and traces have in common: where they are resolved, and the law of their gaps. */

import type { ArrivalLaw } from "../../workload/request/spec.ts";
import type { RequestsText } from "../schema/requests.ts";
import type { Files } from "./model.ts";
import { given, type Notes, problem } from "./notes.ts";

export interface RequestsContext {
  readonly files: Files;
  readonly seed: number;
  /** Prompt and output of one request at most, on every pool that could get it. */
  readonly maxLength: number;
}

export const requestsPath = "workload.requests";

/** The law of gaps, with what it needs. */
export function lawOf(written: RequestsText, notes: Notes): ArrivalLaw | undefined {
  const reason = "not given; independent clients";
  const kind = given(notes, `${requestsPath}.arrivals`, written.arrivals, "poisson", reason);
  const needs = { gamma: "variation", weibull: "variation", burst: "burstSize" } as const;
  const needed = kind in needs ? needs[kind as keyof typeof needs] : undefined;
  for (const key of ["variation", "burstSize"] as const) {
    if (key !== needed && written[key] !== undefined) {
      problem(notes, `${requestsPath}.${key}`, `has no effect with arrivals: ${kind}`, "remove it");
    }
  }
  if (needed !== undefined && written[needed] === undefined) {
    const hint = needed === "variation" ? "e.g. variation: 2; 1 is like poisson" : "e.g. burstSize: 32";
    problem(notes, `${requestsPath}.${needed}`, `missing; ${kind} needs it`, hint);
    return undefined;
  }
  const { variation: cv = 1, burstSize: size = 1 } = written;
  if (kind === "burst") return { kind, size };
  return kind === "gamma" || kind === "weibull" ? { kind, cv } : { kind };
}
