/** NVLS: the switch adds and multicasts, so each link carries the data about once instead of twice. */
import { type Algorithm, type EstimateRequest, overlapped } from "./algorithm.ts";
import { channelCap, hasChannels } from "./channels.ts";
import { nvlsLatency } from "./protocol.ts";

export const nvls: Algorithm = {
  name: "nvls",
  summary: "reduction and multicast inside the NVLink switch",
  operations: ["all-reduce"],
  protocols: ["simple"],
  available: (_, span) => span.domains === 1 && span.tuning.nvls > 0 && span.ranks >= span.tuning.nvlsRanks,
  possible: (_, span) => span.domains === 1 && span.tuning.nvls > 0,
  channels: (span) => hasChannels("nvls", span),
  estimate: nvlsTime,
};

/**
 *     T = 25 us + S (1 + 1/n)/B,   so   busbw = 2(n-1)/(n+1) B
 *
 * @source nccl-1455 (308 GB/s on H100 at 4 to 8 GPUs), nccl-tuning (latency)
 */
function nvlsTime({ size, span, channels, out }: EstimateRequest): void {
  const rate = Math.min(span.tuning.nvls, channelCap("nvls", span, channels));
  overlapped(out, nvlsLatency, (size * (1 + 1 / span.ranks)) / rate, 0);
}
