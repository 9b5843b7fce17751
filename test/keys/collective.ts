/** Keys of `workload:` of kind collective. */

import type { Case, Section } from "./written.ts";

const workload = (fields: Section): Section => ({ workload: fields });

export const collectiveCases: readonly Case[] = [
  ["workload.operation", workload({ operation: "all-gather" })],
  ["workload.sizes", workload({ sizes: ["2 GiB"] })],
  ["workload.sizes.from", workload({ sizes: { from: "1 MiB", to: "1 GiB" } })],
  ["workload.sizes.to", workload({ sizes: { from: "1 MiB", to: "2 GiB" } })],
  ["workload.sizes.factor", workload({ sizes: { from: "1 MiB", to: "1 GiB", factor: 4 } })],
  ["workload.algorithm", workload({ algorithm: "ring" })],
  ["workload.group.size", workload({ group: { size: 64 } })],
  ["workload.group.perNode", workload({ group: { perNode: 1 } })],
  ["workload.group.sharing", workload({ group: { perNode: 1, sharing: 8 } })],
  ["workload.group.accelerators", workload({ group: { accelerators: [0, 8, 16] } })],
];
