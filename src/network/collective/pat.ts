/** PAT: parallel aggregated trees for gathers and scatters of one rank per node; steps grow with log2 of the ranks. */
import { type Algorithm, type EstimateRequest, floorLog2, overlapped } from "./algorithm.ts";
import { latencies } from "./protocol.ts";

export const pat: Algorithm = {
  name: "pat",
  summary: "parallel aggregated trees, one rank per node",
  operations: ["all-gather", "reduce-scatter"],
  protocols: ["simple"],
  available: (_, span) => span.perDomain === 1 && span.domains > 1 && span.tuning.link === "nvlink",
  estimate: patTime,
};

/**
 *     T = 8 us + floor(log2 N) 14 us/3.5 + 2.8 n us + S (n-1)/n/(0.75 B)
 *
 * @source nccl-tuning, pat-2025
 */
function patTime({ size, span, out }: EstimateRequest): void {
  const n = span.ranks;
  const hop = (latencies.simple.network.tree + span.networkLatency) / 3.5;
  const latency = latencies.simple.base.pat + floorLog2(n) * hop + 2.8e-6 * n;
  overlapped(out, latency, 0, (size * (n - 1)) / n / (0.75 * span.neighbour));
}
