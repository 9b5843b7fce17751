/** Ring: every rank passes chunks to its neighbour; the bytes are least possible, the steps grow with the ranks. */
import type { Seconds } from "../../base/quantity.ts";
import { type Algorithm, type EstimateRequest, floorLog2, overlapped } from "./algorithm.ts";
import { channelCap, hasChannels } from "./channels.ts";
import { latencies, type Protocol, ringPlateau } from "./protocol.ts";
import { domainSteps, type Span } from "./span.ts";

export const ring: Algorithm = {
  name: "ring",
  summary: "chunks travel around a ring of all ranks",
  operations: ["all-reduce", "all-gather", "reduce-scatter", "broadcast", "reduce"],
  protocols: ["ll", "ll128", "simple"],
  available: (_, span) => span.platform.scaleUp.topology !== "mesh" || span.domains > 1,
  possible: () => true,
  channels: (span) => hasChannels("ring", span),
  estimate: ringTime,
};

/**
 *     all-reduce               T = 2(n-1) alpha + 2(n-1)/n S/B
 *     all-gather, reduce-scatter   (n-1) alpha +  (n-1)/n S/B
 *     broadcast, reduce             (n-1) alpha +         S/B
 *
 * B is what a ring gets of the scale-up links or, between domains, of the NICs of all its ranks in a domain, whichever
 * takes longer.
 * @source nccl-tuning, nccl-tests-performance
 */
function ringTime({ operation, size, span, protocol, channels, out }: EstimateRequest): void {
  const n = span.ranks;
  const passes = operation === "all-reduce" ? 2 : 1;
  const bytes = operation === "broadcast" || operation === "reduce" ? size : (passes * (n - 1) * size) / n;
  const latency = ringLatency(passes, span, protocol);
  const cap =
    protocol === "ll128" ? channelCap("ring/ll128", span, channels) / 0.92 : channelCap("ring", span, channels);
  const up = span.perDomain > 1 ? bytes / protocolRate(protocol, span, Math.min(cap, span.ring)) : 0;
  if (span.domains === 1) {
    overlapped(out, latency, up, 0);
    return;
  }
  const pace = 1 + stragglers * floorLog2(Math.max(1, span.domains >> 2));
  const wire = bytes / protocolRate(protocol, span, Math.min(cap, span.neighbour * span.emptiest));
  overlapped(out, latency, up * pace, wire * pace);
}

/**
 * Time a ring loses for each doubling of the nodes beyond four, where the slowest link sets the pace: with the latencies
 * below, at 8 GiB, it gives the reported fall of reduce-scatter on H100 from 360 GB/s on 4 nodes to 260 on 128.
 * @source nccl-1229
 */
const stragglers = 0.03;

/** Latency of all steps: those inside domains, and those that cross the network. */
function ringLatency(passes: number, span: Span, protocol: Protocol): Seconds {
  const table = latencies[protocol];
  const link = table[span.tuning.link].ring;
  if (span.domains === 1) return table.base.ring + passes * domainSteps(span) * link;
  const steps = passes * (span.ranks - 1);
  const crossing = passes * (span.domains - 1);
  const network = (span.perDomain === 1 ? table.network.tree : table.network.ring) + span.networkLatency;
  const inside = (steps - crossing) * Math.max(link, table.overhead);
  return table.base.ring + (inside + crossing * network) * ringPlateau;
}

function protocolRate(protocol: Protocol, span: Span, rate: number): number {
  if (protocol === "simple") return rate;
  if (protocol === "ll128") return rate * 0.92;
  const cap = span.tuning.lowLatencyCap[span.domains === 1 ? 0 : span.domains === 2 ? 1 : 2];
  return Math.min(cap, rate / 2);
}
