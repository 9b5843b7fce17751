/** A fleet of fixed size. */

import { type ScalingEntry, scalingEntry } from "./policy.ts";

export const fixed: ScalingEntry = scalingEntry({
  name: "none",
  summary: "The fleet stays as it is.",
  sources: [],
  parameters: {},
  create: () => ({ reach: 0, decide: () => undefined }),
});
