/** Rail-aligned all-to-all (NCCL's PXN): data crosses NVLink to the rank on the destination's rail, then the network. */
import { type Algorithm, consecutive, type EstimateRequest, floorLog2 } from "./algorithm.ts";
import { exchangeCongestion, exchangePeer, exchangeRate, exchangeSetup, forwards, wireTime } from "./direct.ts";
import { latencies } from "./protocol.ts";

export const rail: Algorithm = {
  name: "rail",
  summary: "all-to-all with messages gathered on the rail of their destination first (PXN)",
  operations: ["all-to-all"],
  protocols: ["simple"],
  available: (_, { domains, perDomain, platform }) => {
    const needed = platform.scaleOut.rails === "apart" && forwards(platform);
    return domains > 1 && perDomain > 1 && (needed || platform.scaleUp.topology === "switch");
  },
  estimate: railTime,
};

/**
 *     T = lat + S [(k-1)/n + (N-1)/N (k-1)/k]/B_up + S (n-k)/n/B_nic
 *
 * Peers on the network fall from n-k to N-1; NVLink carries the remote part once more.
 * @source nccl-tuning
 */
function railTime({ size, span, out }: EstimateRequest): void {
  const { ranks: n, perDomain: k, domains: N } = span;
  const local = (k - 1) / n + (((N - 1) / N) * (k - 1)) / k;
  const up = (size * local) / exchangeRate(span.tuning.exchange, span);
  const congestion = 1 + exchangeCongestion * floorLog2(Math.max(1, N >> 1));
  const wire = wireTime(size, span) * congestion;
  const latency =
    latencies.simple.base.ring +
    (k - 1) * latencies.simple[span.tuning.link].ring +
    exchangeSetup +
    span.networkLatency +
    exchangePeer * (N - 1);
  consecutive(out, latency, up, wire);
}
