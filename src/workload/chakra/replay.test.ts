import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, handHex } from "../../../test/chakra-files.ts";
import { ProblemError } from "../../base/problem.ts";
import { type RankTrace, type Replay, replayOf, type Trace, type TraceNode, traceOf } from "./index.ts";
import { exchangesOf } from "./instances.ts";

type Step = Partial<TraceNode> & Pick<TraceNode, "kind">;

/** Steps of each rank, one after the other. */
function chained(ranks: number, groups: Trace["groups"], steps: (rank: number) => readonly Step[]): Trace {
  const recorded = Array.from({ length: ranks }, (_, rank): RankTrace => {
    const nodes = steps(rank).map((step, index): TraceNode => {
      return { id: BigInt(index), name: "", dependsOn: index === 0 ? [] : [BigInt(index - 1)], ...step };
    });
    return { rank, nodes };
  });
  return { ranks, recorded, groups };
}

const compute = (micros: number): Step => ({ kind: "compute", seconds: micros * 1e-6 });
const reduce = (bytes: number, group: string): Step => ({ kind: "collective", operation: "all-reduce", bytes, group });
const pairs = new Map([
  ["1", [0, 1]],
  ["2", [2, 3]],
]);
const groupOf = (rank: number): string => (rank < 2 ? "1" : "2");

describe("a replay", () => {
  it("computes as long as the slowest rank, then exchanges in all groups at once", () => {
    const trace = chained(4, pairs, (rank) => [compute(10 * (rank + 1)), reduce(100, groupOf(rank)), compute(5)]);
    expect(replayOf(trace)).toEqual({
      phases: [
        { compute: 40e-6, exchange: { operation: "all-reduce", size: 100, groups: { size: 2, stride: 1 } } },
        { compute: 5e-6 },
      ],
      rounds: 1,
      lost: [],
    } satisfies Replay);
  });

  it("writes what repeats once", () => {
    const steps = (rank: number) =>
      Array.from({ length: 6 }, (_, at) => [compute(7), reduce(at % 2 === 0 ? 8 : 9, groupOf(rank))]).flat();
    const { phases, rounds } = replayOf(chained(4, pairs, steps));
    expect([phases.length, rounds]).toEqual([2, 3]);
  });

  it("names ranks where groups are no regular cut of all", () => {
    const groups = new Map([["1", [0, 3]]]);
    const { phases } = replayOf(chained(4, groups, (rank) => (rank % 3 === 0 ? [reduce(8, "1")] : [compute(1)])));
    expect(phases[0]?.exchange?.groups).toEqual([[0, 3]]);
    const across = new Map([
      ["1", [0, 2]],
      ["2", [1, 3]],
    ]);
    const cut = replayOf(chained(4, across, (rank) => [reduce(8, rank % 2 === 0 ? "1" : "2")]));
    expect(cut.phases[0]?.exchange?.groups).toEqual({ size: 2, stride: 2 });
  });

  it("keeps the order that ranks force on each other", () => {
    // Ranks 0 and 1 reduce first; rank 1 then meets rank 2, which has waited.
    const groups = new Map([
      ["1", [0, 1]],
      ["2", [1, 2]],
    ]);
    const steps = (rank: number): Step[] =>
      rank === 0 ? [reduce(1, "1")] : rank === 1 ? [reduce(1, "1"), reduce(2, "2")] : [reduce(2, "2")];
    expect(replayOf(chained(3, groups, steps)).phases.map(({ exchange }) => exchange?.size)).toEqual([1, 2]);
  });

  it("lets two ranks send to each other before either receives", () => {
    const steps = (rank: number): Step[] => [
      { kind: "send", bytes: 4, peer: 1 - rank },
      { kind: "receive", bytes: 4, peer: 1 - rank },
      compute(3),
    ];
    const { phases } = replayOf(chained(2, new Map(), steps));
    expect(phases.map(({ exchange }) => exchange?.groups)).toEqual([
      [
        [0, 1],
        [1, 0],
      ],
      undefined,
    ]);
    expect(phases.at(-1)?.compute).toBe(3e-6);
  });

  it("sees computation beside an exchange once, on the longest way", () => {
    const nodes: TraceNode[] = [
      { id: 1n, name: "", kind: "compute", seconds: 10e-6, dependsOn: [] },
      { id: 2n, name: "", kind: "collective", operation: "all-reduce", bytes: 8, group: "1", dependsOn: [1n] },
      { id: 3n, name: "", kind: "compute", seconds: 20e-6, dependsOn: [1n] },
      { id: 4n, name: "", kind: "collective", operation: "all-reduce", bytes: 9, group: "1", dependsOn: [2n, 3n] },
    ];
    const recorded = [0, 1].map((rank) => ({ rank, nodes }));
    const { phases } = replayOf({ ranks: 2, recorded, groups: new Map([["1", [0, 1]]]) });
    expect(phases.map((phase) => phase.compute)).toEqual([10e-6, 20e-6]);
  });

  it("says what it leaves out, and what stands for another", () => {
    const other = (operation: TraceNode["operation"]): Step => ({
      kind: "collective",
      bytes: 8,
      group: "1",
      ...(operation && { operation }),
    });
    const { phases, lost } = replayOf(
      chained(2, new Map([["1", [0, 1]]]), () => [other("reduce"), other("gather"), other("barrier")]),
    );
    expect(phases).toHaveLength(1);
    expect(lost.map(({ what, count }) => [what, count])).toEqual([
      ["reduce", 1],
      ["gather", 1],
      ["barrier", 1],
    ]);
  });

  it("refuses ranks that wait for each other", () => {
    const groups = new Map([
      ["1", [0, 1]],
      ["2", [0, 1]],
    ]);
    const steps = (rank: number): Step[] =>
      rank === 0 ? [reduce(1, "1"), reduce(1, "2")] : [reduce(1, "2"), reduce(1, "1")];
    expect(() => replayOf(chained(2, groups, steps))).toThrow(ProblemError);
  });
});

/** Ranks 0 to 5 in groups of two and of three, whose collectives come in the same order everywhere. */
const rows = new Map([
  ["1", [0, 1]],
  ["2", [2, 3]],
  ["3", [4, 5]],
  ["4", [0, 2, 4]],
  ["5", [1, 3, 5]],
]);
const anyProgram = fc.array(
  fc.record({
    group: fc.constantFrom(...rows.keys()),
    bytes: fc.constantFrom(1, 2, 3),
    micros: fc.nat({ max: 9 }),
    link: fc.constantFrom("chained" as const, "free" as const),
  }),
  { maxLength: 40 },
);

describe("a broken file", () => {
  it("ends in problems or in phases, nothing else", () => {
    const whole = bytesOf(handHex);
    const change = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }));
    let sound = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          const inputs = [
            { name: "t.0.et", bytes },
            { name: "t.1.et", bytes: whole },
          ];
          for (const { compute: time } of replayOf(traceOf(inputs).trace).phases) expect(time).toBeLessThan(1e10);
          sound++;
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
      { numRuns: 500 },
    );
    // Both ends are met: changed names and times leave a trace.
    expect(sound).toBeGreaterThan(50);
  });
});

describe("waves", () => {
  it("have every exchange once, one kind each, after all that it depends on", () => {
    fc.assert(
      fc.property(anyProgram, (program) => {
        const recorded = [0, 1, 2, 3, 4, 5].map((rank): RankTrace => {
          const nodes: TraceNode[] = [];
          program.forEach(({ group, bytes, micros, link }, index) => {
            if (!rows.get(group)?.includes(rank)) return;
            const before = nodes.at(-1)?.id;
            const dependsOn = link === "free" || before === undefined ? [] : [before];
            const id = 2n * BigInt(index);
            nodes.push({ id, name: "", kind: "compute", seconds: micros * 1e-6, dependsOn });
            nodes.push({
              id: id + 1n,
              name: "",
              kind: "collective",
              operation: "all-reduce",
              bytes,
              group,
              dependsOn: [id],
            });
          });
          return { rank, nodes };
        });
        const { waves, computed } = exchangesOf({ ranks: 6, recorded, groups: rows });
        const place = new Map(waves.flatMap((wave, at) => wave.map(({ node }) => [node.id, at] as const)));
        expect(place.size).toBe(program.length);
        expect(waves.flat()).toHaveLength(program.length);
        for (const wave of waves) expect(new Set(wave.map(({ node }) => node.bytes)).size).toBe(1);
        for (const { nodes } of recorded) {
          for (const { id, kind, dependsOn } of nodes) {
            // A collective waits for its computation, which waits for the collective before it.
            if (kind === "compute" && dependsOn[0] !== undefined)
              expect(place.get(id + 1n)).toBeGreaterThan(place.get(dependsOn[0]) ?? -1);
          }
        }
        const longest = waves.flat().reduce((most, exchange) => Math.max(most, exchange.computed), 0);
        expect(computed).toBeCloseTo(longest, 12);
      }),
    );
  });

  it("leave what nothing waits for until all of its kind are there", () => {
    // The first pair ends early; what all pairs end with is one phase still.
    const three = new Map([...rows].slice(0, 3));
    const steps = (rank: number): Step[] => {
      const group = String(1 + Math.floor(rank / 2));
      return [...Array.from({ length: Number(group) }, () => reduce(1, group)), reduce(9, group)];
    };
    expect(replayOf(chained(6, three, steps)).phases.map(({ exchange }) => exchange?.size)).toEqual([1, 1, 1, 9]);
  });
});
