import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheCase, fleetCase, hostTier, plainStep, replicaCase } from "../../../test/serving-case.ts";
import { hasShared, sharedFile } from "../../../test/shared.ts";
import { type RequestList, RequestListBuilder, type RequestRow } from "../../workload/request/list.ts";
import { asRecorded, readRequests, requestFormats } from "../../workload/request/reader/index.ts";
import { prefixReuse } from "../../workload/request/reuse.ts";
import { phases } from "../request-state.ts";
import { runFleet } from "./fleet.ts";
import type { CacheSpec, FleetRun, FleetSpec, ReplicaSpec, TierSpec } from "./spec.ts";

function listOf(rows: readonly RequestRow[], chunkTokens = 16): RequestList {
  const builder = new RequestListBuilder({ chunkTokens });
  for (const row of rows) builder.add(row);
  return builder.done();
}

function chain(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** Nine blocks: a prompt of eight drives all but the first of an earlier one out. */
const small = replicaCase({ settings: { blocks: 9 } });

function run(
  rows: readonly RequestRow[],
  cache: CacheSpec,
  replicas: readonly ReplicaSpec[] = [small],
  more: Partial<FleetSpec> = {},
): FleetRun {
  return runFleet(fleetCase(listOf(rows), replicas, { cache, ...more }));
}

const first = { release: 0, input: 100, output: 1, ids: chain(0, 6) };
const other = { release: 3, input: 120, output: 1, ids: chain(100, 7) };
const again = { ...first, release: 6 };

/** Time to the first token. */
function wait({ state }: FleetRun, row: number): number {
  return state.firstToken[row]! - state.released[row]!;
}

describe("tiers below the accelerators' memory", () => {
  it("fetch what was evicted above, at the link's rate, and compute the rest", () => {
    const result = run([first, other, again], cacheCase([{ ...hostTier, latency: 0.002 }]));
    // One block is still above; 80 tokens at 1000 a second, then 4 tokens in one iteration.
    expect(wait(result, 2)).toBeCloseTo(0.002 + 0.08 + 0.01 + 0.004, 9);
    expect(result.state.fetching[2]).toBeCloseTo(0.082, 9);
    expect(result.state.cached[2]).toBe(96);
    expect(result.state.tierTokens[0]![2]).toBe(80);
    expect(result.transfers?.written).toEqual([13]);
    expect(wait(run([first, other, again], cacheCase([])), 2)).toBeCloseTo(0.01 + 0.084, 9);
  });

  it("have a block only when it is written", () => {
    // 96 bytes at 10 a second: there at about 9.7 s; then other prompts drive the first one out again.
    const slow = cacheCase([{ ...hostTier, write: 10 }]);
    const early = run([first, other, again], slow);
    expect(early.state.tierTokens[0]![2]).toBe(0);
    const late = run([first, { ...other, release: 8 }, { ...again, release: 30 }], slow);
    expect(late.state.tierTokens[0]![2]).toBe(80);
  });

  it("share a link between those that read at once", () => {
    const rows = [first, other, { ...first, release: 6 }, { ...first, release: 6, ids: [...chain(0, 5), 50] }];
    const roomy = replicaCase({ settings: { blocks: 14 } });
    const alone = run(
      [...rows.slice(0, 2), { ...other, release: 4, ids: chain(200, 7) }, rows[2]!],
      cacheCase([hostTier]),
      [roomy],
    );
    expect(alone.state.fetching[3]).toBeGreaterThan(0);
    const both = run(
      [...rows.slice(0, 2), { ...other, release: 4, ids: chain(200, 7) }, ...rows.slice(2)],
      cacheCase([hostTier]),
      [roomy],
    );
    expect(both.state.fetching[3]! + both.state.fetching[4]!).toBeGreaterThan(1.5 * alone.state.fetching[3]!);
  });

  it("are written when blocks are evicted, or when they are used again", () => {
    const back = run([first, other, again], cacheCase([{ ...hostTier, rule: { when: "back" } }]));
    // `other` evicts five of the first prompt, `again` takes five places: two of its own last time, five of `other`.
    expect(back.state.tierTokens[0]![2]).toBe(80);
    const selective: TierSpec = { ...hostTier, rule: { when: "selective", uses: 2 } };
    const once = run([first, other, again], cacheCase([selective]));
    expect(once.state.tierTokens[0]![2]).toBe(0);
    const twice = run([first, { ...first, release: 1 }, other, again], cacheCase([selective]));
    expect(twice.state.tierTokens[0]![3]).toBe(80);
  });

  it("are left alone where computing is quicker", () => {
    // Computing 84 tokens takes 0.094 s, 4 tokens 0.014 s: a fetch of 80 tokens must take less than 0.08 s.
    const at = (read: number): FleetRun =>
      run([first, other, again], cacheCase([{ ...hostTier, read }], { fetch: "cheaper" }));
    expect(at(1010).state.tierTokens[0]![2]).toBe(80);
    expect(wait(at(990), 2)).toBeCloseTo(0.094, 9);
    expect(at(990).state.tierTokens[0]![2]).toBe(0);
  });

  it("pass blocks down, and up again in stages", () => {
    // The host's memory holds six blocks; what it loses goes to the drive.
    const tiers: readonly TierSpec[] = [
      { ...hostTier, size: 16 * 7 },
      { ...hostTier, medium: "nvme", rule: { when: "back" }, read: 500, staging: "above" },
    ];
    const result = run([first, other, again], cacheCase(tiers));
    expect(result.state.tierTokens[0]![2]).toBe(0);
    expect(result.state.tierTokens[1]![2]).toBe(80);
    expect(result.state.fetching[2]).toBeCloseTo(80 / 500 + 80 / 1000, 9);
    const direct = run([first, other, again], cacheCase([tiers[0]!, { ...tiers[1]!, staging: "direct" }]));
    expect(direct.state.fetching[2]).toBeCloseTo(80 / 500, 9);
  });

  it("are shared by replicas where they are remote, over the ports of each", () => {
    const remote: TierSpec = { ...hostTier, medium: "remote", scope: "fleet" };
    const rows = [first, again];
    const port = replicaCase({ port: 500 });
    const shared = run(rows, cacheCase([remote]), [port, port]);
    expect(shared.state.replica[1]).toBe(1);
    expect(shared.state.fetching[1]).toBeCloseTo(96 / 500, 9);
    const own = run(rows, cacheCase([hostTier]), [port, port]);
    expect(own.state.fetching[1]).toBe(0);
    const unlike = replicaCase({ bytesPerToken: 2 });
    expect(() => run(rows, cacheCase([remote]), [port, unlike])).toThrow("blocks of unlike size");
  });

  it("can be another replica's memory", () => {
    const one = replicaCase({});
    const peers = run([first, again], cacheCase([], { peers: "on", peerLatency: 0.003 }), [one, one]);
    expect(peers.state.tierTokens[0]![1]).toBe(96);
    expect(peers.state.fetching[1]).toBeCloseTo(0.003 + 0.096, 9);
    expect(peers.transfers?.origins).toEqual(["peers"]);
  });

  it("lose what an engine kept in its host's memory when it is lost", () => {
    const failures = { kind: "listed", list: [{ replica: 0, at: 4, downFor: 1 }] } as const;
    const result = run([first, other, again], cacheCase([hostTier]), [small], { failures });
    expect(result.state.cached[2]).toBe(0);
    const drive: TierSpec = { ...hostTier, medium: "nvme" };
    expect(run([first, other, again], cacheCase([drive]), [small], { failures }).state.cached[2]).toBe(96);
  });
});

describe("pins over a tool's wait", () => {
  const turn = { ...first, session: 0 };
  const next = { ...again, session: 0 };

  it("keep a session's blocks from being evicted until their time is over", () => {
    const roomy = replicaCase({ settings: { blocks: 16 } });
    const rows = [turn, other, { ...other, release: 4, ids: chain(200, 7) }, next];
    expect(run(rows, cacheCase([], { pin: 10 }), [roomy]).state.cached[3]).toBe(96);
    expect(run(rows, cacheCase([], { pin: 2 }), [roomy]).state.cached[3]).toBeLessThan(96);
    expect(run(rows, cacheCase([]), [roomy]).state.cached[3]).toBeLessThan(96);
  });

  it("give way before anybody waits", () => {
    const result = run([turn, other, next], cacheCase([], { pin: 1000 }));
    expect(wait(result, 1)).toBeCloseTo(0.13, 9);
    expect(result.state.phase[2]).toBe(phases.done);
  });
});

const randomRows = fc.array(
  fc.record({
    release: fc.integer({ min: 0, max: 3000 }).map((milliseconds) => milliseconds / 1000),
    input: fc.integer({ min: 1, max: 300 }),
    output: fc.integer({ min: 1, max: 20 }),
    group: fc.integer({ min: 0, max: 4 }),
    session: fc.integer({ min: -1, max: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
);
const randomTier = fc.record({
  size: fc.integer({ min: 16, max: 16 * 60 }),
  read: fc.constantFrom(100, 1000, 20000),
  write: fc.constantFrom(200, 5000, Number.POSITIVE_INFINITY),
  latency: fc.constantFrom(0, 0.003),
  rule: fc.constantFrom<TierSpec["rule"]>({ when: "through" }, { when: "back" }, { when: "selective", uses: 2 }),
  eviction: fc.constantFrom<TierSpec["eviction"]>({ order: "lru" }, { order: "fifo" }, { order: "ttl", timeToLive: 1 }),
  staging: fc.constantFrom<TierSpec["staging"]>("above", "direct"),
});

describe("under random loads", () => {
  it("all requests end, books balance, and what was fetched was found", () => {
    fc.assert(
      fc.property(
        randomRows,
        randomTier,
        randomTier,
        randomTier,
        fc.record({
          fetch: fc.constantFrom("always" as const, "cheaper" as const),
          pin: fc.constantFrom(0, 0.5),
          peers: fc.constantFrom("on" as const, "off" as const),
          hostOverlap: fc.constantFrom("on" as const, "off" as const),
          blocks: fc.integer({ min: 21, max: 60 }),
          batching: fc.constantFrom("vllm", "sglang"),
          dataParallel: fc.constantFrom(1, 2),
        }),
        (rows, host, drive, remote, { hostOverlap, blocks, batching, dataParallel, ...cache }) => {
          const ids = (group: number, input: number): number[] => chain(20 * group, Math.floor(input / 16));
          const sorted = rows
            .sort((a, b) => a.release - b.release)
            .map(({ group, ...row }) => ({ ...row, ids: ids(group, row.input) }));
          const tiers: readonly TierSpec[] = [
            { medium: "host-memory", scope: "replica", ...host },
            { medium: "nvme", scope: "replica", ...drive },
            { medium: "remote", scope: "fleet", ...remote },
          ];
          const replica = replicaCase({ settings: { blocks, hostOverlap, batching, dataParallel } });
          const { state } = run(sorted, { tiers, peerLatency: 0, ...cache }, [replica, replica]);
          for (let row = 0; row < sorted.length; row++) {
            expect(state.phase[row]).toBe(phases.done);
            expect(state.made[row]).toBe(state.goal[row]);
            expect(state.cached[row]).toBeLessThan(state.list.input[row]!);
            const fetched = state.tierTokens.reduce((sum, tokens) => sum + tokens[row]!, 0);
            expect(fetched).toBeLessThanOrEqual(state.cached[row]!);
            expect(state.fetching[row]!).toBeLessThanOrEqual(state.scheduled[row]! - state.queued[row]! + 1e-9);
            if (fetched === 0 && state.preemptions[row] === 0) expect(state.fetching[row]).toBe(0);
          }
        },
      ),
      { numRuns: 150, endOnFailure: true },
    );
  });

  it("a quicker tier never delays the mean first token, where requests do not meet", () => {
    fc.assert(
      fc.property(
        randomRows,
        fc.integer({ min: 50, max: 3000 }),
        fc.integer({ min: 1, max: 60 }),
        (rows, read, size) => {
          const apart = rows.map(({ group, ...row }, index) => ({
            ...row,
            release: 100 * index,
            ids: chain(20 * group, Math.floor(row.input / 16)),
          }));
          const mean = (rate: number): number => {
            const tier = { ...hostTier, read: rate, size: 16 * size };
            const result = run(apart, cacheCase([tier]), [replicaCase({ settings: { blocks: 25 } })]);
            return apart.reduce((sum, _, row) => sum + wait(result, row), 0) / apart.length;
          };
          expect(mean(2 * read)).toBeLessThanOrEqual(mean(read) + 1e-9);
        },
      ),
    );
  });
});

describe.runIf(hasShared())("the Mooncake traces with memory of the host", () => {
  const quick = plainStep({ constant: 1e-6, prompt: 0 });

  function traced(name: string): RequestList {
    const bytes = readFileSync(sharedFile(`data/inference/mooncake/${name}_trace.jsonl.gz`));
    const { list } = readRequests(
      requestFormats.get("mooncake"),
      [{ name, text: gunzipSync(bytes).toString() }],
      asRecorded,
    );
    return { ...list, output: list.output.map(() => 1) };
  }

  /** Whole blocks that an unlimited cache holds, never the one with a prompt's last token. */
  function unlimited(list: RequestList): number {
    const seen = new Set<number>();
    let found = 0;
    for (let row = 0; row < list.count; row++) {
      const input = list.input[row]!;
      const ids = list.ids.subarray(list.idStart[row]!, list.idStart[row]! + Math.floor(input / 512));
      const most = Math.floor((input - 1) / 512);
      let hit = 0;
      while (hit < most && seen.has(ids[hit]!)) hit += 1;
      found += hit;
      for (const id of ids) seen.add(id);
    }
    return found;
  }

  function blocksFound(list: RequestList, blocks: number): number {
    const replica = replicaCase({
      settings: { blocks: 400, blockTokens: 512, maxSequences: 1, maxBatchedTokens: 1 << 20 },
      step: quick,
    });
    const tier: TierSpec = { ...hostTier, size: 512 * blocks, read: Number.POSITIVE_INFINITY };
    const { engines } = runFleet(fleetCase(list, [replica], { cache: cacheCase([tier]) }));
    return engines[0]!.ranks[0]!.promptTokensCached / 512;
  }

  for (const name of ["conversation", "synthetic"]) {
    it(`${name}: more of it finds more, near the LRU curve, up to all that there is`, () => {
      const list = traced(name);
      const sizes = [1000, 10000, 50000, 200000];
      const found = sizes.map((blocks) => blocksFound(list, blocks));
      for (let index = 1; index < found.length; index++) expect(found[index]).toBeGreaterThanOrEqual(found[index - 1]!);
      expect(found.at(-1)).toBe(unlimited(list));
      // The curve counts a prompt's last, unfilled block too, and keeps ends of prompts longer than their beginnings.
      sizes.forEach((blocks, index) => {
        const { share, chunks } = prefixReuse(list, blocks);
        expect(Math.abs(found[index]! / chunks - share)).toBeLessThan(0.015);
      });
    });
  }
});
