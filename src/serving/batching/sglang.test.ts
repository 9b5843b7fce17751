import { describe, expect, it } from "vitest";
import { plainSettings, runReplica, stepTimeOf, type Trial } from "../../../test/serving/one-replica.ts";
import { RequestListBuilder } from "../../workload/request/list.ts";
import type { EngineSettings } from "../engine/settings.ts";

const step = stepTimeOf(() => 1);
const chunkTokens = 4;

interface Row {
  readonly release: number;
  readonly input: number;
  readonly output: number;
  readonly ids?: readonly number[];
}

function run(rows: readonly Row[], change: Partial<EngineSettings>, observer?: Trial["observer"]) {
  const builder = new RequestListBuilder({ chunkTokens });
  for (const row of rows) builder.add(row);
  const settings = { ...plainSettings, batching: "sglang", blockTokens: 4, ...change };
  return runReplica({ requests: builder.done(), settings, step, ...(observer === undefined ? {} : { observer }) });
}

/** Prompt tokens and generating requests of every iteration. */
function iterations(rows: readonly Row[], change: Partial<EngineSettings>) {
  const seen: [prompt: number, decodes: number][] = [];
  run(rows, change, (_, plans) => seen.push([plans[0]!.batch.prefillTokens, plans[0]!.batch.decodes]));
  return seen;
}

const alike = (length: number): number[] => Array.from({ length }, (_, at) => at);

describe("prompts first", () => {
  const rows = [
    { release: 0, input: 8, output: 6 },
    { release: 1.5, input: 20, output: 2 },
  ];

  it("computes chunks of a prompt while others wait for their tokens", () => {
    const seen = iterations(rows, { maxBatchedTokens: 8 });
    expect(seen.slice(0, 6)).toEqual([
      [8, 0],
      [0, 1],
      [8, 0],
      [8, 0],
      [4, 0],
      [0, 2],
    ]);
  });

  it("gives others a token beside every chunk where they are mixed", () => {
    const seen = iterations(rows, { maxBatchedTokens: 9, options: { mixedChunk: "on" } });
    expect(seen.slice(0, 5)).toEqual([
      [8, 0],
      [0, 1],
      [8, 1],
      [8, 1],
      [4, 1],
    ]);
  });

  it("takes a prompt whole, however long, where chunks are off", () => {
    const seen = iterations(rows, { maxBatchedTokens: 8, chunkedPrefill: "off" });
    expect(seen[2]).toEqual([20, 0]);
  });
});

describe("admission and retraction", () => {
  const batch = Array.from({ length: 8 }, (_, at) => ({ release: 2 * at, input: 8, output: 40 }));

  it("admits fewer where it expects more, and retracts fewer", () => {
    const retracted = [0, 0.5, 1.4].map((conservativeness) => {
      const { engines } = run(batch, { blocks: 40, options: { conservativeness } });
      return engines[0]!.ranks[0]!.preemptions;
    });
    expect(retracted[0]).toBeGreaterThan(0);
    expect(retracted[2]).toBe(0);
    for (const [at, count] of retracted.entries()) expect(count).toBeLessThanOrEqual(retracted[at - 1] ?? count);
  });

  it("retracts first who has generated least, and of those the longest prompt", () => {
    const rows = [
      { release: 0, input: 8, output: 60 },
      { release: 4, input: 16, output: 60 },
      { release: 4, input: 8, output: 60 },
    ];
    const { state } = run(rows, { blocks: 24, options: { conservativeness: 0 } });
    expect(state.preemptions[0]).toBe(0);
    expect(state.preemptions[1]).toBeGreaterThan(0);
  });

  it("counts what clients ask for, not what they get", () => {
    const together = [0, 60].map((outputLimit) => {
      let most = 0;
      const short = batch.map((row) => ({ ...row, output: 4 }));
      run(short, { blocks: 40, options: { outputLimit } }, (_, plans) => {
        most = Math.max(most, plans[0]!.count);
      });
      return most;
    });
    expect(together[1]).toBeLessThan(together[0]!);
  });
});

it("expects less with every iteration, also with those that nobody watched", () => {
  // After 400 iterations 400 tokens to come count 119, where they counted 280 at first: the second one fits beside them.
  const rows = [
    { release: 0, input: 16, output: 800 },
    { release: 400.5, input: 16, output: 100 },
  ];
  const change = { blockTokens: 16, blocks: 51 };
  const waits = [undefined, () => undefined].map((observer) => {
    const { state } = run(rows, change, observer);
    return state.scheduled[1]! - state.released[1]!;
  });
  expect(waits[0]).toBeLessThanOrEqual(1);
  expect(waits[1]).toBe(waits[0]);
});

describe("radix cache", () => {
  it("finds a prefix when the iteration that computed it has ended, not before", () => {
    const rows = [0, 0, 5].map((release) => ({ release, input: 40, output: 2, ids: alike(10) }));
    const { state } = run(rows, {});
    expect([...state.cached]).toEqual([0, 0, 36]);
  });

  it("holds a prefix once, though two computed it", () => {
    const rows = [0, 0].map((release) => ({ release, input: 40, output: 9, ids: alike(10) }));
    let least = Number.POSITIVE_INFINITY;
    run(rows, { blocks: 100 }, ({ ranks }) => {
      least = Math.min(least, ranks[0]!.pool.blocks - ranks[0]!.pool.freeCount);
    });
    // Twenty blocks while both compute, then ten and one for each.
    expect(least).toBeLessThanOrEqual(12);
  });

  it("evicts what was used longest ago, ends before beginnings", () => {
    const prompt = (family: number) => Array.from({ length: 10 }, (_, at) => 100 * family + at);
    const row = (release: number, family: number) => ({ release, input: 41, output: 1, ids: prompt(family) });
    // Twenty-five blocks hold two prompts of eleven; the third takes blocks from the end of the second.
    const { state } = run([row(0, 1), row(5, 2), row(10, 1), row(15, 3), row(20, 1), row(25, 2)], { blocks: 25 });
    expect(state.cached[2]).toBe(40);
    expect(state.cached[4]).toBe(40);
    expect(state.cached[5]).toBeLessThan(40);
  });

  it("serves the longest cached prefix first, and lets prompts that begin alike wait for one", () => {
    const own = { input: 40, output: 1 };
    const rows = [
      { release: 0, ...own, ids: alike(10) },
      { release: 0.5, ...own, ids: Array.from({ length: 10 }, (_, at) => 100 + at) },
      { release: 0.5, ...own, ids: Array.from({ length: 10 }, (_, at) => 100 + at) },
      { release: 0.5, ...own, ids: alike(10) },
    ];
    const order = (options: EngineSettings["options"] & object) => {
      const { state } = run(rows, { maxSequences: 1, options });
      return rows.map((_, row) => row).sort((a, b) => state.scheduled[a]! - state.scheduled[b]!);
    };
    expect(order({})).toEqual([0, 1, 2, 3]);
    expect(order({ queueOrder: "longest-prefix" })).toEqual([0, 3, 1, 2]);
    const beside = run(rows.slice(1, 3), { options: { queueOrder: "longest-prefix" } }).state;
    expect(beside.scheduled[1]).toBe(beside.scheduled[0]);
  });
});
