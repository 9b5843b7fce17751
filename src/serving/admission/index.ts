/** Admission policies by name. Adding one: its file, and a line here. */

import { type Registry, registry } from "../../base/registry.ts";
import { type Given, valuesOf } from "../routing/parameter.ts";
import { always } from "./always.ts";
import type { AdmissionEntry, AdmissionPolicy } from "./policy.ts";
import { queueLimit } from "./queue-limit.ts";
import { tokenBucket } from "./token-bucket.ts";

export type { AdmissionEntry, AdmissionPolicy, Verdict } from "./policy.ts";

export const admissionPolicies: Registry<AdmissionEntry> = registry("admission policy", [
  always,
  tokenBucket,
  queueLimit,
]);

/** A policy of a name that the scenario has checked, told what is given and its defaults for the rest. */
export function admissionPolicy(name: string, given: Given): AdmissionPolicy {
  const entry = admissionPolicies.get(name);
  return entry.create(valuesOf(entry.parameters, given));
}
