/** Random small fleets under full audit: nothing is lost, nothing comes before its cause, no policy knows the future. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { checkTerm } from "../../src/base/term.ts";
import {
  type Prediction,
  resolve,
  runServingDesign,
  type ServingDesign,
  sampleOf,
  scenarioFromValue,
} from "../../src/scenario/index.ts";
import type { FleetRun } from "../../src/serving/fleet/spec.ts";
import { phases } from "../../src/serving/request-state.ts";
import { routingPolicies } from "../../src/serving/routing/index.ts";

const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
/** One time in four: these keys are refused beside some others, or hide them. */
const seldom = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const one = fc.constantFrom;

const length = (most: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: most }),
    fc.integer({ min: 2, max: most }).map((to) => ({ from: 1, to })),
    fc.record({ median: fc.integer({ min: 5, max: most / 2 }), sigma: one(0.3, 1), most: fc.constant(most) }),
  );

const coming = fc.oneof(
  fc.record({ arrivals: one("poisson", "constant"), rate: one("1 /s", "10 /s", "60 /s", "500 /s") }),
  fc.record({ arrivals: fc.constant("gamma"), variation: one(0.5, 4), rate: one("5 /s", "40 /s") }),
  fc.record({ arrivals: fc.constant("burst"), burstSize: one(8, 30), rate: fc.constant("20 /s") }),
  fc.record({ users: one(1, 7, 40), thinkTime: one("0 s", "300 ms") }),
  fc.record({ concurrency: some(one(1, 5, 32)) }),
);
const classes = [
  { name: "chat", share: 0.7, priority: 0, slo: { timeToFirstToken: { p90: "300 ms" } } },
  { name: "batch", share: 0.3, priority: 1, output: 40, timeout: "30 s" },
];
const requests = fc
  .tuple(
    coming,
    fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      input: length(1800),
      output: length(90),
      prefix: some(fc.record({ groups: one(1, 5), tokens: one(40, 600) })),
      session: seldom(fc.record({ turns: one(2, 4), input: length(100), pause: one("0 s", "500 ms") })),
      classes: seldom(fc.constant(classes)),
      timeout: seldom(one("200 ms", "5 s")),
    }),
  )
  .map(([arrival, rest]) => ({ ...arrival, ...rest }));

const engine = (names: readonly string[]) =>
  fc.record({
    name: one(...names),
    maxBatchedTokens: one(64, 512, 8192),
    maxSequences: one(1, 4, 64),
    maxLength: fc.constant(4096),
    // From hardly more than one request to plenty.
    cacheBlocks: one(257, 300, 1000, 20_000),
    prefixCaching: some(one("on", "off")),
    hostOverlap: seldom(one("on", "off")),
    reservation: seldom(one("chunk", "whole-prompt")),
    watermark: seldom(one(0.01)),
    queueOrder: seldom(one("arrival", "priority")),
    longPrefillThreshold: seldom(one(128)),
    speculation: seldom(
      one(
        { method: "eagle", drafted: 3, acceptance: 0.7 },
        { method: "ngram", drafted: 5, acceptance: [0.9, 0.5, 0.2, 0.1, 0] },
        { method: "eagle", drafted: 1, acceptance: 1 },
      ),
    ),
  });

const fleet = (names: readonly string[]) =>
  fc.record({
    engine: engine(names),
    router: fc.oneof(
      one(...routingPolicies.names),
      fc.record({
        policy: one(...routingPolicies.names),
        scrapeInterval: one("0 s", "50 ms", "1 s"),
        eventDelay: one("0 s", "20 ms"),
        hop: one("0 s", "3 ms"),
      }),
    ),
    admission: seldom(
      one(
        { policy: "queue-limit", options: { perReplica: 3 } },
        { policy: "token-bucket", options: { rate: "5 /s", depth: 5 } },
      ),
    ),
    autoscaler: seldom(
      one({ policy: "target-utilization", options: { target: 4 }, min: 1, max: 3, interval: "1 s", loading: "2 s" }),
    ),
    failures: seldom(
      one([{ replica: 0, at: "300 ms", downFor: "1 s" }], { timeBetweenFailures: "5 s", downFor: "500 ms" }),
    ),
  });

const alike = fc.record({ replicas: one(1, 2, 3), tensor: some(one(2)), attentionData: seldom(one(2)) });

const tier = fc.record({
  medium: one("host-memory", "nvme", "remote"),
  size: one("100 MB", "5 GB"),
  bandwidth: one("1 GB/s", "50 GB/s"),
  write: seldom(one("through", "back", "selective")),
  eviction: seldom(one("lru", "fifo")),
});
const cache = fc.record({
  tiers: some(fc.array(tier, { minLength: 1, maxLength: 2 })),
  fetch: seldom(one("always", "cheaper")),
  pin: seldom(one("500 ms")),
  peers: seldom(one("on", "off")),
});

/** Prefill and decode apart, on one kind of node. */
const apart = fc.record({
  pools: fc.record({
    prefill: fc.record({ replicas: one(1, 2) }),
    decode: fc.record({ replicas: one(1, 2), tensor: some(one(2)) }),
  }),
  disaggregation: some(
    fc.record({
      threshold: one(0, 300),
      bandwidth: one("1 GB/s", "50 GB/s"),
      latency: one("0 s", "5 ms"),
      overlap: seldom(one("none", "layers")),
    }),
  ),
});

const serving = (names: readonly string[]) =>
  fc
    .tuple(
      fleet(names),
      fc.oneof({ weight: 3, arbitrary: alike }, { weight: 1, arbitrary: apart }),
      fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.record({ cache }) }),
    )
    .map(([common, replicas, tiers]) => ({ ...common, ...replicas, ...tiers }));

const engines = ["vllm", "sglang", "tensorrt-llm"];
const slo = { timeToFirstToken: { p90: "1 s" }, timePerOutputToken: { mean: "50 ms" } };

/** The design of what was drawn; nothing where it is refused, which must say why. */
function designOf(asked: unknown, fleet: unknown, seed: number): ServingDesign | undefined {
  const cluster = { node: "hgx-h100", nodes: 2 };
  const workload = { kind: "serving", model: "llama-3.1-8b", requests: asked, slo };
  const written = { windtunnel: 1, name: "random", seed, cluster, workload, serving: fleet };
  try {
    // Keys that were not drawn are undefined, which JSON leaves out.
    const design = resolve(scenarioFromValue(JSON.parse(JSON.stringify(written))));
    return design.kind === "serving" ? design.serving : undefined;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    for (const { path, message } of error.problems) expect(`${path}: ${message}`.length).toBeGreaterThan(10);
    return undefined;
  }
}

const latencies = ["timeToFirstToken", "timePerOutputToken", "interTokenLatency", "endToEndLatency"];

function checkPrediction({ metrics, terms, points = [] }: Prediction): void {
  for (const [name, value] of [metrics, ...points.map((point) => point.metrics)].flatMap((each) =>
    Object.entries(each),
  )) {
    expect(Number.isFinite(value), `${name} ${value}`).toBe(true);
    expect(value, name).toBeGreaterThanOrEqual(0);
  }
  for (const latency of latencies) {
    const values = ["p50", "p90", "p95", "p99"].flatMap((rank) => metrics[`${latency}.${rank}`] ?? []);
    for (let at = 1; at < values.length; at++) expect(values[at]!, latency).toBeGreaterThanOrEqual(values[at - 1]!);
  }
  checkTerm(terms);
  const mean = metrics["endToEndLatency.mean"] ?? 0;
  expect(Math.abs(terms.value - mean)).toBeLessThanOrEqual(1e-9 * Math.max(1, mean));
  for (const share of ["prefixHitRate", "utilization", "sloAttainment"]) {
    expect(metrics[share] ?? 0, share).toBeLessThanOrEqual(1 + 1e-9);
  }
}

/** Every request ends once and in one way; answers are as long as was asked for; no block stays held. */
function checkBooks(design: ServingDesign, { state, engines: all, held }: FleetRun): void {
  const { list, phase, made } = state;
  const ends: number[] = [phases.done, phases.rejected, phases.timedOut, phases.tooLong];
  let tokens = 0;
  for (let row = 0; row < list.count; row++) {
    expect(ends, `request ${row}`).toContain(phase[row]);
    const generated = made[row]! - list.input[row]!;
    tokens += generated;
    if (phase[row] === phases.done) expect(generated).toBe(list.output[row]);
    else expect(generated).toBeLessThanOrEqual(list.output[row]!);
    expect(state.cached[row]!).toBeLessThan(list.input[row]!);
    expect(state.slot[row]).toBe(-1);
  }
  const generated = all.reduce((sum, each) => sum + each.tokensGenerated, 0);
  const lost = design.failures.kind === "random" || design.failures.list.length > 0;
  // What a lost replica had made is made again.
  if (lost) expect(generated).toBeGreaterThanOrEqual(tokens);
  // A prompt that is handed over brings its first token on both sides.
  else if (design.disaggregation !== undefined) {
    expect(generated).toBeGreaterThanOrEqual(tokens);
    expect(generated).toBeLessThanOrEqual(tokens + list.count);
  } else expect(generated).toBe(tokens);
  // Engines that were lost come behind those of the replicas; their blocks are gone with them.
  for (const { ranks } of all.slice(0, held.length)) {
    for (const rank of ranks) {
      rank.check();
      // Pins may outlast the run.
      if (design.cache.pin === 0) expect(rank.pool.freeCount).toBe(rank.pool.blocks);
    }
  }
}

/** Sums of the same times in another order. */
const rounding = 1e-9;

/** Sent, queued, given work, first token, last token: in this order; and not before the answers it waits for. */
function checkTimes({ state, end }: FleetRun): void {
  const { list, released, queued, scheduled, firstToken, ended } = state;
  for (let row = 0; row < list.count; row++) {
    const parents = list.parents.subarray(list.parentStart[row]!, list.parentStart[row + 1]!);
    if (state.phase[row] !== phases.done) continue;
    const times = [released, queued, scheduled, firstToken, ended].map((column) => column[row]!);
    for (let at = 1; at < times.length; at++) {
      expect(times[at]! + rounding, `request ${row}`).toBeGreaterThanOrEqual(times[at - 1]!);
    }
    if (parents.length === 0) expect(released[row]!).toBeGreaterThanOrEqual(list.release[row]! - rounding);
    for (const parent of parents) {
      expect(released[row]!).toBeGreaterThanOrEqual(ended[parent]! + list.release[row]! - rounding);
    }
    expect(ended[row]!).toBeLessThanOrEqual(end + rounding);
  }
}

/** At no time more requests under way than a closed loop allows; later turns of sessions do not ask. */
function checkConcurrency({ state }: FleetRun): void {
  const { concurrency } = state.list;
  if (concurrency === 0 || state.list.parents.length > 0) return;
  const changes: [number, number][] = [];
  for (let row = 0; row < state.list.count; row++) {
    if (state.phase[row] !== phases.done) return;
    changes.push([state.released[row]!, 1], [state.ended[row]!, -1]);
  }
  changes.sort(([a, up], [b, down]) => a - b || up - down);
  let under = 0;
  for (const [, change] of changes) {
    under += change;
    expect(under).toBeLessThanOrEqual(concurrency);
  }
}

describe("random fleets", () => {
  it("balance their books, keep causes before effects, and come out the same again", () => {
    let [ran, refused] = [0, 0];
    const seen = new Set<string>();
    fc.assert(
      fc.property(requests, serving(engines), fc.nat(1000), (asked, fleet, seed) => {
        const design = designOf(asked, fleet, seed);
        if (design === undefined) {
          refused += 1;
          return;
        }
        const { prediction, fleet: run } = runServingDesign(design);
        if (run === undefined) {
          expect(prediction.feasible).toBe(false);
          return;
        }
        ran += 1;
        for (const name of Object.keys(phases)) if (run.state.phase.includes(phases[name as "done"])) seen.add(name);
        if (run.state.preemptions.some((times) => times > 0)) seen.add("preempted");
        if (run.state.cached.some((tokens) => tokens > 0)) seen.add("cached");
        checkPrediction(prediction);
        checkBooks(design, run);
        checkTimes(run);
        checkConcurrency(run);
        expect(JSON.stringify(runServingDesign(design).prediction)).toBe(JSON.stringify(prediction));
      }),
      { numRuns: 300 },
    );
    expect(ran, `${refused} refused`).toBeGreaterThan(60);
    // The cases reach what they are for.
    expect([...seen].sort()).toEqual(expect.arrayContaining(["cached", "done", "preempted", "rejected", "timedOut"]));
  }, 300_000);

  it("are the same where every iteration is watched", () => {
    fc.assert(
      fc.property(requests, serving(["vllm"]), fc.nat(1000), (asked, fleet, seed) => {
        const design = designOf(asked, { ...fleet, failures: undefined }, seed);
        if (design === undefined) return;
        const alone = runServingDesign(design);
        let [count, last] = [0, 0];
        const watched = runServingDesign(design, (_engine, _plans, end, duration) => {
          count += 1;
          expect(duration).toBeGreaterThan(0);
          expect(end).toBeGreaterThanOrEqual(last);
          last = end;
        });
        if (alone.fleet === undefined || watched.fleet === undefined) return;
        expect(count).toBeGreaterThan(0);
        expect(watched.fleet.state.replica).toEqual(alone.fleet.state.replica);
        for (const column of ["scheduled", "firstToken", "ended"] as const) {
          const [one, other] = [alone.fleet.state[column], watched.fleet.state[column]];
          for (let row = 0; row < one.length; row++) {
            if (Number.isNaN(one[row]!)) expect(other[row]).toBeNaN();
            else expect(Math.abs(one[row]! - other[row]!)).toBeLessThan(1e-9 * Math.max(1, one[row]!));
          }
        }
      }),
      { numRuns: 60 },
    );
  }, 300_000);
});

/** The same design with some answers longer: requests drawn, every third with more output. */
function longer(design: ServingDesign): { readonly design: ServingDesign; readonly changed: readonly number[] } {
  const sample = sampleOf(design, Number.POSITIVE_INFINITY).design;
  if (sample.requests.source !== "trace") throw new Error("a sample has its requests drawn");
  const { list } = sample.requests;
  const changed = Array.from({ length: list.count }, (_, row) => row).filter((row) => row % 3 === 0);
  const output = list.output.slice();
  for (const row of changed) output[row]! += 7;
  return { design: { ...sample, requests: { ...sample.requests, list: { ...list, output } } }, changed };
}

describe("routers", () => {
  it("choose alike until the first answer whose length differs has ended", () => {
    let compared = 0;
    fc.assert(
      fc.property(requests, serving(["vllm"]), fc.nat(1000), (asked, fleet, seed) => {
        if ("pools" in fleet) return;
        // After a failure, or a hand-over, where a request went is written over the first choice.
        const design = designOf(asked, { ...fleet, replicas: 3, autoscaler: undefined, failures: undefined }, seed);
        if (design === undefined) return;
        let longest = 0;
        const first = runServingDesign(design, (_engine, _plans, _end, duration) => {
          longest = Math.max(longest, duration);
        });
        const other = longer(design);
        const second = runServingDesign(other.design);
        if (first.fleet === undefined || second.fleet === undefined) return;
        const [one, two] = [first.fleet.state, second.fleet.state];
        // An engine plans the iteration after next before a last token is out.
        const known = (row: number): number => (Number.isNaN(one.ended[row]!) ? 0 : one.ended[row]!);
        const until = Math.min(...other.changed.map(known)) - 3 * longest - 0.05;
        for (let row = 0; row < one.list.count; row++) {
          if (!(one.released[row]! < until)) continue;
          compared += 1;
          expect(two.released[row]).toBe(one.released[row]);
          if (one.queued[row]! < until) expect(two.replica[row]).toBe(one.replica[row]);
        }
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(200);
  }, 300_000);
});
