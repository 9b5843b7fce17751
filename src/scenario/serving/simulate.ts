/** Runs the fleet of a design and says what came out: the only place where a design meets the simulation. */

import type { Seconds } from "../../base/quantity.ts";
import { admissionPolicy } from "../../serving/admission/index.ts";
import { meanRequest, requestTerm } from "../../serving/answer/breakdown.ts";
import { answeredRows } from "../../serving/answer/latency.ts";
import { stageMetrics, summarise, withinTargets } from "../../serving/answer/summary.ts";
import type { HostTimes } from "../../serving/engine/settings.ts";
import { runFleet } from "../../serving/fleet/fleet.ts";
import type {
  FailureSpec,
  FleetObserver,
  FleetRun,
  FleetSpec,
  ReplicaSpec,
  ScalingSpec,
} from "../../serving/fleet/spec.ts";
import { routingPolicy } from "../../serving/routing/index.ts";
import { scalingPolicy } from "../../serving/scaling/index.ts";
import type { RequestSpec } from "../../workload/request/spec.ts";
import type { AutoscalerDesign, PoolDesign, ServingDesign } from "./design.ts";
import { cacheSpec, handOffSpec, transferOf } from "./moved.ts";
import { hostTimes, replicaSpec } from "./replica.ts";
import { servedRequests } from "./requests.ts";
import type { PoolUse, ServingRun } from "./run.ts";

/** A run with everything that is known of it. */
export interface Simulated {
  readonly run: ServingRun;
  readonly fleet: FleetRun;
}

export function simulateServing(design: ServingDesign, observer?: FleetObserver): Simulated {
  const spec = fleetSpec(design, observer);
  const fleet = runFleet(spec);
  return { run: runOf(design, fleet), fleet };
}

function fleetSpec(design: ServingDesign, observer: FleetObserver | undefined): FleetSpec {
  const { router, admission, seed } = design;
  const scaling = scalingOf(design);
  const cache = cacheSpec(design);
  const handOff = handOffSpec(design);
  const route: FleetSpec["router"] = (context) => routingPolicy(router.policy, router.options, context);
  return {
    requests: servedRequests(design).list,
    replicas: design.pools.flatMap((pool) => replicasOf(pool, design)),
    router: route,
    ...(handOff === undefined ? {} : { handOff, decodeRouter: route }),
    ...(cache === undefined ? {} : { cache }),
    hop: router.hop,
    signals: { scrapeInterval: router.scrapeInterval, eventDelay: router.eventDelay },
    ...(admission.policy === "always" ? {} : { admission: admissionPolicy(admission.policy, admission.options) }),
    ...(scaling === undefined ? {} : { scaling }),
    failures: failuresOf(design),
    seed,
    ...(observer === undefined ? {} : { observer }),
  };
}

/** Replicas of a pool, as many as its autoscaler may start; they share one step time. */
function replicasOf(pool: PoolDesign, design: ServingDesign): readonly ReplicaSpec[] {
  const spec: ReplicaSpec = { ...replicaSpec(pool, design), role: pool.role, transfer: transferOf(pool, design) };
  return Array<ReplicaSpec>(countOf(pool, design.autoscaler)).fill(spec);
}

function countOf({ name, replicas }: PoolDesign, autoscaler: AutoscalerDesign | undefined): number {
  return autoscaler?.pool === name ? Math.max(autoscaler.max, replicas) : replicas;
}

/** Index of the first replica of a pool. */
function firstOf(pool: string, { pools, autoscaler }: ServingDesign): number {
  let first = 0;
  for (const each of pools) {
    if (each.name === pool) return first;
    first += countOf(each, autoscaler);
  }
  throw new Error(`no pool ${pool}`);
}

function scalingOf(design: ServingDesign): ScalingSpec | undefined {
  const { autoscaler, pools, slo } = design;
  const pool = pools.find(({ name }) => name === autoscaler?.pool);
  if (autoscaler === undefined || pool === undefined) return undefined;
  const { policy, options, min, max, interval, provisioning, loading } = autoscaler;
  return {
    policy: scalingPolicy(policy, { ...options, least: min, most: max }),
    first: firstOf(pool.name, design),
    count: countOf(pool, autoscaler),
    initial: Math.min(Math.max(pool.replicas, min), max),
    interval,
    starting: provisioning + loading,
    withinObjectives: (state, row) => withinTargets(state, row, slo),
  };
}

function failuresOf(design: ServingDesign): FailureSpec {
  const { failures } = design;
  if (failures.kind === "random") return failures;
  const list = failures.list.map(({ pool, replica, at, downFor }) => {
    return { replica: firstOf(pool, design) + replica, at, downFor };
  });
  return { kind: "listed", list };
}

function runOf(design: ServingDesign, fleet: FleetRun): ServingRun {
  const accelerators = design.pools.reduce((sum, { replicas, layout }) => sum + replicas * layout.accelerators, 0);
  const summary = summarise(fleet, design.slo, accelerators);
  const rows = answeredRows(fleet.state);
  const { ends } = summary;
  return {
    metrics: summary.metrics,
    duration: summary.duration,
    requests: {
      released: fleet.state.list.count,
      completed: ends.done,
      timedOut: ends.timedOut,
      rejected: ends.rejected + ends.tooLong,
    },
    verdict: summary.verdict,
    reason: summary.reason,
    terms: requestTerm(meanRequest(fleet.state, rows, hostsOf(design)), "vllm-scheduler"),
    stages: stagesOf(design, fleet, accelerators),
    classes: summary.classes.length > 1 ? summary.classes : [],
    pools: poolsOf(design, fleet),
  };
}

/** What the host of every replica takes, in the order of their indices. */
function hostsOf({ pools, autoscaler }: ServingDesign): readonly HostTimes[] {
  return pools.flatMap((pool) => Array<HostTimes>(countOf(pool, autoscaler)).fill(hostTimes(pool)));
}

function stagesOf(design: ServingDesign, { state }: FleetRun, accelerators: number): ServingRun["stages"] {
  const spec: RequestSpec | undefined = design.requests.source === "described" ? design.requests.spec : undefined;
  if (spec?.arrival.kind !== "open" || spec.arrival.stages.length < 2) return [];
  let from: Seconds = 0;
  return spec.arrival.stages.map(({ rate, duration }, stage) => {
    const until = from + duration;
    const metrics = stageMetrics(state, from, until, accelerators);
    from = until;
    return { stage, rate, metrics };
  });
}

function poolsOf(design: ServingDesign, { engines, held }: FleetRun): readonly PoolUse[] {
  return design.pools.map((pool) => {
    const first = firstOf(pool.name, design);
    const end = first + countOf(pool, design.autoscaler);
    const own = engines.filter(({ index }) => index >= first && index < end);
    const busy = own.reduce((sum, engine) => sum + engine.busyTime, 0);
    const time = held.subarray(first, end).reduce((sum, each) => sum + each, 0);
    return { name: pool.name, held: time, busy, compute: 0, memory: 1, communication: 0 };
  });
}
