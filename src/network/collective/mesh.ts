/** Mesh: accelerators that are all linked directly send each part straight to its owner, on all links at once. */
import { type Algorithm, type EstimateRequest, overlapped } from "./algorithm.ts";
import { latencies } from "./protocol.ts";

export const mesh: Algorithm = {
  name: "mesh",
  summary: "all direct links of a fully connected domain at once",
  operations: ["all-reduce", "all-gather", "reduce-scatter", "broadcast", "reduce"],
  protocols: ["ll", "simple"],
  available: (_, span) => span.domains === 1 && span.platform.scaleUp.topology === "mesh",
  estimate: meshTime,
};

/**
 *     all-reduce  T = 2 alpha + 2(n-1)/n S/(B (n-1)/(d-1))
 *
 * d accelerators in the domain, so a group uses n-1 of the d-1 links of each. LL carries half of the rate.
 * @source rccl-mi300x
 */
function meshTime({ operation, size, span, protocol, out }: EstimateRequest): void {
  const n = span.ranks;
  const passes = operation === "all-reduce" ? 2 : 1;
  const bytes = operation === "broadcast" || operation === "reduce" ? size : (passes * (n - 1) * size) / n;
  const table = latencies[protocol];
  const latency = table.base.ring + 2 * passes * table.pcie.ring;
  overlapped(out, latency, bytes / (protocol === "ll" ? span.ring / 2 : span.ring), 0);
}
