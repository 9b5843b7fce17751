/** CollNet: the switches of the fabric add (SHARP), so every port carries its share of the data once each way. */
import type { Seconds } from "../../base/quantity.ts";
import { type Algorithm, type EstimateRequest, overlapped } from "./algorithm.ts";
import { latencies } from "./protocol.ts";

export const collnet: Algorithm = {
  name: "collnet",
  summary: "reduction inside the switches of the network (SHARP), scatter and gather inside the domains",
  operations: ["all-reduce"],
  protocols: ["simple"],
  available: (_, span) => span.domains > 1 && span.platform.scaleOut.reduction === "sharp",
  estimate: collnetTime,
};

/** Once through the fabric's aggregation, and for each further rank of a domain. @source nccl-tuning (CollNetDirect) */
const networkLatency: Seconds = 31e-6;
const peerLatency: Seconds = 0.4e-6;
/** Part of the bandwidth that the library expects of it on Hopper and later. @source nccl-tuning */
const efficiency = 0.85;

/**
 *     T = 31 us + 2 (min(1, k-1) alpha_link + 0.4 us (k-1)) + max(inside, S/(0.85 k B_nic))
 *     inside = 2 (k-1)/k S/B_up,   S (1 + 1/k)/B_nvls where the domain's switch adds too
 *
 * k ranks per domain. The library's own model counts the wire twice, as for a tree; aggregation carries it once.
 * @source nccl-tuning, graham-2016-sharp
 */
function collnetTime({ size, span, out }: EstimateRequest): void {
  const { perDomain: k, tuning, platform } = span;
  const link = latencies.simple[tuning.link].ring;
  const latency = networkLatency + span.networkLatency + 2 * (Math.min(1, k - 1) * link + peerLatency * (k - 1));
  const scattered = k > 1 ? (2 * (k - 1) * size) / k / span.ring : 0;
  const up = tuning.nvls > 0 && k > 1 ? Math.min(scattered, (size * (1 + 1 / k)) / tuning.nvls) : scattered;
  const rate = platform.generation === "ampere" ? span.neighbour : efficiency * span.neighbour;
  overlapped(out, latency, up, size / (span.emptiest * rate));
}
