/** Hierarchical: scatter inside the domains, the operation between them rank by rank, gather inside. */
import { type Algorithm, consecutive, type EstimateRequest } from "./algorithm.ts";
import { latencies } from "./protocol.ts";
import { domainSteps } from "./span.ts";

export const hierarchical: Algorithm = {
  name: "hierarchical",
  summary: "inside the domains first, then between them on all rails, stages one after the other",
  operations: ["all-reduce", "all-gather", "reduce-scatter", "broadcast", "reduce"],
  protocols: ["simple"],
  available: (_, span) =>
    span.domains > 1 && (span.platform.scaleUp.topology !== "switch" || span.platform.scaleUp.domain > 8),
  possible: (_, span) => span.domains > 1,
  estimate: hierarchicalTime,
};

/**
 *     all-reduce  T = lat + 2(k-1)/k S/B_up + 2(N-1)/N (S/k)/B_nic
 *     gather      T = lat +  (k-1)/k S/B_up +  (N-1)/N (S/k)/B_nic
 *     broadcast   T = lat +        S/B_up +          (S/k)/B_nic,   reduce alike
 *
 * k ranks per domain, N domains; the stages are not overlapped.
 * @source ml-engineering-nccl
 */
function hierarchicalTime({ operation, size, span, out }: EstimateRequest): void {
  const { perDomain: k, domains: N } = span;
  const table = latencies.simple;
  const passes = operation === "all-reduce" ? 2 : 1;
  const whole = operation === "broadcast" || operation === "reduce";
  const inside = whole ? size : (passes * (k - 1) * size) / k;
  const between = whole ? size : (passes * (N - 1) * size) / N;
  const latency =
    table.base.ring +
    passes * (domainSteps(span) * table[span.tuning.link].ring + (N - 1) * (table.network.tree + span.networkLatency));
  consecutive(out, latency, k > 1 ? inside / span.ring : 0, between / (span.emptiest * span.neighbour));
}
