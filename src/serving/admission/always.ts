/** Everything enters. */

import { type AdmissionEntry, admissionEntry } from "./policy.ts";

export const always: AdmissionEntry = admissionEntry({
  name: "always",
  summary: "Every request enters.",
  sources: [],
  parameters: {},
  create: () => ({ admit: () => "accept" }),
});
