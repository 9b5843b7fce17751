/**
 * Kernels for decoding. DeepEP's low-latency ones send every copy of a token to its expert by itself, over NVLink to
 * the own node and through the NICs to the others; the two-sided exchange of TensorRT-LLM sends one copy to each rank
 * inside one NVLink domain. Leaves out: the preparation call of the two-sided exchange (12 to 70 us), and the overlap of
 * both with computation.
 */
import type { Bytes, Seconds } from "../../base/quantity.ts";
import { lowLatencyCopies, twoSidedCopies } from "../../catalog/calibration/network.generated.ts";
import type { LowLatencyCost, TwoSidedCost } from "../../catalog/calibration/network.ts";
import { floorLog2 } from "../collective/algorithm.ts";
import type { CollectiveTime } from "../collective/collective.ts";
import type { Span } from "../collective/span.ts";

/** What both read of an exchange. */
export interface CopyDemand {
  readonly tokens: number;
  readonly topK: number;
  readonly experts: number;
  /** Bytes of one copy, the worst rank's surplus included. */
  readonly token: Bytes;
  readonly direction: "dispatch" | "combine";
  /** Ranks that a token reaches. */
  readonly reached: number;
}

type Parts = Pick<CollectiveTime, "time" | "latency" | "scaleUp" | "scaleOut">;

/**
 *     one domain   T = a + E p + max(m k w/(e B_up), m k w n/(E r))
 *     several      T = a_net + max(m k w/(e B_up), m k w n/(E r), m k w (N-1)/N/(g B_nic))
 *
 * m tokens of w bytes, k experts each of E, n ranks in N domains; r is what the multiprocessors of one expert take in, p
 * the time to poll an expert. H100 over 1 to 8 nodes, one node of H200, B200 and GB200.
 * @source deepep-2025, aiconfigurator-comm (tables of low-latency kernels)
 */
export function lowLatencyTime(span: Span, demand: CopyDemand): Parts {
  const cost = costOf(span, demand.direction);
  const { tokens, topK, token, experts } = demand;
  const bytes = tokens * topK * token;
  const wire = bytes / (cost.linkShare * span.platform.scaleUp.bandwidth);
  const scaleUp = Math.max(wire, (bytes * span.ranks) / experts / cost.perReceiver);
  if (span.domains === 1) {
    const latency = cost.latency + experts * cost.perExpert;
    return { time: latency + scaleUp, latency, scaleUp, scaleOut: 0 };
  }
  const scaleOut = (bytes * (span.domains - 1)) / span.domains / (span.exchange * cost.networkShare);
  const doublings = floorLog2(Math.max(1, span.domains >> 1));
  const latency = cost.networkLatency + cost.doublingLatency * doublings + span.tuning.transport.latency;
  return { time: latency + Math.max(scaleUp, scaleOut), latency, scaleUp, scaleOut };
}

function costOf(span: Span, direction: CopyDemand["direction"]): LowLatencyCost {
  const own = lowLatencyCopies.find((entry) => entry.generation === span.platform.generation);
  return (own ?? lowLatencyCopies[0]!)[direction];
}

/**
 *     T = a + m (p + d_r w/(e B_up))
 *
 * d_r ranks that a token reaches. GB200, 2 to 64 ranks, hidden 7168.
 * @source aiconfigurator-comm (TensorRT-LLM, NVLinkTwoSided)
 */
export function twoSidedTime(span: Span, { tokens, token, reached, direction }: CopyDemand): Parts {
  const cost: TwoSidedCost = twoSidedCopies[0]![direction];
  const perToken: Seconds = cost.perToken + (reached * token) / (cost.linkShare * span.platform.scaleUp.bandwidth);
  const scaleUp = tokens * perToken;
  return { time: cost.latency + scaleUp, latency: cost.latency, scaleUp, scaleOut: 0 };
}

/** Where the two-sided exchange runs at all: inside one domain of NVLink switches. */
export function twoSidedRuns(span: Span): boolean {
  return span.domains === 1 && span.platform.scaleUp.topology === "switch";
}
