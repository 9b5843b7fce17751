/** NVLS inside the domains, a double binary tree between them: every rank's NIC carries its share of the data. */
import { type Algorithm, type EstimateRequest, floorLog2, overlapped } from "./algorithm.ts";
import { channelCap, hasChannels } from "./channels.ts";
import { nvlsLatency, nvlsTreeNetworkLatency } from "./protocol.ts";

export const nvlsTree: Algorithm = {
  name: "nvls-tree",
  summary: "in-switch reduction inside the domains, a double binary tree between them",
  operations: ["all-reduce"],
  protocols: ["simple"],
  available: (_, span) => span.domains > 1 && span.perDomain > 2 && span.tuning.nvls > 0,
  channels: (span) => hasChannels("nvls-tree", span),
  estimate: nvlsTreeTime,
};

/**
 *     T = 25 us + 2 floor(log2 N) 20.9 us + max(S (1 + 1/k)/B_nvls, 2 S/(k B_nic))
 *
 * k ranks per domain, N domains; with two domains the NICs carry S/k only once each way.
 * @source nccl-tuning
 */
function nvlsTreeTime({ size, span, channels, out }: EstimateRequest): void {
  const { perDomain, domains, tuning } = span;
  const latency = nvlsLatency + 2 * floorLog2(domains) * (nvlsTreeNetworkLatency + span.networkLatency);
  const trips = domains === 2 ? 1 : 2;
  const cap = channelCap("nvls-tree", span, channels);
  const wire = (trips * size) / Math.min(span.emptiest * span.neighbour * tuning.transport.tree, cap);
  overlapped(out, latency, (size * (1 + 1 / perDomain)) / Math.min(tuning.nvls, cap), wire);
}
