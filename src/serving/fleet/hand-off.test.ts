import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fleetCase, plainHandOff, plainStep, replicaCase } from "../../../test/serving-case.ts";
import { type RequestList, RequestListBuilder } from "../../workload/request/list.ts";
import { meanRequest, requestTerm } from "../answer/breakdown.ts";
import { answeredRows } from "../answer/latency.ts";
import { phases, type RequestState } from "../request-state.ts";
import { runFleet } from "./fleet.ts";
import type { FleetSpec, HandOffSpec } from "./spec.ts";

interface Case {
  readonly release: number;
  readonly input: number;
  readonly output: number;
  readonly ids?: readonly number[];
}

function listOf(rows: readonly Case[]): RequestList {
  const builder = new RequestListBuilder({ chunkTokens: 16 });
  for (const row of rows) builder.add(row);
  return builder.done();
}

const prefill = replicaCase({ role: "prefill" });
const decode = replicaCase({ role: "decode", step: plainStep({ constant: 0.02 }) });

function run(rows: readonly Case[], handOff: Partial<HandOffSpec> = {}, more: Partial<FleetSpec> = {}): RequestState {
  return runFleet(fleetCase(listOf(rows), [prefill, decode], { handOff: { ...plainHandOff, ...handOff }, ...more }))
    .state;
}

/** Parts of a handed-over request's time, one after another. */
function parts(state: RequestState, row: number): readonly number[] {
  const stamps = [
    state.released[row]!,
    state.queued[row]!,
    state.scheduled[row]!,
    state.prefilled[row]!,
    state.decodeQueued[row]!,
    state.transferStart[row]!,
    state.transferEnd[row]!,
    state.resumed[row]!,
    state.ended[row]!,
  ];
  return stamps.slice(1).map((stamp, index) => stamp - stamps[index]!);
}

describe("hand-off from prefill to decode", () => {
  // 100 tokens: 0.01 + 100 x 0.001 = 0.11 s of prefill; 100 bytes at 1000 B/s = 0.1 s; three iterations of 0.02 s.
  const alone = [{ release: 1, input: 100, output: 4 }];

  it("adds latency and bytes over the ports between prompt and decoding, and gives the first token before", () => {
    const state = run(alone, { latency: 0.005, dispatch: 0.001 });
    expect(state.firstToken[0]).toBeCloseTo(1.11, 12);
    expect(state.prefilled[0]).toBeCloseTo(1.11, 12);
    expect(state.transferStart[0]).toBeCloseTo(1.111, 12);
    expect(state.transferEnd[0]).toBeCloseTo(1.216, 12);
    expect(state.ended[0]).toBeCloseTo(1.216 + 3 * 0.02, 12);
    expect(state.prefillReplica[0]).toBe(0);
    expect(state.replica[0]).toBe(1);
    expect(state.decodeAlone[0]).toBeCloseTo(0.06, 12);
    expect(state.prefillAlone[0]).toBeCloseTo(0.11, 12);
  });

  it("lets the decode replica make the first token from all but the prompt's last", () => {
    const state = run(alone, { firstToken: "decode" });
    // 99 tokens move; the first iteration of the decode replica computes one prompt token, three more generate.
    expect(state.transferEnd[0]).toBeCloseTo(1.11 + 0.099, 12);
    expect(state.firstToken[0]).toBeCloseTo(1.209 + 0.021, 12);
    expect(state.ended[0]).toBeCloseTo(1.23 + 3 * 0.02, 12);
    expect(state.made[0]).toBe(104);
  });

  it("moves only what the decode replica does not hold", () => {
    const ids = [1, 2, 3, 4, 5, 6];
    const rows = [
      { release: 0, input: 96, output: 2, ids },
      { release: 5, input: 112, output: 2, ids },
    ];
    const state = run(rows);
    expect(parts(state, 0)[5]).toBeCloseTo(0.096, 9);
    expect(parts(state, 1)[5]).toBeCloseTo(0.016, 9);
    // The prompt was found in the prefill replica's own cache and counts once.
    expect(state.cached[1]).toBe(96);
  });

  it("moves all but the last layer while the prompt is computed", () => {
    // 0.1 s of links under 0.11 s of prompt: one of ten layers is left.
    const state = run(alone, { overlap: "layers", layers: 10 });
    expect(parts(state, 0)[5]).toBeCloseTo(0.01, 9);
    // At a quarter of the rate 0.36 s of layers have begun 0.11 s before; then the last one.
    const slow = replicaCase({ role: "decode", port: 250 });
    const late = run(alone, { overlap: "layers", layers: 10 }, { replicas: [prefill, slow] });
    expect(parts(late, 0)[5]).toBeCloseTo(0.36 - 0.11 + 0.04, 9);
  });

  it("shares the ports of a replica fairly", () => {
    // Two prompts end together (one iteration of 0.21 s); each moves at half the rate.
    const rows = [
      { release: 0, input: 100, output: 3 },
      { release: 0, input: 100, output: 3 },
    ];
    const state = run(rows);
    expect(state.prefilled[1]).toBeCloseTo(0.21, 12);
    expect(parts(state, 0)[5]).toBeCloseTo(0.2, 9);
    expect(parts(state, 1)[5]).toBeCloseTo(0.2, 9);
  });

  it("holds a full decode pool's requests at the prefill replica, whose own room shrinks", () => {
    // Decode has room for one request, prefill for two prompts of 12 blocks.
    const tight = {
      replicas: [
        replicaCase({ role: "prefill", settings: { blocks: 24, prefixCaching: "off" } }),
        replicaCase({ role: "decode", settings: { blocks: 18 }, step: plainStep({ constant: 0.02 }) }),
      ],
    };
    const rows = Array.from({ length: 4 }, () => ({ release: 0, input: 180, output: 100 }));
    const state = run(rows, {}, tight);
    for (let row = 1; row < 4; row++)
      expect(state.transferStart[row]!).toBeGreaterThanOrEqual(state.ended[row - 1]! - 1e-9);
    // The third prompt starts only when the first one's blocks have left the prefill replica.
    expect(state.scheduled[2]!).toBeGreaterThanOrEqual(state.transferEnd[0]!);
    expect(state.scheduled[3]!).toBeGreaterThanOrEqual(state.transferEnd[1]!);
  });

  it("keeps short uncached prompts at the decode replica", () => {
    const rows = [
      { release: 0, input: 64, output: 3 },
      { release: 5, input: 65, output: 3 },
    ];
    const state = run(rows, { threshold: 65 });
    expect(state.prefillReplica[0]).toBe(-1);
    expect(state.firstToken[0]).toBeCloseTo(0.02 + 0.064, 12);
    expect(state.prefillReplica[1]).toBe(0);
  });

  it("counts a cached prefix when it decides", () => {
    const ids = Array.from({ length: 8 }, (_, index) => index);
    const rows = [
      { release: 0, input: 128, output: 3, ids },
      { release: 5, input: 140, output: 3, ids },
    ];
    const state = run(rows, { threshold: 100 });
    expect(state.prefillReplica[0]).toBe(0);
    expect(state.prefillReplica[1]).toBe(-1);
    expect(state.cached[1]).toBe(128);
  });

  it("ends a request of one token at the prefill replica", () => {
    const state = run([{ release: 0, input: 100, output: 1 }]);
    expect(state.ended[0]).toBeCloseTo(0.11, 12);
    expect(state.prefilled[0]).toBeNaN();
  });

  it("computes a prompt at the decode replica where its blocks are lost on the way", () => {
    const failures = { kind: "listed", list: [{ replica: 0, at: 1.15, downFor: 100 }] } as const;
    const state = run(alone, {}, { failures });
    expect(state.phase[0]).toBe(phases.done);
    expect(state.transferEnd[0]).toBeNaN();
    // Lost at 1.15 while 60 bytes are left; then all 101 known tokens, and two more.
    expect(state.ended[0]).toBeCloseTo(1.15 + 0.02 + 0.101 + 2 * 0.02, 9);
  });

  it("refuses half a pair of pools", () => {
    expect(() => run(alone, {}, { replicas: [prefill] })).toThrow("expected both, or prefill and decode");
    expect(() => runFleet(fleetCase(listOf(alone), [prefill, decode]))).toThrow("need a hand-off");
  });
});

const randomRows = fc.array(
  fc.record({
    release: fc.integer({ min: 0, max: 2000 }).map((milliseconds) => milliseconds / 1000),
    input: fc.integer({ min: 1, max: 400 }),
    output: fc.integer({ min: 1, max: 30 }),
    ids: fc.integer({ min: 0, max: 20 }).map((count) => Array.from({ length: count }, (_, index) => index)),
  }),
  { minLength: 1, maxLength: 25 },
);

describe("under random loads", () => {
  it("gives every request all its tokens, and its parts add up to its time", () => {
    fc.assert(
      fc.property(
        randomRows,
        fc.record({
          firstToken: fc.constantFrom("prefill", "decode"),
          overlap: fc.constantFrom("none", "layers"),
          threshold: fc.constantFrom(0, 100),
          latency: fc.constantFrom(0, 0.004),
        }),
        fc.constantFrom("on" as const, "off" as const),
        fc.integer({ min: 27, max: 60 }),
        (rows, handOff, hostOverlap, blocks) => {
          const sorted = rows.sort((a, b) => a.release - b.release);
          const host = { ingress: 0.003, ingressPerToken: 1e-5, egress: 0.001 };
          const replicas = [
            replicaCase({ role: "prefill", settings: { blocks, hostOverlap }, host }),
            replicaCase({ role: "prefill", settings: { blocks, hostOverlap }, host }),
            replicaCase({ role: "decode", settings: { blocks, hostOverlap }, host }),
          ];
          const state = run(sorted, { ...handOff, layers: 4, dispatch: 0.002 }, { replicas });
          const mean = meanRequest(
            state,
            answeredRows(state),
            replicas.map(({ host: times }) => times),
          );
          const time = state.ended.reduce((sum, end, row) => sum + end - state.released[row]!, 0) / sorted.length;
          expect(requestTerm(mean, "vllm-scheduler").value).toBeCloseTo(time, 9);
          for (const value of Object.values(mean)) expect(value).toBeGreaterThanOrEqual(-1e-9);
          for (let row = 0; row < sorted.length; row++) {
            expect(state.phase[row]).toBe(phases.done);
            expect(state.made[row]).toBe(state.goal[row]);
            expect(state.firstToken[row]!).toBeLessThanOrEqual(state.ended[row]!);
            if (Number.isNaN(state.transferEnd[row]!)) continue;
            const each = parts(state, row);
            // Asynchronous scheduling plans work before the iteration begins, so `resumed` alone may come early.
            for (const part of each) expect(part).toBeGreaterThanOrEqual(-1e-12);
            const total = state.ended[row]! - state.released[row]!;
            expect(each.reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 9);
            // Nothing is counted twice: what it computed and generated alone fits into its iterations.
            const decoding = state.ended[row]! - state.resumed[row]!;
            expect(state.decodeAlone[row]! + state.interference[row]!).toBeLessThanOrEqual(decoding + 1e-9);
            expect(state.prefillAlone[row]!).toBeLessThanOrEqual(state.prefilled[row]! - state.scheduled[row]! + 1e-9);
            if (handOff.firstToken === "prefill") {
              expect(state.firstToken[row]!).toBeCloseTo(state.prefilled[row]! + host.egress, 12);
            }
          }
        },
      ),
      { numRuns: 150, endOnFailure: true },
    );
  });

  it("never comes later with faster ports, where requests do not meet", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 100, max: 5000 }), (input, port) => {
        const at = (rate: number): number => {
          const replicas = [prefill, replicaCase({ role: "decode", port: rate })];
          return run([{ release: 0, input, output: 5 }], {}, { replicas }).ended[0]!;
        };
        expect(at(2 * port)).toBeLessThanOrEqual(at(port));
      }),
    );
  });
});
