/**
 * Recursive halving and doubling: ranks at distances 1, 2, 4, ... exchange halves, so the bytes are a ring's and the
 * steps grow with log2 of the ranks. What MPI libraries do; the collective library of the accelerators never chooses it.
 * Ignores: groups that are no power of two, which need a step more and their whole data twice.
 */
import { type Algorithm, consecutive, type EstimateRequest, floorLog2 } from "./algorithm.ts";
import { latencies } from "./protocol.ts";

export const halvingDoubling: Algorithm = {
  name: "halving-doubling",
  summary: "halves exchanged at doubling distances; groups of a power of two",
  operations: ["all-reduce", "all-gather", "reduce-scatter"],
  protocols: ["simple"],
  available: () => false,
  possible: (_, span) => powerOfTwo(span.ranks) && powerOfTwo(span.perDomain) && span.emptiest === span.perDomain,
  estimate: halvingDoublingTime,
};

/**
 *     all-reduce       T = 2 log2(k) a_link + 2 log2(N) a_net + 2 (k-1)/k S/B_up + 2 (N-1)/N (S/k)/B_nic
 *     gather, scatter  half of that
 *
 * k ranks per domain, N domains; partners inside the domain come first, so that only the k-th part crosses the network,
 * from every rank to a rank far away.
 * @source thakur-2005
 */
function halvingDoublingTime({ operation, size, span, out }: EstimateRequest): void {
  const { perDomain: k, domains: N } = span;
  const table = latencies.simple;
  const passes = operation === "all-reduce" ? 2 : 1;
  const network = table.network.tree + span.networkLatency;
  const steps = floorLog2(k) * table[span.tuning.link].ring + floorLog2(N) * network;
  const up = k > 1 ? (passes * (k - 1) * size) / k / span.ring : 0;
  const wire = N > 1 ? (passes * (N - 1) * size) / N / (k * span.exchange) : 0;
  consecutive(out, table.base.ring + passes * steps, up, wire);
}

const powerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;
