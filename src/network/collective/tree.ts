/** Double binary tree: half of the data up and down each of two trees of nodes; steps grow with log2 of the nodes. */
import { type Algorithm, type EstimateRequest, floorLog2, overlapped } from "./algorithm.ts";
import { latencies, type Protocol, treeCorrection } from "./protocol.ts";
import type { Span } from "./span.ts";

export const tree: Algorithm = {
  name: "tree",
  summary: "two binary trees of nodes, each with half of the data, chains inside the nodes",
  operations: ["all-reduce"],
  protocols: ["ll", "ll128", "simple"],
  available: (_, span) => span.domains > 1,
  possible: () => true,
  estimate: treeTime,
};

/**
 *     T = 2((k-1) alpha_link + floor(log2 N) alpha_net) + S/(0.5 B)
 *
 * k ranks per domain, N domains. The library takes 0.92 x 0.85 of the bus bandwidth for the pattern, and less while the
 * pipeline fills. Two ranks on two nodes exchange S each way only.
 * @source nccl-tuning, nccl-tests-issues (one GPU on each of two nodes)
 */
function treeTime({ size, span, protocol, out }: EstimateRequest): void {
  const table = latencies[protocol];
  const { perDomain, domains } = span;
  const depth = floorLog2(domains);
  const latency =
    table.base.tree +
    2 * ((perDomain - 1) * table[span.tuning.link].tree + depth * (table.network.tree + span.networkLatency));
  const fill = correction(protocol, size);
  const up = perDomain > 1 ? (2 * size) / (treeRate(protocol, span, span.ring) * fill) : 0;
  const bytes = domains === 1 ? 0 : perDomain === 1 && domains === 2 ? size : 2 * size;
  const pattern = perDomain === 1 && domains === 2 ? 1 : undefined;
  const network = span.neighbour * perDomain;
  const wire = bytes === 0 ? 0 : bytes / (treeRate(protocol, span, network, pattern) * (pattern ?? fill));
  overlapped(out, latency, up, wire);
}

function treeRate(protocol: Protocol, span: Span, rate: number, pattern = 0.92 * 0.85): number {
  const best = rate * pattern;
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
