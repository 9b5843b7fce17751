/** What a step waits for: the host's launches, slow machines, the optimizer's kernels. */

import { constantError, kernelError } from "../../catalog/accuracy/parts.ts";
import type { Leaf } from "./leaves.ts";
import { type Evidence, percent, type Suspect } from "./suspect.ts";
import { secondsOf } from "./what-if.ts";

/** Launches a little slower show whole where computation already waits for them, and not at all where it does not. */
export function launchSuspect({ whatIf }: Evidence, leaves: readonly Leaf[]): Suspect | undefined {
  const predicted = secondsOf(leaves, "launch");
  const more = Math.max(0, secondsOf(whatIf.slowHost, "launch") - predicted);
  const less = Math.max(0, predicted - secondsOf(whatIf.fastHost, "launch"));
  if (predicted === 0 && more === 0) return undefined;
  const label = [...leaves, ...whatIf.slowHost].find(({ name }) => name === "launch")?.label ?? "launch";
  const known = constantError("launch");
  const why = `time of a launch within ${percent(known?.share ?? 0)} by ${known?.from ?? "no run"}`;
  return { term: "launch", label, predicted, error: { less, more }, bound: { less, more }, why };
}

/**
 * Slow machines: 0.5 % of them were 10 % slower, and a step waits for the slowest.
 *
 *     P(any of N) = 1 - (1 - 0.005)^N, cost 0.1 x computation; standard deviation sqrt(P) x cost
 *
 * @source jiang-2024-megascale
 */
const slow = { share: 0.005, by: 0.1 } as const;

export function stragglerSuspect({ design, computation }: Evidence, leaves: readonly Leaf[]): Suspect | undefined {
  const { nodes, accelerators } = design.case.cluster;
  const predicted = secondsOf(leaves, "stragglers");
  if (accelerators === 1 && predicted === 0) return undefined;
  const label = leaves.find(({ name }) => name === "stragglers")?.label ?? "ranks finishing at different times";
  let none = 1;
  for (let node = 0; node < nodes && none > 1e-9; node++) none *= 1 - slow.share;
  // What is predicted for ranks that drift apart is part of it.
  const cost = Math.max(0, slow.by * computation - predicted);
  const chance = percent(1 - none);
  const why = `a machine ${percent(slow.by)} slower is among ${nodes} with a chance of ${chance} (MegaScale: one in 200)`;
  return {
    term: "stragglers",
    label,
    predicted,
    error: { less: predicted, more: Math.sqrt(1 - none) * cost },
    bound: { less: predicted, more: cost },
    why,
  };
}

/** Memory passes, at most those of an update with one kernel an operation. */
export function optimizerSuspect(leaf: Leaf, { design, whatIf }: Evidence): Suspect {
  const { name, label, value } = leaf;
  const { share, from } = kernelError("passes", design.case.cluster.node.accelerator.generation);
  const error = share * value;
  const eager = Math.max(0, secondsOf(whatIf.eager, "optimizer") - value);
  return {
    term: name,
    label,
    predicted: value,
    error: { less: error, more: error },
    bound: { less: error, more: error + eager },
    why: `${percent(share)} by ${from}; at most an update with one kernel an operation`,
  };
}
