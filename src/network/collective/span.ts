/** A group laid over a platform: what every algorithm reads. */
import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { torusParts, torusRing, torusSteps } from "../torus.ts";
import { type Tuning, tuningOf } from "../tuning.ts";
import type { CollectiveOperation, GroupPlacement, Platform } from "./collective.ts";

export interface Span {
  readonly ranks: number;
  /** Ranks in one scale-up domain: the fullest, and the emptiest, through whose ports a ring has to pass. */
  readonly perDomain: number;
  readonly emptiest: number;
  readonly domains: number;
  /** Bus bandwidth of a ring inside the domain. */
  readonly ring: BytesPerSecond;
  /** What one rank of the emptiest domain gets of its node's NICs in a pattern of neighbours (ring, tree). */
  readonly neighbour: BytesPerSecond;
  /** What one rank gets when every rank talks to every other: in the fullest domain, and in the emptiest. */
  readonly exchange: BytesPerSecond;
  readonly exchangeEmptiest: BytesPerSecond;
  /** Added to the library's network latency for each message between domains. */
  readonly networkLatency: Seconds;
  readonly platform: Platform;
  readonly tuning: Tuning;
}

/** A group laid over a platform. Called for every question: it makes one object of one shape, and nothing else. */
/** What a rank of the group gets of the network in an operation, as if no tier lost capacity; 0 inside one domain. */
export function rankRate(platform: Platform, group: GroupPlacement, operation: CollectiveOperation): BytesPerSecond {
  const { neighbour, exchange } = spanOf(platform, { ...group, contention: 1 });
  return operation === "all-to-all" ? exchange : neighbour;
}

export function spanOf(platform: Platform, group: GroupPlacement): Span {
  const tuning = platform.tuning ?? tuningOf(platform);
  const ranks = group.size;
  const perDomain = Math.min(Math.max(group.perDomain, 1), ranks);
  const emptiest = Math.min(group.perDomainMin ?? perDomain, perDomain);
  const domains = group.domains ?? Math.ceil(ranks / perDomain);
  const ring = ringBandwidth(platform, tuning, perDomain);
  const { scaleOut, scaleUp } = platform;
  const sharing = Math.max(group.sharing ?? 1, 1);
  let networkLatency = 0;
  let [neighbour, exchange, exchangeEmptiest] = [0, 0, 0];
  const inOneNode =
    scaleUp.domain < scaleOut.acceleratorsPerNode && ranks * group.stride <= scaleOut.acceleratorsPerNode;
  if (domains > 1 && inOneNode) {
    neighbour = tuning.host / sharing;
    exchange = neighbour;
    exchangeEmptiest = neighbour;
  } else if (domains > 1) {
    networkLatency = tuning.transport.latency + tuning.fabricLatency;
    exchange = portRate(platform, tuning, perDomain * sharing);
    exchangeEmptiest = emptiest === perDomain ? exchange : portRate(platform, tuning, emptiest * sharing);
    neighbour = exchangeEmptiest;
    if (group.contention !== undefined) {
      neighbour /= group.contention;
      exchange /= group.contention;
      exchangeEmptiest /= group.contention;
    } else if (tuning.boundaries.length > 0) {
      const hop = Math.max(1, (perDomain * group.stride) / scaleOut.acceleratorsPerNode);
      // Ports of a domain that nobody of these groups uses leave their uplinks to the others.
      const active = Math.min(1, (perDomain * sharing) / scaleUp.domain);
      const share = Math.min(1, exchangeShare(tuning, domains, hop) / active);
      neighbour *= neighbourShare(
        tuning,
        domains * hop,
        hop,
        (scaleOut.rails ?? "joined") === "joined" ? 0 : group.crossing,
      );
      exchange *= share;
      exchangeEmptiest *= share;
    }
  }
  return {
    ranks,
    perDomain,
    emptiest,
    domains,
    ring,
    neighbour,
    exchange,
    exchangeEmptiest,
    networkLatency,
    platform,
    tuning,
  };
}

/** What each of so many ranks of a domain gets of its NICs. */
function portRate({ scaleOut, scaleUp }: Platform, tuning: Tuning, ranks: number): BytesPerSecond {
  const shared = (scaleOut.bandwidth * scaleUp.domain) / ranks;
  return Math.min(scaleOut.port ?? scaleOut.bandwidth, shared) * tuning.transport.goodput;
}

/**
 * Part of the rate left to neighbours where a boundary has o times less capacity above than below: of the nodes below
 * it, the fraction f = hop/nodes sends across, so everybody runs at 1/(o f) if that is less than one. Hops to another
 * rail cross the first boundary however near they end.
 */
function neighbourShare(tuning: Tuning, extent: number, hop: number, changing = 0): number {
  let share = 1;
  let first = true;
  for (const boundary of tuning.boundaries) {
    const far = extent > boundary.nodes ? Math.min(1, hop / boundary.nodes) : 0;
    const crossing = first ? Math.max(far, changing) : far;
    if (crossing > 0) share = Math.min(share, 1 / (boundary.oversubscription * crossing));
    first = false;
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
