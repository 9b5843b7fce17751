/** Whether a request may enter, before it is routed. A policy sees what a router sees. */

import type { Seconds } from "../../base/quantity.ts";
import type { Parameters, Values } from "../routing/parameter.ts";
import type { IncomingRequest, ReplicaView } from "../routing/policy.ts";

/** hold: ask again once something has changed. */
export type Verdict = "accept" | "reject" | "hold";

export interface AdmissionPolicy {
  /** An accepted request is on its way: it is charged for. */
  admit(request: IncomingRequest, replicas: readonly ReplicaView[], now: Seconds): Verdict;
  /** When a held request is worth asking for again though nothing else changes; absent where only changes matter. */
  retryAt?(request: IncomingRequest, now: Seconds): Seconds;
}

export interface AdmissionEntry<Table extends Parameters = Parameters> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly sources: readonly string[];
  readonly parameters: Table;
  create(values: Values<Table>): AdmissionPolicy;
}

/** An entry with its parameters' names and words known to `create`. */
export function admissionEntry<const Table extends Parameters>(entry: AdmissionEntry<Table>): AdmissionEntry {
  return entry as unknown as AdmissionEntry;
}

/** What happens to a request that may not enter now. */
export const otherwise = {
  kind: "choice",
  words: ["reject", "hold"],
  default: "reject",
  description: "What becomes of a request that may not enter now.",
} as const;
