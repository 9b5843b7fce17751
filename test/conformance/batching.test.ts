/**
 * Every batching policy on random requests, engines and caches, small ones above all: nothing is lost, made twice, held
 * back for good or done before its time. A new entry of the registry is tested without a line here.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchingPolicies } from "../../src/serving/batching/index.ts";
import type { Plan } from "../../src/serving/engine/plan.ts";
import type { EngineSettings } from "../../src/serving/engine/settings.ts";
import type { FleetRun } from "../../src/serving/fleet/spec.ts";
import { phases } from "../../src/serving/request-state.ts";
import { type RequestList, RequestListBuilder } from "../../src/workload/request/list.ts";
import { plainSettings, runReplica, stepTimeOf } from "../serving/one-replica.ts";

/** Stated by Vidur for batches that follow one another, without drafted tokens. */
const plain = new Set(["sarathi", "vllm-v0"]);
/** Seconds after which a run of few short requests is stuck. */
const stuck = 100_000;
const chunkTokens = 4;
const step = stepTimeOf((batch) => 1 + 0.01 * batch.tokens + 0.0001 * batch.decodeContext);

const one = fc.constantFrom;

const request = fc.record({
  after: fc.double({ min: 0, max: 20, noNaN: true }),
  input: fc.integer({ min: 1, max: 120 }),
  output: fc.integer({ min: 1, max: 30 }),
  /** Prompts of one family begin alike for so many chunks. */
  family: fc.integer({ min: 0, max: 2 }),
  alike: fc.integer({ min: 0, max: 20 }),
  urgent: fc.boolean(),
});

const engine = fc.record({
  maxBatchedTokens: one(16, 48, 160, 2048),
  maxSequences: one(1, 2, 5, 64),
  blockTokens: one(1, 4, 16),
  cacheTokens: one(160, 200, 320, 10_000),
  watermark: one(0, 0.05),
  chunkedPrefill: one("on", "off"),
  longPrefillThreshold: one(0, 0, 20),
  prefixCaching: one("on", "off"),
  admission: one("chunk", "whole-prompt"),
  queueOrder: one("arrival", "priority"),
  hostOverlap: one("on", "off"),
  dataParallel: one(1, 1, 2),
  pipeline: one(1, 1, 3),
  speculation: one(undefined, undefined, { drafted: 2, acceptance: [0.8, 0.5] }),
  capacityPolicy: one("guaranteed-no-evict", "max-utilization", "static-batch"),
  mixedChunk: one("on", "off"),
  queue: one("longest-prefix", "arrival"),
  outputLimit: one(0, 0, 60),
  waiting: one(
    {},
    { balance: "on", balanceTimeout: 6, balanceWait: 2 },
    { batchWaitIterations: 5, batchWaitShare: 0.5 },
  ),
});

type EngineDraw = typeof engine extends fc.Arbitrary<infer Draw> ? Draw : never;
type RequestDraw = typeof request extends fc.Arbitrary<infer Draw> ? Draw : never;

function listOf(draws: readonly RequestDraw[]): RequestList {
  const classes = [0, 1].map((priority) => ({ name: `p${priority}`, priority, timeout: Number.POSITIVE_INFINITY }));
  const builder = new RequestListBuilder({ chunkTokens, classes });
  let release = 0;
  for (const { after, input, output, family, alike, urgent } of draws) {
    release += after;
    const ids = Array.from({ length: Math.min(alike, Math.floor(input / chunkTokens)) }, (_, at) => family * 100 + at);
    builder.add({ release, input, output, ids, classIndex: urgent ? 0 : 1 });
  }
  return builder.done();
}

/** Like requests, one after another. */
function batchOf(count: number, request: { readonly input: number; readonly output: number }, after = 0): RequestList {
  const builder = new RequestListBuilder();
  for (let row = 0; row < count; row++) builder.add({ release: row * after, ...request });
  return builder.done();
}

function settingsOf(batching: string, draw: EngineDraw): EngineSettings {
  const { cacheTokens, speculation, capacityPolicy, mixedChunk, queue, outputLimit, waiting, ...rest } = draw;
  const single = plain.has(batching);
  return {
    ...plainSettings,
    ...rest,
    batching,
    blocks: Math.ceil(cacheTokens / rest.blockTokens),
    ...(single ? { hostOverlap: "off", pipeline: 1 } : {}),
    ...(speculation === undefined || single ? {} : { speculation }),
    options: { capacityPolicy, mixedChunk, queueOrder: queue, outputLimit, ...waiting },
  };
}

/** Runs to the end and looks at every iteration. */
function audited(requests: RequestList, settings: EngineSettings): FleetRun {
  const drafted = settings.speculation?.drafted ?? 0;
  const computed = new Int32Array(requests.count);
  const run = runReplica({
    requests,
    settings,
    step,
    until: stuck,
    observer: ({ ranks }, plans, end, duration) => {
      expect(duration).toBeGreaterThan(0);
      expect(end).toBeGreaterThanOrEqual(duration);
      for (const rank of ranks) {
        rank.check();
        expect(rank.runningCount).toBeLessThanOrEqual(settings.maxSequences * underWayOf(settings));
      }
      for (const plan of plans) checkPlan(plan, settings, drafted, computed);
    },
  });
  checkRequests(run, settings, computed);
  return run;
}

/** Iterations that the limit of sequences holds for together: TensorRT-LLM's is one of each under way. */
function underWayOf({ batching, pipeline }: EngineSettings): number {
  return batching === "tensorrt-llm" ? pipeline : 1;
}

function checkPlan(plan: Plan, settings: EngineSettings, drafted: number, computed: Int32Array): void {
  const { batch, count } = plan;
  const rows = plan.rows.subarray(0, count);
  expect(new Set(rows).size).toBe(count);
  expect(count).toBeLessThanOrEqual(settings.maxSequences);
  expect(batch.decodes + batch.prefills).toBe(count);
  expect(batch.decodeTokens).toBeLessThanOrEqual(batch.decodes * (1 + drafted));
  // Engines that keep prompts and tokens apart hold the prompts to the limit, and one prompt alone may exceed it
  // where prompts are never cut.
  const apart = settings.batching === "sglang" || settings.batching === "sarathi";
  const counted = apart ? batch.prefillTokens : batch.tokens;
  const uncut = settings.batching === "sglang" && settings.chunkedPrefill === "off";
  if (!uncut) expect(counted).toBeLessThanOrEqual(settings.maxBatchedTokens);
  for (let index = 0; index < count; index++) {
    if (plan.generating[index] === 0) computed[plan.rows[index]!]! += plan.tokens[index]!;
  }
}

function checkRequests({ state, engines }: FleetRun, settings: EngineSettings, computed: Int32Array): void {
  const { list, phase, made, goal, released, queued, scheduled, firstToken, ended, preemptions, cached } = state;
  let generated = 0;
  for (let row = 0; row < list.count; row++) {
    if (phase[row] === phases.tooLong) {
      expect(engines[0]!.canHold(row)).toBe(false);
      continue;
    }
    expect(phase[row]).toBe(phases.done);
    expect(made[row]).toBe(goal[row]);
    generated += list.output[row]!;
    expect(queued[row]).toBeGreaterThanOrEqual(released[row]!);
    expect(scheduled[row]).toBeGreaterThanOrEqual(queued[row]!);
    expect(firstToken[row]).toBeGreaterThan(scheduled[row]!);
    expect(ended[row]).toBeGreaterThanOrEqual(firstToken[row]!);
    if (list.output[row]! > 1 && settings.speculation === undefined)
      expect(ended[row]).toBeGreaterThan(firstToken[row]!);
    if (preemptions[row] === 0) expect(computed[row]).toBe(list.input[row]! - cached[row]!);
    else expect(computed[row]).toBeGreaterThanOrEqual(list.input[row]! - cached[row]!);
    expect(cached[row]).toBeLessThan(list.input[row]!);
  }
  expect(engines[0]!.tokensGenerated).toBe(generated);
  for (const rank of engines[0]!.ranks) {
    expect(rank.runningCount + rank.waiting.size).toBe(0);
    expect(rank.pool.freeCount).toBe(rank.pool.blocks);
  }
}

describe.each(batchingPolicies.names)("%s", (batching) => {
  it("ends every request once, in order of cause, within the limits", () => {
    const property = fc.property(fc.array(request, { minLength: 1, maxLength: 25 }), engine, (draws, draw) => {
      audited(listOf(draws), settingsOf(batching, draw));
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("takes places away where the cache is small, and still ends everything", () => {
    const tight = { ...plainSettings, batching, blockTokens: 4, blocks: 40, maxSequences: 20 };
    const options = { capacityPolicy: "max-utilization", conservativeness: 0.1 };
    const { engines } = audited(batchOf(20, { input: 12, output: 100 }, 3), { ...tight, options });
    expect(engines[0]!.ranks[0]!.preemptions).toBeGreaterThan(0);
  });

  it("serves a closed batch no slower from a larger cache", () => {
    const requests = batchOf(40, { input: 30, output: 25 });
    let before = Number.POSITIVE_INFINITY;
    for (const blocks of [14, 20, 28, 40, 56, 80, 160, 600]) {
      const settings = { ...plainSettings, batching, blockTokens: 4, blocks, prefixCaching: "off" as const };
      const { end } = audited(requests, settings);
      expect(end, `${blocks} blocks`).toBeLessThanOrEqual(before);
      before = end;
    }
  });

  it("says the same whether iterations are watched or foreseen", () => {
    const property = fc.property(fc.array(request, { minLength: 1, maxLength: 20 }), engine, (draws, draw) => {
      const [requests, settings] = [listOf(draws), settingsOf(batching, draw)];
      const foreseen = runReplica({ requests, settings, step, until: stuck }).state;
      const watched = runReplica({ requests, settings, step, until: stuck, observer: () => undefined }).state;
      for (const row of requests.input.keys()) {
        for (const column of ["scheduled", "firstToken", "ended"] as const) {
          const [one, other] = [foreseen[column][row]!, watched[column][row]!];
          if (!Number.isNaN(one) || !Number.isNaN(other)) expect(one).toBeCloseTo(other, 6);
        }
      }
    });
    fc.assert(property, { numRuns: 150 });
  });

  it("gives the same bytes again", () => {
    const times = (requests: RequestList, settings: EngineSettings) =>
      runReplica({ requests, settings, step, seed: 7 }).state.ended.join();
    const property = fc.property(fc.array(request, { minLength: 5, maxLength: 20 }), engine, (draws, draw) => {
      const [requests, settings] = [listOf(draws), settingsOf(batching, draw)];
      expect(times(requests, settings)).toBe(times(requests, settings));
    });
    fc.assert(property, { numRuns: 20 });
  });
});
