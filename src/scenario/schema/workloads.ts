/** `workloads:` several on one cluster, each on accelerators of its own. */

import type { z } from "zod";
import { count, quantity, strict, text } from "./fields.ts";
import { type AcceleratorsText, acceleratorsField, type JobText, placementField } from "./traffic.ts";
import { type WorkloadText, workloadField } from "./workload.ts";

export interface SharedWorkloadText {
  readonly name: string;
  readonly workload: WorkloadText;
  readonly accelerators: AcceleratorsText;
  readonly placement?: NonNullable<JobText["placement"]>;
  readonly start?: number;
  readonly rounds?: number;
}

/** An entry of the list. */
export const sharedWorkloadField: z.ZodType<SharedWorkloadText> = strict(
  {
    name: text("Name of the workload."),
    workload: workloadField,
    accelerators: acceleratorsField,
    placement: placementField.exactOptional(),
    start: quantity("seconds", "When it begins. Default 0 s.", { atLeast: 0 }).exactOptional(),
    rounds: count("How often it runs. Default 1.", { atLeast: 1, atMost: 100_000 }).exactOptional(),
  },
  "e.g. { name: a, accelerators: 64, workload: { kind: collective, operation: all-reduce, sizes: [1 GB] } }",
).meta({
  description: "A workload on accelerators of its own, beside others.",
}) as unknown as z.ZodType<SharedWorkloadText>;
