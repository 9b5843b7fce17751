/** What a fleet is made of, and what a run of it leaves. */

import type { Seconds } from "../../base/quantity.ts";
import type { RequestList } from "../../workload/request/list.ts";
import type { AdmissionPolicy } from "../admission/policy.ts";
import type { Engine } from "../engine/engine.ts";
import type { Plan } from "../engine/plan.ts";
import type { EngineSettings, HostTimes } from "../engine/settings.ts";
import type { RequestState } from "../request-state.ts";
import type { RoutingContext, RoutingPolicy } from "../routing/policy.ts";
import type { ScalingPolicy } from "../scaling/policy.ts";
import type { StepTime } from "../step/batch.ts";

/** One replica. */
export interface ReplicaSpec {
  readonly settings: EngineSettings;
  readonly step: StepTime;
  readonly host: HostTimes;
}

export interface FleetSpec {
  readonly requests: RequestList;
  readonly replicas: readonly ReplicaSpec[];
  readonly router: (context: RoutingContext) => RoutingPolicy;
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
}
