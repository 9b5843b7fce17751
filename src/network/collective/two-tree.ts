/**
 * Two binary trees as their bytes have it: what the pattern could reach on ports that nothing else holds back. The
 * library's own `tree` is slower: its rate a channel is capped, and measured runs on two nodes stay at the ring's rate.
 */
import { type Algorithm, type EstimateRequest, floorLog2, overlapped } from "./algorithm.ts";
import { latencies } from "./protocol.ts";

export const twoTree: Algorithm = {
  name: "two-tree",
  summary: "two binary trees of nodes at the full rate of the ports: the bound on what trees can gain",
  operations: ["all-reduce"],
  protocols: ["simple"],
  available: () => false,
  possible: (_, span) => span.domains > 1,
  estimate: twoTreeTime,
};

/**
 *     T = 2((k-1) alpha_link + floor(log2 N) alpha_net) + max(2 S/B_up, f S/(k B_nic)),   f = 1, 3/2, 2 for N = 2, 3, more
 *
 * f are the bytes that the busiest node sends. Each tree moves half of the data, up from all nodes but its root and down
 * to all children: two nodes send one half up and one down; of three a root sends a half to each of two children, and
 * one up in the other tree; from four on a node with a parent and two children sends as much as in a ring. So trees get
 * twice the ring's bus bandwidth of the ports on two nodes, 4/3 on three, the same beyond.
 * @source sanders-2009-two-tree, nccl-812 (two nodes), nccl-tuning (latencies)
 */
function twoTreeTime({ size, span, out }: EstimateRequest): void {
  const { perDomain: k, emptiest, domains } = span;
  const table = latencies.simple;
  const network = table.network.tree + span.networkLatency;
  const latency = table.base.tree + 2 * ((k - 1) * table[span.tuning.link].tree + floorLog2(domains) * network);
  const busiest = domains === 2 ? 1 : domains === 3 ? 1.5 : 2;
  overlapped(out, latency, k > 1 ? (2 * size) / span.ring : 0, (busiest * size) / (emptiest * span.neighbour));
}
