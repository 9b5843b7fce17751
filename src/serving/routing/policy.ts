/**
 * What a routing policy may know and must answer. The same code runs in the simulator and in the live gateway: a policy
 * sees a request as it arrives (never its output length), replicas as they were when last observed, and what passed
 * through itself.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";

/** A request as a router sees it. */
export interface IncomingRequest {
  readonly id: number;
  readonly tokens: number;
  /** Ids of the prompt's chunks: equal ids are equal prefixes. Tokens beyond them are like no other prompt's. */
  readonly chunkTokens: number;
  readonly chunks: Int32Array;
  /** -1 without one. */
  readonly session: number;
  readonly adapter: number;
  readonly priority: number;
  readonly className: string;
}

/** A replica as its signals last said, and as the router's own books say now. */
export interface ReplicaView {
  readonly index: number;
  /** Whether it takes requests: started, alive, not draining. */
  readonly ready: boolean;
  /** When the scraped signals below were taken. */
  readonly observedAt: Seconds;
  readonly running: number;
  readonly waiting: number;
  /** Share of cache blocks in use by requests, 0..1. */
  readonly cacheUsage: number;
  /** Blocks of its cache in all, and tokens of one. */
  readonly cacheBlocks: number;
  readonly blockTokens: number;
  readonly maxBatchedTokens: number;
  /** The router's own books, up to date but of its own traffic only. */
  readonly inFlight: number;
  /** Prompt tokens of requests in flight that have not answered their first token. */
  readonly inFlightPrefillTokens: number;
  /** Prompt tokens of all requests in flight. */
  readonly inFlightTokens: number;
}

/** What the index of cached prefixes says, as old as its events. */
export interface PrefixIndex {
  /** Leading chunks of the request that the replica's cache held. */
  matched(replica: number, chunks: Int32Array): number;
  /** Chunks after those (and after those of faster tiers) that a slower tier held; absent where there is none. */
  matchedBeyond?(replica: number, chunks: Int32Array, tier: "host" | "disk" | "shared"): number;
}

/** What a policy is made with. */
export interface RoutingContext {
  readonly random: RandomStream;
  /** Precise index from cache events of the engines; absent where the fleet has none. */
  readonly index: PrefixIndex;
}

/** One router's life. Hooks are called by the fleet or the gateway as things happen. */
export interface RoutingPolicy {
  /**
   * Index of the replica that gets the request, -1 to hold it until something changes. An answer is a booking: the
   * request is on its way, and ends with `onEnd`; one that is held is not booked, and is asked for again.
   * At least one view is ready. Nobody changes a request's chunks before it ends.
   */
  choose(request: IncomingRequest, replicas: readonly ReplicaView[], now: Seconds): number;
  onFirstToken?(request: IncomingRequest, replica: number, now: Seconds): void;
  /** The request ended, by its last token, a time-out or the loss of its replica. */
  onEnd?(request: IncomingRequest, replica: number, now: Seconds): void;
  /** A replica began or was lost: its cache is empty. */
  onReset?(replica: number, now: Seconds): void;
}
