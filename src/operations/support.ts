/** `support`: what combines with what today. */

import { z } from "zod";
import { supportMatrix, type WorkloadKind, workloadKinds } from "../scenario/index.ts";
import type { Operation } from "./operation.ts";

export interface SupportOutput {
  readonly kinds: readonly WorkloadKind[];
  readonly rows: readonly {
    readonly key: string;
    readonly feature: string;
    /** Kinds of workload with which it is modelled; refused by name with all others. */
    readonly modelled: readonly WorkloadKind[];
    readonly why?: string;
  }[];
}

export const supportOperation: Operation<Record<never, never>, SupportOutput> = {
  name: "support",
  summary: "Print what of the language is modelled with what, and what is refused.",
  input: z.strictObject({}),
  examples: [{ command: "windtunnel support", does: "the table" }],
  run: () => Promise.resolve({ kinds: workloadKinds, rows: supportMatrix.map(({ used: _, ...row }) => row) }),
};
