/** A group laid over a platform: what every algorithm reads. */
import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { torusParts, torusRing, torusSteps } from "../torus.ts";
import { type Tuning, tuningOf } from "../tuning.ts";
import type { GroupPlacement, Platform } from "./collective.ts";

export interface Span {
  readonly ranks: number;
  /** Ranks in one scale-up domain. */
  readonly perDomain: number;
  readonly domains: number;
  /** Bus bandwidth of a ring inside the domain. */
  readonly ring: BytesPerSecond;
  /** What one rank gets of its node's NICs in a pattern of neighbours (ring, tree). */
  readonly neighbour: BytesPerSecond;
  /** The same when every rank talks to every other. */
  readonly exchange: BytesPerSecond;
  /** Added to the library's network latency for each message between domains. */
  readonly networkLatency: Seconds;
  readonly platform: Platform;
  readonly tuning: Tuning;
}

export function spanOf(platform: Platform, group: GroupPlacement): Span {
  const tuning = platform.tuning ?? tuningOf(platform);
  const ranks = group.size;
  const perDomain = Math.min(Math.max(group.perDomain, 1), ranks);
  const domains = Math.ceil(ranks / perDomain);
  const ring = ringBandwidth(platform, tuning, perDomain);
  if (domains === 1) {
    return { ranks, perDomain, domains, ring, neighbour: 0, exchange: 0, networkLatency: 0, platform, tuning };
  }
  const { scaleOut, scaleUp } = platform;
  if (scaleUp.domain < scaleOut.acceleratorsPerNode && ranks * group.stride <= scaleOut.acceleratorsPerNode) {
    const host = tuning.host / Math.max(group.sharing ?? 1, 1);
    return { ranks, perDomain, domains, ring, neighbour: host, exchange: host, networkLatency: 0, platform, tuning };
  }
  const shared = (scaleOut.bandwidth * scaleUp.domain) / (perDomain * Math.max(group.sharing ?? 1, 1));
  const rate = Math.min(scaleOut.port ?? scaleOut.bandwidth, shared) * tuning.transport.goodput;
  const networkLatency = tuning.transport.latency + tuning.fabricLatency;
  if (tuning.boundaries.length === 0 || group.contention !== undefined) {
    const left = rate / (group.contention ?? 1);
    return { ranks, perDomain, domains, ring, neighbour: left, exchange: left, networkLatency, platform, tuning };
  }
  const hop = Math.max(1, (perDomain * group.stride) / scaleOut.acceleratorsPerNode);
  return {
    ranks,
    perDomain,
    domains,
    ring,
    neighbour: rate * neighbourShare(tuning, domains, hop),
    exchange: rate * exchangeShare(tuning, domains, hop),
    networkLatency,
    platform,
    tuning,
  };
}

/**
 * Part of the rate left to neighbours where a boundary has o times less capacity above than below: of the nodes below
 * it, the fraction f = hop/nodes sends across, so everybody runs at 1/(o f) if that is less than one.
 */
function neighbourShare(tuning: Tuning, domains: number, hop: number): number {
  let share = 1;
  for (const boundary of tuning.boundaries) {
    if (domains * hop <= boundary.nodes) continue;
    const crossing = Math.min(1, hop / boundary.nodes);
    share = Math.min(share, 1 / (boundary.oversubscription * crossing));
  }
  return share;
}

/** The same for a pattern in which each rank sends evenly to all: the fraction outside its own group crosses. */
function exchangeShare(tuning: Tuning, domains: number, hop: number): number {
  let share = 1;
  for (const boundary of tuning.boundaries) {
    if (domains * hop <= boundary.nodes) continue;
    const near = Math.max(1, boundary.nodes / hop);
    const crossing = (domains - near) / Math.max(domains - 1, 1);
    share = Math.min(share, 1 / (boundary.oversubscription * crossing));
  }
  return share;
}

/**
 * Links a ring can use inside the domain. A switch gives each rank its whole rate; a full mesh only the links to the
 * other members; a torus the links of each dimension that the group fills.
 */
function ringBandwidth(platform: Platform, tuning: Tuning, ranks: number): BytesPerSecond {
  const { topology, domain } = platform.scaleUp;
  if (topology === "mesh") return tuning.ring * Math.min(1, (ranks - 1) / Math.max(domain - 1, 1));
  return tuning.torus === undefined ? tuning.ring : torusRing(torusParts(ranks, tuning.torus), tuning.pair);
}

/** Steps of one pass around the ranks of a domain; on a torus both ways in every dimension. */
export function domainSteps({ tuning: { torus }, perDomain }: Pick<Span, "tuning" | "perDomain">): number {
  return torus === undefined ? perDomain - 1 : torusSteps(torusParts(perDomain, torus));
}
