/** Runs the fleet of a design and says what came out: the only place where a design meets the simulation. */

import type { Seconds } from "../../base/quantity.ts";
import { meanRequest, requestTerm } from "../../serving/answer/breakdown.ts";
import { answeredRows } from "../../serving/answer/latency.ts";
import { stageMetrics, summarise } from "../../serving/answer/summary.ts";
import { type FleetObserver, type FleetRun, type FleetSpec, runFleet } from "../../serving/fleet/fleet.ts";
import { routingPolicy } from "../../serving/routing/index.ts";
import { generateRequests } from "../../workload/request/generate.ts";
import type { RequestList } from "../../workload/request/list.ts";
import type { RequestSpec } from "../../workload/request/spec.ts";
import type { ServingDesign } from "./design.ts";
import { replicaSpec } from "./replica.ts";
import type { PoolUse, ServingRun } from "./run.ts";

/** A run with everything that is known of it. */
export interface Simulated {
  readonly run: ServingRun;
  readonly fleet: FleetRun;
}

export function simulateServing(design: ServingDesign, observer?: FleetObserver): Simulated {
  const spec = fleetSpec(design, observer);
  const fleet = runFleet(spec);
  return { run: runOf(design, spec, fleet), fleet };
}

function fleetSpec(design: ServingDesign, observer: FleetObserver | undefined): FleetSpec {
  const { router, model, seed } = design;
  const replicas = design.pools.flatMap((pool) =>
    Array<ReturnType<typeof replicaSpec>>(pool.replicas).fill(replicaSpec(pool, model)),
  );
  return {
    requests: requestsOf(design),
    replicas,
    router: (context) => routingPolicy(router.policy, router.options, context),
    signals: { scrapeInterval: router.scrapeInterval, eventDelay: router.eventDelay },
    seed,
    ...(observer === undefined ? {} : { observer }),
  };
}

function requestsOf({ requests }: ServingDesign): RequestList {
  return requests.source === "trace" ? requests.list : generateRequests(requests.spec);
}

function runOf(design: ServingDesign, spec: FleetSpec, fleet: FleetRun): ServingRun {
  const accelerators = design.pools.reduce((sum, { replicas, layout }) => sum + replicas * layout.accelerators, 0);
  const summary = summarise(fleet, design.slo, accelerators);
  const rows = answeredRows(fleet.state);
  const egress = (row: number): Seconds => spec.replicas[fleet.state.replica[row]!]?.host.egress ?? 0;
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
    terms: requestTerm(meanRequest(fleet.state, rows, egress), "vllm-scheduler"),
    stages: stagesOf(design, fleet, accelerators),
    classes: summary.classes.length > 1 ? summary.classes : [],
    pools: poolsOf(design, fleet, summary.duration),
  };
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

function poolsOf(design: ServingDesign, { engines }: FleetRun, duration: Seconds): readonly PoolUse[] {
  let first = 0;
  return design.pools.map(({ name, replicas }) => {
    const own = engines.slice(first, first + replicas);
    first += replicas;
    const busy = own.reduce((sum, engine) => sum + engine.busyTime, 0);
    return { name, held: replicas * duration, busy, compute: 0, memory: 1, communication: 0 };
  });
}
