import { describe, expect, it } from "vitest";
import { plainSettings, runReplica, stepTimeOf, type Trial } from "../../../test/serving/one-replica.ts";
import { RequestListBuilder } from "../../workload/request/list.ts";
import type { EngineSettings } from "../engine/settings.ts";

const step = stepTimeOf(() => 1);

interface Row {
  readonly release: number;
  readonly input: number;
  readonly output: number;
  readonly ids?: readonly number[];
}

function run(rows: readonly Row[], change: Partial<EngineSettings>, observer?: Trial["observer"]) {
  const builder = new RequestListBuilder({ chunkTokens: 4 });
  for (const row of rows) builder.add(row);
  const settings = { ...plainSettings, batching: "tensorrt-llm", blockTokens: 4, ...change };
  return runReplica({ requests: builder.done(), settings, step, ...(observer === undefined ? {} : { observer }) });
}

const batch = Array.from({ length: 12 }, () => ({ release: 0, input: 8, output: 32 }));

/** Requests at once at most, and places lost. */
function used(options: EngineSettings["options"] & object) {
  let most = 0;
  const { engines, end } = run(batch, { blocks: 40, options }, (_, plans) => {
    most = Math.max(most, plans[0]!.count);
  });
  return { most, lost: engines[0]!.ranks[0]!.preemptions, end };
}

describe("capacity", () => {
  it("guaranteed-no-evict lets in what can surely end: forty blocks for ten each", () => {
    expect(used({})).toMatchObject({ most: 4, lost: 0 });
  });

  it("guaranteed-no-evict holds blocks for all that clients may ask for", () => {
    expect(used({ outputLimit: 72 })).toMatchObject({ most: 2, lost: 0 });
  });

  it("max-utilization lets in more, and pauses some", () => {
    const { most, lost } = used({ capacityPolicy: "max-utilization" });
    expect(most).toBe(12);
    expect(lost).toBeGreaterThan(0);
  });

  it("static batches begin only when the last one has ended", () => {
    const counts: number[] = [];
    run(batch, { blocks: 40, options: { capacityPolicy: "static-batch" } }, (_, plans) => {
      counts.push(plans[0]!.batch.prefills);
    });
    expect(counts.filter((prompts) => prompts > 0)).toEqual([4, 4, 4]);
    expect(counts.findIndex((prompts, at) => at > 0 && prompts > 0)).toBe(32);
  });

  it("pauses the request that started last", () => {
    const rows = [0, 3, 6].map((release) => ({ release, input: 8, output: 40 }));
    const { state } = run(rows, { blocks: 20, options: { capacityPolicy: "max-utilization" } });
    expect(state.preemptions[0]).toBe(0);
    expect(state.preemptions[2]).toBeGreaterThan(0);
  });
});

describe("an iteration", () => {
  const rows = [
    { release: 0, input: 8, output: 12 },
    { release: 1.5, input: 30, output: 2 },
    { release: 1.5, input: 6, output: 2 },
  ];
  const prompts = (change: Partial<EngineSettings>) => {
    const seen: [number, number][] = [];
    run(rows, change, (_, plans) => seen.push([plans[0]!.batch.prefillTokens, plans[0]!.batch.decodes]));
    return seen;
  };

  it("gives tokens first, then chunks of whole blocks, and what is short enough for the rest", () => {
    expect(prompts({ maxBatchedTokens: 16 }).slice(2, 5)).toEqual([
      [12, 1],
      [12, 1],
      [12, 1],
    ]);
  });

  it("holds a prompt back until it fits whole where chunks are off", () => {
    expect(prompts({ maxBatchedTokens: 32, chunkedPrefill: "off" }).slice(2, 4)).toEqual([
      [30, 1],
      [6, 2],
    ]);
  });

  it("refuses a prompt that never fits", () => {
    const { engines } = run(rows, { maxBatchedTokens: 29, chunkedPrefill: "off" });
    expect([0, 1, 2].map((row) => engines[0]!.canHold(row))).toEqual([true, false, true]);
  });
});

it("lets a prompt wait for the blocks that another brings", () => {
  const ids = Array.from({ length: 10 }, (_, at) => at);
  const rows = [0, 1].map(() => ({ release: 0, input: 40, output: 4, ids }));
  const { state } = run(rows, {});
  expect([...state.cached]).toEqual([0, 36]);
  expect(state.scheduled[1]! - state.scheduled[0]!).toBe(1);
});

describe("pipeline stages", () => {
  it("take the limit of sequences for each iteration under way", () => {
    const counts: number[] = [];
    const running: number[] = [];
    const { engines } = run(batch, { blocks: 400, maxSequences: 3, pipeline: 2 }, (engine, plans) => {
      counts.push(plans[0]!.count);
      running.push(engine.ranks[0]!.runningCount);
    });
    expect(Math.max(...counts)).toBe(3);
    expect(Math.max(...running)).toBe(6);
    expect(engines).toHaveLength(1);
  });
});
