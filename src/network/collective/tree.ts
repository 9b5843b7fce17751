/** Double binary tree: half of the data up and down each of two trees of nodes; steps grow with log2 of the nodes. */
import { type Algorithm, type EstimateRequest, floorLog2, overlapped } from "./algorithm.ts";
import { channelCap, hasChannels } from "./channels.ts";
import { latencies, type Protocol, treeCorrection } from "./protocol.ts";
import type { Span } from "./span.ts";

export const tree: Algorithm = {
  name: "tree",
  summary: "two binary trees of nodes, each with half of the data, chains inside the nodes",
  operations: ["all-reduce", "broadcast", "reduce"],
  protocols: ["ll", "ll128", "simple"],
  // The library has trees for all-reduce only; others send broadcasts and reductions down and up them.
  available: (operation, span) => operation === "all-reduce" && span.domains > 1,
  possible: () => true,
  channels: (span) => hasChannels("tree", span),
  estimate: treeTime,
};

/**
 *     all-reduce         T = 2((k-1) alpha_link + floor(log2 N) alpha_net) + S/(0.5 B)
 *     broadcast, reduce  T =   (k-1) alpha_link + floor(log2 N) alpha_net  + S/B
 *
 * k ranks per domain, N domains. The library takes 0.92 x 0.85 of the bus bandwidth for the pattern, and less while the
 * pipeline fills. A broadcast goes down only: in one of the two trees a rank is a leaf, in the other it passes its half
 * to two. Two ranks on two nodes exchange S each way only.
 * @source nccl-tuning, nccl-tests-issues (one GPU on each of two nodes), sanders-2009-two-tree (broadcast)
 */
function treeTime({ operation, size, span, protocol, channels, out }: EstimateRequest): void {
  const table = latencies[protocol];
  const { perDomain, domains } = span;
  const passes = operation === "all-reduce" ? 2 : 1;
  const steps =
    (perDomain - 1) * table[span.tuning.link].tree + floorLog2(domains) * (table.network.tree + span.networkLatency);
  const latency = table.base.tree + passes * steps;
  const fill = correction(protocol, size);
  const cap = 0.85 * channelCap(protocol === "ll128" ? "tree/ll128" : "tree", span, channels);
  const up =
    perDomain > 1 ? (passes * size) / (treeRate(protocol, span, Math.min(cap, span.ring * pattern)) * fill) : 0;
  const pair = perDomain === 1 && domains === 2;
  const bytes = domains === 1 ? 0 : pair ? size : passes * size;
  const best = Math.min(cap, span.neighbour * span.emptiest * (pair ? 1 : pattern));
  const wire = bytes === 0 ? 0 : bytes / (treeRate(protocol, span, best) * (pair ? 1 : fill));
  overlapped(out, latency, up, wire);
}

/** Part of the bus bandwidth that a tree reaches. */
const pattern = 0.92 * 0.85;

function treeRate(protocol: Protocol, span: Span, best: number): number {
  if (protocol === "simple") return best;
  if (protocol === "ll128") return best * (span.domains === 1 ? 7 / 9 : 120 / 128);
  return best / 3.8;
}

/** Between the entries of the table, straight in size, so that time has no steps. */
function correction(protocol: Protocol, size: number): number {
  const table = treeCorrection[protocol];
  const units = Math.min(size / 64, 2 ** 30);
  if (units < 1) return table[0] ?? 1;
  const index = floorLog2(units);
  const here = table[index] ?? table[table.length - 1] ?? 1;
  const next = table[index + 1] ?? table[table.length - 1] ?? 1;
  return here + (next - here) * (units / (1 << index) - 1);
}
