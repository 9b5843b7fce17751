/** What a fleet is made of, and what a run of it leaves. */

import type { Bytes, BytesPerSecond, Seconds, Tokens } from "../../base/quantity.ts";
import type { RequestList } from "../../workload/request/list.ts";
import type { AdmissionPolicy } from "../admission/policy.ts";
import type { Engine } from "../engine/engine.ts";
import type { Plan } from "../engine/plan.ts";
import type { EngineSettings, HostTimes } from "../engine/settings.ts";
import type { WriteRule } from "../kvcache/hierarchy.ts";
import type { Eviction } from "../kvcache/store.ts";
import type { RequestState } from "../request-state.ts";
import type { RoutingContext, RoutingPolicy } from "../routing/policy.ts";
import type { ScalingPolicy } from "../scaling/policy.ts";
import type { StepTime } from "../step/batch.ts";

/** What a replica does: all of a request, or its prompt, or the tokens after it. */
export type Role = "both" | "prefill" | "decode";

/** One replica. */
export interface ReplicaSpec {
  readonly settings: EngineSettings;
  readonly step: StepTime;
  readonly host: HostTimes;
  /** Default both; a fleet has replicas of `both` only, or of `prefill` and of `decode`. */
  readonly role?: Role;
  /** How blocks leave and reach it; needed for tiers, peers and hand-off. */
  readonly transfer?: ReplicaTransfer;
}

export interface ReplicaTransfer {
  /** Keys and values of one token, on all accelerators of the replica together. */
  readonly bytesPerToken: Bytes;
  /** All network ports of the replica together, one direction. */
  readonly port: BytesPerSecond;
}

/** A tier of cached blocks below the accelerators. */
export interface TierSpec {
  readonly medium: "host-memory" | "nvme" | "remote";
  /** One for each replica, or one for all. */
  readonly scope: "replica" | "fleet";
  readonly size: Bytes;
  readonly read: BytesPerSecond;
  readonly write: BytesPerSecond;
  /** Of one transfer. */
  readonly latency: Seconds;
  readonly rule: WriteRule;
  readonly eviction: Eviction;
  readonly staging: "above" | "direct";
}

export interface CacheSpec {
  /** From the nearest down. */
  readonly tiers: readonly TierSpec[];
  /** Fetch whatever is found, or only what is quicker than computing it. */
  readonly fetch: "always" | "cheaper";
  /** Blocks of a session are kept in the accelerators' memory so long after an answer; 0 for not. */
  readonly pin: Seconds;
  /** Blocks may be fetched from other replicas' memory. */
  readonly peers: "on" | "off";
  readonly peerLatency: Seconds;
}

/** From prefill to decode replicas. */
export interface HandOffSpec {
  /** Prompts with fewer tokens that the decode replica does not hold, as the router knows it, stay there; 0 for none. */
  readonly threshold: Tokens;
  /**
   * Who sends the first token: the prefill replica as it makes it, or the decode replica, which computes the prompt's
   * last token again (vLLM).
   */
  readonly firstToken: "prefill" | "decode";
  /** Blocks leave when the prompt is done, or layer by layer beside it, all but the last of `layers`. */
  readonly overlap: "none" | "layers";
  readonly layers: number;
  /** Of one transfer. */
  readonly latency: Seconds;
  /** From the prompt's end until the decode engine has the request. */
  readonly dispatch: Seconds;
}

export interface FleetSpec {
  readonly requests: RequestList;
  readonly replicas: readonly ReplicaSpec[];
  /** Of new requests; where prompts are computed apart, among the prefill replicas. */
  readonly router: (context: RoutingContext) => RoutingPolicy;
  /** Among the decode replicas; needed where there are some. */
  readonly decodeRouter?: (context: RoutingContext) => RoutingPolicy;
  /** Needed where there are prefill and decode replicas. */
  readonly handOff?: HandOffSpec;
  /** Absent: each rank has its own cache and nothing below it. */
  readonly cache?: CacheSpec;
  /** Time through the router, added to every request. */
  readonly hop: Seconds;
  readonly signals: Signals;
  /** Absent: every request is taken. */
  readonly admission?: AdmissionPolicy;
  /** Absent: all replicas serve from beginning to end. */
  readonly scaling?: ScalingSpec;
  readonly failures: FailureSpec;
  readonly seed: number;
  /** Ends the run early; Infinity for when everything is done. */
  readonly until?: Seconds;
  readonly observer?: FleetObserver;
}

/** How old what routers see is. */
export interface Signals {
  /** Between two looks at a replica's load; 0 for always up to date. */
  readonly scrapeInterval: Seconds;
  /** Until an event of a cache reaches the router. */
  readonly eventDelay: Seconds;
}

/** Replicas that come and go: the first `initial` of a range serve at the start. */
export interface ScalingSpec {
  readonly policy: ScalingPolicy;
  /** Replicas that it governs: so many from the first. */
  readonly first: number;
  readonly count: number;
  readonly initial: number;
  /** Between two decisions, and from a decision until a new replica serves. */
  readonly interval: Seconds;
  readonly starting: Seconds;
  /** Whether a request that ended kept to its objectives. */
  readonly withinObjectives: (state: RequestState, row: number) => boolean;
}

/** A replica is lost with its cache and serves again, empty, after a while. */
export interface ReplicaFailure {
  readonly replica: number;
  readonly at: Seconds;
  readonly downFor: Seconds;
}

export type FailureSpec =
  | { readonly kind: "listed"; readonly list: readonly ReplicaFailure[] }
  | { readonly kind: "random"; readonly timeBetweenFailures: Seconds; readonly downFor: Seconds };

/** Told of every iteration, for timelines. */
export type FleetObserver = (engine: Engine, plans: readonly Plan[], end: Seconds, duration: Seconds) => void;

export interface FleetRun {
  readonly state: RequestState;
  /** Every engine that ran, also those that were lost; `index` says in which replica. */
  readonly engines: readonly Engine[];
  /** Time that each replica was held: starting, serving, draining or down. */
  readonly held: Float64Array;
  readonly failures: number;
  /** Replicas that were there after each change of the autoscaler. */
  readonly scaled: readonly { readonly at: Seconds; readonly replicas: number }[];
  /** When the last request ended. */
  readonly end: Seconds;
  readonly events: number;
  /** What was moved; absent without tiers, peers and hand-off. */
  readonly transfers?: TransferTotals;
}

/** Traffic of cached blocks. */
export interface TransferTotals {
  /** Names of the entries of `RequestState.tierTokens`: tiers, then peers. */
  readonly origins: readonly string[];
  /** Blocks written to each tier, those that found no place, and those that left it to make room, over all replicas. */
  readonly written: readonly number[];
  readonly refused: readonly number[];
  readonly evicted: readonly number[];
  /** Requests handed from prefill to decode replicas, and the bytes of that. */
  readonly handedOff: number;
  readonly handedBytes: Bytes;
}
