/**
 * Expert exchange: tokens travel to the ranks of their experts (dispatch) and back (combine).
 * Plain all-to-all and all-gather dispatchers are collectives; DeepEP and HybridEP send one copy of a token to each
 * rank, and one over the network to each domain; kernels for decoding are in `low-latency.ts`. Leaves out: permutation
 * kernels of the plain dispatchers, and what the exchange takes from computation beside it.
 */
import type { Problem } from "../../base/problem.ts";
import type { Bytes, Seconds } from "../../base/quantity.ts";
import { expertCopies } from "../../catalog/calibration/network.generated.ts";
import type { CopyCost } from "../../catalog/calibration/network.ts";
import { floorLog2 } from "../collective/algorithm.ts";
import { type CollectiveTime, type GroupPlacement, type Platform, slowdownOf } from "../collective/collective.ts";
import { collectiveTime } from "../collective/index.ts";
import { type Span, spanOf } from "../collective/span.ts";
import { hybridCopies } from "./hybrid.ts";
import { lowLatencyTime, twoSidedRuns, twoSidedTime } from "./low-latency.ts";

export type Dispatcher =
  | "all-to-all"
  | "all-gather"
  | "deepep"
  | "hybridep"
  | "deepep-low-latency"
  | "nvlink-two-sided";

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
  /** Multiprocessors given to the copies; absent: 24 for DeepEP, 16 for HybridEP. */
  readonly multiprocessors?: number;
}

/** Time of one direction of one layer's exchange. A group of one takes no time. */
export function expertExchangeTime(platform: Platform, exchange: ExpertExchange): CollectiveTime {
  const { group, dispatcher, tokens, hidden, bytesPerElement } = exchange;
  const spread = exchange.imbalance ?? 1;
  const token = hidden * bytesPerElement;
  if (group.size <= 1 || tokens <= 0) {
    return { time: 0, latency: 0, scaleUp: 0, scaleOut: 0, launch: 0, algorithm: "none", basis: "measured" };
  }
  if (dispatcher === "all-gather") {
    const operation = exchange.direction === "combine" ? "reduce-scatter" : "all-gather";
    return collectiveTime(platform, { operation, size: tokens * token * group.size, group });
  }
  if (dispatcher === "all-to-all") {
    const size = tokens * exchange.topK * token * spread;
    return collectiveTime(platform, { operation: "all-to-all", size, group });
  }
  const copies =
    dispatcher === "deepep" || dispatcher === "hybridep"
      ? copyOnce(platform, exchange, token * spread)
      : decodingCopies(platform, exchange, token * spread);
  const slowdown = slowdownOf(platform, group);
  const delay = group.delay ?? 0;
  return {
    ...copies,
    time: slowdown * copies.time + delay,
    latency: slowdown * copies.latency + delay,
    scaleUp: slowdown * copies.scaleUp,
    scaleOut: slowdown * copies.scaleOut,
  };
}

/** The same as `expertExchangeTime(...).time`. */
export function expertExchangeSeconds(platform: Platform, exchange: ExpertExchange): Seconds {
  return expertExchangeTime(platform, exchange).time;
}

/**
 *     one domain   T = alpha + max(m (p + d_r w/b)/s, m d_r w/(e B_up))
 *     several      T = alpha + max(m d_r w/(s f), m d_r w/(e B_up), m d_n w/(g B_nic))
 *
 * m tokens of w bytes; d_r ranks and d_n other domains that a token reaches; s multiprocessors, each with p per token
 * and b (or f, where it also forwards between domains) bytes per second. The transfers run in a pipeline.
 * @source deepep-2025, aiconfigurator-comm (tables by tokens, nodes and multiprocessors)
 */
function copyOnce(platform: Platform, exchange: ExpertExchange, token: Bytes): CollectiveTime {
  const span = spanOf(platform, exchange.group);
  const cost = costOf(span, exchange);
  const { tokens, dispatcher } = exchange;
  const domains = Math.min(reachedParts(exchange, span.domains), exchange.nodeLimit ?? span.domains);
  const ranks = Math.min(reachedParts(exchange, span.ranks), domains * span.perDomain);
  const multiprocessors = exchange.multiprocessors ?? (dispatcher === "hybridep" ? 16 : 24);
  const bytes = (tokens * ranks * token) / (span.perDomain > 8 ? wideDomain : 1);
  const wire = bytes / (cost.linkShare * platform.scaleUp.bandwidth);
  const basis = span.tuning.curves["all-to-all"] === undefined ? "extrapolated" : "interpolated";
  if (span.domains === 1) {
    const copies = (tokens * cost.perToken + bytes / cost.perMultiprocessor) / multiprocessors;
    const scaleUp = Math.max(copies, wire);
    const time = cost.latency + scaleUp;
    return { time, latency: cost.latency, scaleUp, scaleOut: 0, launch: 0, algorithm: dispatcher, basis };
  }
  const scaleUp = Math.max(bytes / (multiprocessors * cost.perForwarder), wire);
  const remote = (domains * (span.domains - 1)) / span.domains;
  const scaleOut = (tokens * remote * token) / (span.exchange * cost.networkShare);
  const doublings = floorLog2(Math.max(1, span.domains >> 1));
  const latency = cost.networkLatency + cost.doublingLatency * doublings + span.tuning.transport.latency;
  const time = latency + Math.max(scaleUp, scaleOut);
  return { time, latency, scaleUp, scaleOut, launch: 0, algorithm: dispatcher, basis };
}

/** Kernels for decoding. @throws Error where the two-sided exchange cannot run; `exchangeProblems` says so before. */
function decodingCopies(platform: Platform, exchange: ExpertExchange, token: Bytes): CollectiveTime {
  const span = spanOf(platform, exchange.group);
  const { tokens, topK, experts, dispatcher, direction = "dispatch" } = exchange;
  const demand = { tokens, topK, experts, token, direction, reached: reachedParts(exchange, span.ranks) };
  const twoSided = dispatcher === "nvlink-two-sided";
  if (twoSided && !twoSidedRuns(span)) throw new Error(`${dispatcher} over ${span.domains} domains`);
  const parts = twoSided ? twoSidedTime(span, demand) : lowLatencyTime(span, demand);
  const measured = span.tuning.curves["all-to-all"] !== undefined;
  return { ...parts, launch: 0, algorithm: dispatcher, basis: measured ? "interpolated" : "extrapolated" };
}

/** What is wrong with an exchange: paths are those of `ExpertExchange`. */
export function exchangeProblems(platform: Platform, exchange: ExpertExchange): readonly Problem[] {
  const { tokens, topK, experts, dispatcher, group } = exchange;
  const problems: Problem[] = [];
  if (!(tokens >= 0)) problems.push({ path: "tokens", message: `${tokens} tokens`, hint: "zero or more" });
  if (!(topK >= 1 && topK <= experts)) {
    problems.push({ path: "topK", message: `${topK} of ${experts} experts`, hint: "from 1 to all experts" });
  }
  if (experts < group.size) {
    const hint = "every rank needs an expert";
    problems.push({ path: "experts", message: `${experts} experts over ${group.size} ranks`, hint });
  }
  if (dispatcher === "nvlink-two-sided" && !twoSidedRuns(spanOf(platform, group))) {
    const hint = "use deepep-low-latency, or a group inside one NVLink domain";
    problems.push({ path: "dispatcher", message: "the two-sided exchange does not leave an NVLink domain", hint });
  }
  return [...problems, ...limitProblems(platform, exchange)];
}

/** Of what only kernels that copy once to each rank and domain can be told. */
function limitProblems(platform: Platform, exchange: ExpertExchange): readonly Problem[] {
  const { dispatcher, multiprocessors } = exchange;
  if (dispatcher !== "deepep" && dispatcher !== "hybridep") {
    const given = (["nodeLimit", "multiprocessors"] as const).filter((path) => exchange[path] !== undefined);
    const hint = "leave it out, or use deepep or hybridep";
    return given.map((path) => ({ path, message: `has no effect with ${dispatcher}`, hint }));
  }
  // A limit of domains belongs to the model's routing: on a small group it binds nothing.
  const problems: Problem[] = [];
  const there = platform.multiprocessors;
  if (multiprocessors !== undefined && there !== undefined && multiprocessors > there) {
    const message = `${multiprocessors} of an accelerator with ${there} multiprocessors`;
    problems.push({ path: "multiprocessors", message, hint: `at most ${there}` });
  }
  return problems;
}

/** Rate in a domain of more than eight ranks over that of eight: 442 to 485 of 513 to 550 GB/s. @source hybridep-2025 */
const wideDomain = 0.85;

function costOf(span: Span, exchange: ExpertExchange): CopyCost {
  const direction = exchange.direction ?? "dispatch";
  if (exchange.dispatcher === "hybridep") return hybridCopies[direction];
  const generation = span.platform.generation;
  const own = expertCopies.find((entry) => entry.generation === generation) ?? expertCopies[0]!;
  return own[direction];
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
