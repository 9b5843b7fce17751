/** Direct all-to-all: every rank sends to every other by itself. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import { torusExchange, torusParts } from "../torus.ts";
import { type Algorithm, consecutive, type EstimateRequest, floorLog2 } from "./algorithm.ts";
import type { Platform } from "./collective.ts";
import { latencies } from "./protocol.ts";
import type { Span } from "./span.ts";

/** Scale-up networks that carry data to the neighbour on another rail. */
export const forwards = ({ scaleUp }: Platform): boolean =>
  scaleUp.topology === "switch" || scaleUp.topology === "mesh";

export const direct: Algorithm = {
  name: "direct",
  summary: "every rank sends its part to every other rank",
  operations: ["all-to-all"],
  protocols: ["simple"],
  available: (_, { domains, perDomain, platform }) =>
    domains === 1 || perDomain === 1 || platform.scaleOut.rails !== "apart" || !forwards(platform),
  estimate: directTime,
};

/** What the network loses for each doubling of the nodes beyond two when all talk to all. @source simai-ratios */
export const exchangeCongestion = 0.03;
/** Time to set an exchange between nodes going, and for each peer reached by the network. @source simai-ratios */
export const exchangeSetup = 40e-6;
export const exchangePeer = 1e-6;

/**
 *     T = lat + S (k-1)/n/B_up + S (n-k)/n/B_nic
 *
 * S is one rank's buffer, k its peers' domain. Measured runs are closer to the sum than to the maximum of both.
 * @source nccl-tests-performance, simai-ratios
 */
function directTime({ size, span, out }: EstimateRequest): void {
  const { ranks: n, perDomain: k, domains } = span;
  const up = k > 1 ? (size * (k - 1)) / n / exchangeRate(span.tuning.exchange, span) : 0;
  const base = latencies.simple.base.ring + (k - 1) * latencies.ll[span.tuning.link].ring;
  if (domains === 1) {
    consecutive(out, base, up, 0);
    return;
  }
  const congestion = 1 + exchangeCongestion * floorLog2(Math.max(1, domains >> 1));
  const wire = wireTime(size, span) * congestion;
  consecutive(out, base + exchangeSetup + span.networkLatency + exchangePeer * (n - k), up, wire);
}

/** What leaves the domains: a rank of the fullest sends least of its buffer, but may have to share its ports. */
export function wireTime(size: Bytes, { ranks: n, perDomain, emptiest, exchange, exchangeEmptiest }: Span): Seconds {
  const full = (size * (n - perDomain)) / n / exchange;
  return emptiest === perDomain ? full : Math.max(full, (size * (n - emptiest)) / n / exchangeEmptiest);
}

/** A group inside a mesh uses only the links between its members; on a torus bytes take several hops. */
export function exchangeRate(rate: number, span: EstimateRequest["span"]): number {
  const { torus, pair, ring } = span.tuning;
  if (torus !== undefined) return torusExchange(torusParts(span.perDomain, torus), pair, span.perDomain);
  return rate * Math.min(1, span.ring / ring);
}
