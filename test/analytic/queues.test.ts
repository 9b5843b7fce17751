/** Waits of simulated engines against closed forms of queueing theory: one server with equal work, several with random. */

import { describe, expect, it } from "vitest";
import { random } from "../../src/base/random.ts";
import { batchingPolicies } from "../../src/serving/batching/index.ts";
import { runFleet } from "../../src/serving/fleet/fleet.ts";
import type { FleetRun } from "../../src/serving/fleet/spec.ts";
import type { ReplicaView } from "../../src/serving/routing/policy.ts";
import { RequestListBuilder } from "../../src/workload/request/list.ts";
import { plainSettings, runReplica, stepTimeOf } from "../serving/one-replica.ts";
import { noHost } from "../serving-case.ts";

const step = stepTimeOf(() => 1);

/** Poisson arrivals of requests with so many tokens to generate. */
function arrivals(count: number, between: number, output: () => number) {
  const stream = random(3).stream("arrivals");
  const builder = new RequestListBuilder();
  let release = 0;
  for (let row = 0; row < count; row++) {
    release += stream.exponential(between);
    builder.add({ release, input: 1, output: output() });
  }
  return builder.done();
}

function meanWait({ state }: FleetRun): number {
  let total = 0;
  for (let row = 0; row < state.list.count; row++) total += state.scheduled[row]! - state.released[row]!;
  return total / state.list.count;
}

describe("M/D/1", () => {
  // One request at a time, each one iteration: wait = load x service / (2 (1 - load)).
  it.each(batchingPolicies.names.flatMap((name) => [0.5, 0.8].map((load) => ({ name, load }))))(
    "$name at load $load",
    ({ name, load }) => {
      const settings = { ...plainSettings, batching: name, maxSequences: 1 };
      const run = runReplica({ requests: arrivals(100_000, 1 / load, () => 1), settings, step });
      const expected = load / (2 * (1 - load));
      expect(meanWait(run) / expected).toBeGreaterThan(0.97);
      expect(meanWait(run) / expected).toBeLessThan(1.03);
    },
  );
});

describe("M/M/c", () => {
  // Replicas of one place each behind a router that holds requests until one is free; geometric lengths of a mean far
  // above one iteration stand for exponential service.
  it.each([1, 2, 4])("%i replicas at load 0.7", (replicas) => {
    const mean = 50;
    const load = 0.7;
    const lengths = random(4).stream("lengths");
    const requests = arrivals(40_000, mean / (load * replicas), () => Math.ceil(lengths.exponential(mean)));
    const free = (views: readonly ReplicaView[]): number => views.findIndex(({ inFlight }) => inFlight === 0);
    const run = runFleet({
      requests,
      replicas: Array.from({ length: replicas }, () => ({
        settings: { ...plainSettings, maxSequences: 1 },
        step,
        host: noHost,
      })),
      router: () => ({ choose: (_, views) => free(views) }),
      hop: 0,
      signals: { scrapeInterval: 0, eventDelay: 0 },
      failures: { kind: "listed", list: [] },
      seed: 0,
    });
    // Half an iteration more than the exponential's mean, from rounding up.
    const expected = waitOf(replicas, load) * (mean + 0.5);
    expect(meanWait(run) / expected).toBeGreaterThan(0.95);
    expect(meanWait(run) / expected).toBeLessThan(1.05);
  });
});

/** Mean wait of M/M/c in units of the mean service: Erlang's C over the spare rate. */
function waitOf(servers: number, load: number): number {
  const offered = servers * load;
  let [term, sum] = [1, 0];
  for (let busy = 0; busy < servers; busy++) {
    sum += term;
    term *= offered / (busy + 1);
  }
  const all = term / (1 - load);
  return all / (sum + all) / (servers * (1 - load));
}
