import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { type RequestList, RequestListBuilder } from "../../workload/request/list.ts";
import { runFleet } from "../fleet/fleet.ts";
import type { FleetRun } from "../fleet/spec.ts";
import { routingPolicy } from "../routing/index.ts";
import type { RoutingContext, RoutingPolicy } from "../routing/policy.ts";
import type { Batch, StepTime } from "../step/batch.ts";
import type { EngineSettings, HostTimes } from "./settings.ts";

const step: StepTime = {
  time: ([batch]) => timeOf(batch as Batch),
  terms: () => {
    throw new Error("not asked for");
  },
};

/** Depends on everything that changes from iteration to iteration. */
function timeOf({ tokens, decodeContext, decodeContextMax, decodeContextMin, sampled }: Batch): number {
  if (tokens === 0) return 0;
  const spread = decodeContextMax > 0 ? decodeContextMax - decodeContextMin : 0;
  return 5e-3 + tokens * 2e-5 + decodeContext * 5e-8 + spread * 1e-9 + sampled * 1e-6;
}

const host: HostTimes = {
  ingress: 5e-3,
  ingressPerToken: 1e-6,
  egress: 1e-3,
  delivery: 4e-4,
  deliveryPerToken: 1e-7,
  iteration: 1e-4,
  iterationPerSequence: 4e-6,
  scheduling: 2e-3,
  schedulingPerSequence: 0,
};

function settings(hostOverlap: "on" | "off", blocks: number): EngineSettings {
  return {
    batching: "vllm",
    version: "0.19",
    maxBatchedTokens: 2048,
    maxSequences: 256,
    maxLength: 131_072,
    blockTokens: 16,
    blocks,
    watermark: 0,
    chunkedPrefill: "on",
    longPrefillThreshold: 0,
    prefixCaching: "on",
    admission: "chunk",
    queueOrder: "arrival",
    hostOverlap,
    dataParallel: 1,
    pipeline: 1,
  };
}

function requests(rate: number): RequestList {
  const draw = random(1).stream("requests");
  const builder = new RequestListBuilder();
  let release = 0;
  for (let row = 0; row < 300; row++) {
    release += draw.exponential(1 / rate);
    builder.add({ release, input: 1 + draw.integer(2000), output: 1 + draw.integer(400) });
  }
  return builder.done();
}

/** Twelve conversations whose turns begin alike; of every other answer the next turn knows what it said. */
function conversations(rate: number): RequestList {
  const draw = random(2).stream("requests");
  const builder = new RequestListBuilder({ chunkTokens: 64 });
  let release = 0;
  for (let row = 0; row < 300; row++) {
    release += draw.exponential(1 / rate);
    const [input, output, group] = [1 + draw.integer(2000), 1 + draw.integer(400), draw.integer(12)];
    const covered = row % 2 === 0 ? input : input + output;
    const ids = Array.from({ length: Math.ceil(covered / 64) }, (_, chunk) => 200 * group + chunk);
    builder.add({ release, input, output, ids, covered });
  }
  return builder.done();
}

type Followed = "watched" | "foreseen";

/** The same policy, which also writes down what the index says of every conversation whenever it is called. */
function noting(policy: RoutingPolicy, { index }: RoutingContext, replicas: number, notes: number[]): RoutingPolicy {
  const all = Array.from({ length: 12 }, (_, group) =>
    Int32Array.from({ length: 38 }, (_, chunk) => 200 * group + chunk),
  );
  const note = (): void => {
    for (let replica = 0; replica < replicas; replica++)
      for (const each of all) notes.push(index.matched(replica, each));
  };
  return {
    ...policy,
    choose: (...known) => {
      note();
      return policy.choose(...known);
    },
    onFirstToken: (...known) => {
      note();
      policy.onFirstToken?.(...known);
    },
    onEnd: (...known) => {
      note();
      policy.onEnd?.(...known);
    },
  };
}

interface Case {
  readonly engine: EngineSettings;
  readonly requests: RequestList;
  readonly replicas: number;
  readonly router: string;
}

function run({ engine, requests, replicas, router }: Case, by: Followed, notes: number[] = []): FleetRun {
  return runFleet({
    requests,
    replicas: new Array(replicas).fill({ settings: engine, step, host }),
    router: (context) => noting(routingPolicy(router, {}, context), context, replicas, notes),
    hop: 0,
    signals: { scrapeInterval: 0.05, eventDelay: 0.01 },
    failures: { kind: "random", timeBetweenFailures: 60, downFor: 5 },
    seed: 0,
    // Whoever watches every iteration gets every iteration.
    ...(by === "watched" ? { observer: () => undefined } : {}),
  });
}

/** Both ways must come to the same; what is asked of the clock alone may differ. */
function expectSame(one: FleetRun, other: FleetRun): void {
  const iterations = ({ engines }: FleetRun): number => engines.reduce((sum, each) => sum + each.iterations, 0);
  expect(iterations(one)).toBe(iterations(other));
  for (const column of ["firstToken", "ended", "decodeAlone", "interference", "prefillAlone"] as const) {
    const differences = one.state[column].map((value, row) => Math.abs(value - other.state[column][row]!));
    expect(Math.max(...differences)).toBeLessThan(1e-9);
  }
  expect(one.state.preemptions).toEqual(other.state.preemptions);
  expect(one.state.cached).toEqual(other.state.cached);
  const busy = ({ engines }: FleetRun): number => engines.reduce((sum, each) => sum + each.busyTime, 0);
  expect(busy(one)).toBeCloseTo(busy(other), 6);
  const gaps = ({ engines }: FleetRun): number => engines.reduce((sum, { gaps: each }) => sum + each.sum, 0);
  expect(gaps(one)).toBeCloseTo(gaps(other), 6);
}

describe("iterations known beforehand", () => {
  const cases = (["on", "off"] as const).flatMap((overlap) =>
    [
      [29_000, 1, 1],
      [300, 2, 1],
      [29_000, 6, 4],
      [29_000, 8, 1],
      [29_000, 20, 1],
      [1_500, 20, 1],
    ].map((rest) => [overlap, ...rest] as [typeof overlap, number, number, number]),
  );

  it.each(cases)(
    "give what one after the other gives: overlap %s, %d blocks, %d /s, %d replicas",
    (overlap, ...rest) => {
      const [blocks, rate, replicas] = rest;
      const [one, other] = (["foreseen", "watched"] as const).map((watched) =>
        run({ engine: settings(overlap, blocks), requests: requests(rate), replicas, router: "round-robin" }, watched),
      ) as [FleetRun, FleetRun];
      expect(one.events).toBeLessThan(other.events);
      // Arrivals and ends of others interrupt it; there are some 16 at 8 a second.
      if (blocks > 10_000 && rate / replicas <= 8) expect(one.events).toBeLessThan(0.6 * other.events);
      expectSame(one, other);
    },
  );

  it.each([
    ["on", "kv-aware", 29_000, 1, 3],
    ["on", "kv-aware", 500, 1, 3],
    ["off", "kv-aware", 500, 1, 3],
    ["on", "dynamo", 500, 3, 3],
    ["off", "dynamo", 29_000, 1, 3],
    ["on", "kv-aware", 2_000, 8, 1],
  ] as const)(
    "tell routers of the same blocks at the same times: overlap %s, %s, %d blocks, %d /s, %d replicas",
    (overlap, router, blocks, rate, replicas) => {
      const given = { engine: settings(overlap, blocks), requests: conversations(rate), replicas, router };
      const [told, expected]: [number[], number[]] = [[], []];
      const one = run(given, "foreseen", told);
      const other = run(given, "watched", expected);
      expect(told.some((chunks) => chunks > 0)).toBe(true);
      expect(told).toEqual(expected);
      expectSame(one, other);
      expect(one.events).toBeLessThan((blocks > 10_000 ? 0.3 : 0.95) * other.events);
    },
  );
});
