/** `workloads:` several training jobs on one cluster, each on nodes of its own. */

import type { z } from "zod";
import { choice, count, list, strict, text } from "./fields.ts";
import { type LayoutText, layoutField } from "./layout.ts";
import { type SoftwareInline, softwareField } from "./software.ts";
import { type WorkloadText, workloadField } from "./workload.ts";

export interface SharedWorkloadText {
  readonly name: string;
  readonly nodes: number;
  readonly placement?: "packed" | "scattered" | "alternate";
  readonly workload: WorkloadText;
  readonly layout?: LayoutText | "auto";
  readonly software?: string | SoftwareInline;
}

const entry = strict(() => ({
  name: text("Name of the workload."),
  nodes: count("Nodes that it runs on.", { atLeast: 1, atMost: 1_000_000 }),
  placement: choice(
    ["packed", "scattered", "alternate"],
    "Which nodes: the next free ones, drawn at random, or in turn with the other jobs that alternate. Default packed.",
  ).exactOptional(),
  workload: workloadField,
  layout: layoutField.exactOptional(),
  software: softwareField.exactOptional(),
})).meta({ description: "One job on nodes of its own." });

/** The entries of `workloads:`. */
export const sharedWorkloadsField: z.ZodType<readonly SharedWorkloadText[]> = list(
  entry as unknown as z.ZodType<SharedWorkloadText>,
  "Several training jobs on one cluster, whose steps share the fabric's links, instead of workload.",
);
