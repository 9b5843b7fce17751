/** What nccl-tests counts: times the size that passes each rank's port. */

import type { CollectiveOperation } from "./collective.ts";

/** Bus bandwidth over algorithm bandwidth for n ranks; of rings also the times that the size passes each of their links. @source nccl-tests-performance */
export function busFactor(operation: CollectiveOperation, n: number): number {
  if (operation === "all-reduce") return (2 * (n - 1)) / n;
  return operation === "broadcast" || operation === "reduce" || operation === "send-receive" ? 1 : (n - 1) / n;
}
