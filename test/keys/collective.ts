/** Keys of `workload:` of kind collective. */

import { clusterOf, nodes } from "../../src/catalog/index.ts";
import { profileMachinesOf } from "../../src/network/index.ts";
import type { Case, Section } from "./written.ts";

const workload = (fields: Section): Section => ({ workload: fields });

/** Tokens between the experts of one node, or of all of them. */
const exchange = (fields: Section = {}, group: Section = { size: 8 }): Section => {
  const base = { kernels: "deepep", experts: 512, topK: 4, hidden: 2048, precision: "fp8" };
  return workload({ operation: "all-to-all", group, exchange: { ...base, ...fields } });
};

export const collectiveCases: readonly Case[] = [
  ["workload.operation", workload({ operation: "all-gather" })],
  ["workload.sizes", workload({ sizes: ["2 GiB"] })],
  ["workload.sizes.from", workload({ sizes: { from: "1 MiB", to: "1 GiB" } })],
  ["workload.sizes.to", workload({ sizes: { from: "1 MiB", to: "2 GiB" } })],
  ["workload.sizes.factor", workload({ sizes: { from: "1 MiB", to: "1 GiB", factor: 4 } })],
  ["workload.algorithm", workload({ algorithm: "ring" })],
  ["workload.method", workload({ method: "flows" }), { cluster: { fabric: { oversubscription: [8] } } }],
  ["workload.channels", workload({ channels: 2 })],
  ["workload.library", workload({ library: "custom" }), workload({ group: { size: 8 } })],
  ["workload.launch", workload({ launch: "per-process" }), workload({ group: { size: 8 } })],
  ["workload.exchange.kernels", exchange({ kernels: "deepep-low-latency" }), exchange()],
  ["workload.exchange.direction", exchange({ direction: "combine" }), exchange()],
  ["workload.exchange.experts", exchange({ experts: 16 }), exchange()],
  ["workload.exchange.topK", exchange({ topK: 8 }), exchange()],
  ["workload.exchange.hidden", exchange({ hidden: 4096 }), exchange()],
  ["workload.exchange.precision", exchange({ precision: "bf16" }), exchange()],
  ["workload.exchange.nodeLimit", exchange({ nodeLimit: 2 }, {}), exchange({}, {})],
  ["workload.exchange.multiprocessors", exchange({ multiprocessors: 8 }), exchange()],
  ["workload.group.size", workload({ group: { size: 64 } })],
  ["workload.group.perNode", workload({ group: { perNode: 1 } })],
  ["workload.group.sharing", workload({ group: { perNode: 1, sharing: 8 } })],
  ["workload.group.accelerators", workload({ group: { accelerators: [0, 8, 16] } })],
  ["workload.calibration", workload({ calibration: "profile.json" })],
];

/** A profile of the base's collective: twice as fast as any prediction. */
export const profileText: string = JSON.stringify({
  windtunnelProfile: 1,
  name: "ours",
  date: "2026-11-22",
  node: "hgx-h100",
  machines: profileMachinesOf(clusterOf({ node: nodes.get("hgx-h100"), nodes: 1 })),
  curves: [
    {
      operation: "all-reduce",
      ranks: 512,
      ranksPerDomain: 8,
      sharing: 1,
      from: "run.log:1",
      first: 20,
      seconds: [40e-6, 60e-6],
      slope: 3e-12,
      error: { fitted: 0, heldOut: 0.02, raw: 0.3 },
      points: [{ size: 2 ** 20, measured: 40e-6, raw: 80e-6, calibrated: 40e-6, use: "fitted" }],
    },
  ],
});
