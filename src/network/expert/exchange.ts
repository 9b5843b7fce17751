/**
 * Expert exchange: tokens travel to the ranks of their experts (dispatch) and back (combine).
 * Plain all-to-all and all-gather dispatchers are collectives; DeepEP and HybridEP send one copy of a token to each
 * rank, and one over the network to each domain. Leaves out: permutation kernels, and computation under the exchange.
 */
import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { expertExchangeConstants as constants } from "../../catalog/calibration/network-experts.ts";
import { floorLog2 } from "../collective/algorithm.ts";
import type { CollectiveTime, GroupPlacement, Platform } from "../collective/collective.ts";
import { collectiveTime } from "../collective/index.ts";
import { type Span, spanOf } from "../collective/span.ts";

export type Dispatcher = "all-to-all" | "all-gather" | "deepep" | "hybridep";

export interface ExpertExchange {
  /** Tokens of one rank before they are copied to their experts. */
  readonly tokens: number;
  readonly topK: number;
  /** Routed experts over the whole group. */
  readonly experts: number;
  /** Width of a token on the wire, in elements. */
  readonly hidden: number;
  readonly bytesPerElement: number;
  readonly group: GroupPlacement;
  readonly dispatcher: Dispatcher;
  /** Worst rank over mean tokens; 1 is balanced. */
  readonly imbalance?: number;
  /** Domains (groups of experts) one token may reach, where routing limits them. */
  readonly nodeLimit?: number;
  /** Absent: dispatch. */
  readonly direction?: "dispatch" | "combine";
  /** Multiprocessors given to the copies; absent: the library's default. */
  readonly multiprocessors?: number;
}

/** Time of one direction of one layer's exchange. A group of one takes no time. */
export function expertExchangeTime(platform: Platform, exchange: ExpertExchange): CollectiveTime {
  const { group, dispatcher, tokens, hidden, bytesPerElement } = exchange;
  const spread = exchange.imbalance ?? 1;
  const token = hidden * bytesPerElement;
  if (group.size <= 1 || tokens <= 0) {
    return { time: 0, latency: 0, scaleUp: 0, scaleOut: 0, algorithm: "none", basis: "measured" };
  }
  if (dispatcher === "all-gather") {
    const operation = exchange.direction === "combine" ? "reduce-scatter" : "all-gather";
    return collectiveTime(platform, { operation, size: tokens * token * group.size, group });
  }
  if (dispatcher === "all-to-all") {
    const size = tokens * exchange.topK * token * spread;
    return collectiveTime(platform, { operation: "all-to-all", size, group });
  }
  return copyOnce(platform, exchange, token * spread);
}

/** The same as `expertExchangeTime(...).time`. */
export function expertExchangeSeconds(platform: Platform, exchange: ExpertExchange): Seconds {
  return expertExchangeTime(platform, exchange).time;
}

/**
 *     T = alpha + max(m d_r w/B_up, m d_n w/B_nic)
 *
 * m tokens of w bytes; d_r ranks and d_n other domains that a token reaches. B_up = min(e B, SMs x b): copies are made
 * by multiprocessors. The two transfers run in a pipeline.
 * @source deepep-2025, aiconfigurator-comm (tables by tokens, nodes and multiprocessors)
 */
function copyOnce(platform: Platform, exchange: ExpertExchange, token: Bytes): CollectiveTime {
  const span = spanOf(platform, exchange.group);
  const { tokens, dispatcher } = exchange;
  const domains = Math.min(span.domains, exchange.nodeLimit ?? span.domains);
  const reached = reachedParts(exchange, span.domains);
  const limited = Math.min(reached, domains);
  const ranks = Math.min(reachedParts(exchange, span.ranks), limited * span.perDomain);
  const latency = exchangeLatency(span, exchange);
  const scaleUp = (tokens * ranks * token) / copyRate(span, dispatcher, exchange.multiprocessors);
  const remote = (limited * (span.domains - 1)) / span.domains;
  const scaleOut = span.domains === 1 ? 0 : (tokens * remote * token) / (span.exchange * constants.networkShare);
  return {
    time: latency + Math.max(scaleUp, scaleOut),
    latency,
    scaleUp,
    scaleOut,
    algorithm: dispatcher,
    basis: span.tuning.curves["all-to-all"] === undefined ? "extrapolated" : "interpolated",
  };
}

/**
 * Expected number of parts (ranks, domains) that hold at least one of a token's experts when routing is even:
 * p (1 - product over i < k of (E - E/p - i)/(E - i)).
 */
export function reachedParts(exchange: Pick<ExpertExchange, "experts" | "topK">, parts: number): number {
  const { experts, topK } = exchange;
  if (parts >= experts) return topK;
  let missed = 1;
  for (let i = 0; i < topK; i++) missed *= Math.max(0, experts - experts / parts - i) / (experts - i);
  return parts * (1 - missed);
}

function copyRate(span: Span, dispatcher: Dispatcher, multiprocessors?: number): BytesPerSecond {
  const rates = dispatcher === "hybridep" ? constants.hybridep : constants.deepep;
  const count = multiprocessors ?? rates.multiprocessors;
  return Math.min(span.platform.scaleUp.bandwidth * rates.linkShare, count * rates.perMultiprocessor);
}

function exchangeLatency(span: Span, exchange: ExpertExchange): Seconds {
  const { latency } = constants;
  const extra = exchange.direction === "combine" ? latency.combine : 0;
  if (span.domains === 1) return latency.domain + extra;
  return latency.network + extra + latency.perDoubling * floorLog2(span.domains) + span.networkLatency;
}
