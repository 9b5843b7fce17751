import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, handHex, referenceHex } from "../../../test/chakra-files.ts";
import { ProblemError } from "../../base/problem.ts";
import { dimensionGroup } from "./groups.ts";
import {
  type ChakraOptions,
  chakraFiles,
  groupsOfJson,
  type RankTrace,
  type Trace,
  type TraceNode,
  traceOf,
  traceSummary,
} from "./index.ts";
import { runOrder } from "./order.ts";
import { type ChakraNode, nodeTypes } from "./schema.ts";
import { writeChakra } from "./write.ts";

const raw = (id: number, type: (typeof nodeTypes)[number], more: Partial<ChakraNode> = {}): ChakraNode => ({
  ...{ id: BigInt(id), name: `n${id}`, type: nodeTypes.indexOf(type), controlDependencies: [], dataDependencies: [] },
  ...{ startMicros: 0n, durationMicros: 0n, attributes: [] },
  ...more,
});

const number = (name: string, value: number) => ({ name, content: { type: "int64" as const, value: BigInt(value) } });
const word = (name: string, value: string) => ({ name, content: { type: "string" as const, value } });

/** A collective as ASTRA-sim's examples write it. */
const collective = (id: number, type: number, size: number, more: Partial<ChakraNode> = {}): ChakraNode =>
  raw(id, "COMM_COLL_NODE", {
    ...more,
    attributes: [number("comm_type", type), number("comm_size", size), ...(more.attributes ?? [])],
  });

const file = (nodes: readonly ChakraNode[]): Uint8Array => writeChakra({ version: "0.0.4", attributes: [], nodes });

/** The same nodes on so many ranks. */
const everywhere = (ranks: number, nodes: readonly ChakraNode[] | ((rank: number) => readonly ChakraNode[])) =>
  Array.from({ length: ranks }, (_, rank) => ({
    name: `t.${rank}.et`,
    bytes: file(typeof nodes === "function" ? nodes(rank) : nodes),
  }));

function problemsOf(inputs: Parameters<typeof traceOf>[0], options: ChakraOptions = {}): readonly string[] {
  try {
    traceOf(inputs, options);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("a trace", () => {
  it("of all ranks without groups is of all ranks together", () => {
    const { trace, version, assumptions } = traceOf(everywhere(4, [collective(0, 0, 1 << 20)]));
    expect(version).toBe("0.0.4");
    expect(trace.groups.get("0")).toEqual([0, 1, 2, 3]);
    expect(assumptions[0]?.reason).toContain("all ranks");
    expect(traceSummary(trace).exchanges).toEqual([
      { operation: "all-reduce", size: 1 << 20, groupSize: 4, groups: 1, count: 1, totalBytes: 1 << 20 },
    ]);
  });

  it("counts the whole buffer of an all-gather, and that of a rank of the others", () => {
    const nodes = [collective(0, 2, 1000), collective(1, 7, 1000), collective(2, 6, 1000)];
    const sizes = traceOf(everywhere(8, nodes)).trace.recorded[0]?.nodes.map(({ bytes }) => bytes);
    expect(sizes).toEqual([8000, 1000, 1000]);
  });

  it("takes groups from PyTorch's list, with all ranks where it lists none", () => {
    const values = JSON.stringify([
      { pg_name: "0", pg_desc: "default_pg", ranks: [] },
      { pg_name: "1", pg_desc: "tensor", ranks: [0, 2] },
      { pg_name: "2", ranks: [1, 3] },
    ]);
    for (const text of [`[[${values}]]`, `['${values}']`, JSON.stringify([values])]) {
      const list = raw(9, "METADATA_NODE", {
        name: "## process_group:init ##",
        inputs: { values: text, shapes: "", types: "" },
      });
      const { trace } = traceOf(
        everywhere(4, (rank) => [
          list,
          collective(1, 0, 8, { attributes: [word("pg_name", rank % 2 === 0 ? "1" : "2")] }),
          collective(2, 0, 16),
        ]),
      );
      expect([...trace.groups]).toEqual([
        ["1", [0, 2]],
        ["2", [1, 3]],
        ["0", [0, 1, 2, 3]],
      ]);
      // The list itself is no node of the run.
      expect(trace.recorded[0]?.nodes).toHaveLength(2);
    }
  });

  it("takes a group that nothing lists to be the ranks that name it, or what stands beside the trace", () => {
    const inputs = everywhere(4, (rank) => [
      collective(1, 0, 8, { attributes: [word("pg_name", rank < 2 ? "7" : "8")] }),
    ]);
    expect([...traceOf(inputs).trace.groups]).toEqual([
      ["7", [0, 1]],
      ["8", [2, 3]],
    ]);
    const groups = groupsOfJson('{"7": [0, 1], "8": [2, 3]}');
    expect(traceOf(inputs, { groups: groups ?? new Map() }).assumptions).toEqual([]);
    expect(groupsOfJson("[1]")).toBeUndefined();
    expect(groupsOfJson('{"7": "all"}')).toBeUndefined();
  });

  it("keeps groups of one name apart where ranks mean others by it", () => {
    const list = (ranks: readonly number[]) =>
      raw(9, "METADATA_NODE", {
        name: "## process_group:init ##",
        inputs: { values: `[[${JSON.stringify([{ pg_name: "1", ranks }])}]]`, shapes: "", types: "" },
      });
    const { trace } = traceOf(
      everywhere(4, (rank) => [
        list(rank < 2 ? [0, 1] : [2, 3]),
        collective(1, 0, 8, { attributes: [word("pg_name", "1")] }),
      ]),
    );
    expect([...trace.groups.values()]).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("with involved_dim is of the ranks that differ in those dimensions", () => {
    const flags = (...value: boolean[]) => ({ name: "involved_dim", content: { type: "bool" as const, value } });
    const inner = everywhere(8, [collective(1, 0, 8, { attributes: [flags(true, false)] })]);
    expect(problemsOf(inner)[0]).toContain("leaves dimensions out");
    expect(problemsOf(inner, { dimensions: [4, 4] })).toEqual(["dimensions: 4x4 are 16 ranks, the trace is of 8"]);
    const { trace } = traceOf(inner, { dimensions: [4, 2] });
    expect([...trace.groups.values()]).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(dimensionGroup(5, [4, 2], [false, true])).toEqual([1, 5]);
    const all = everywhere(8, [collective(1, 0, 8, { attributes: [flags(true, true, true, true)] })]);
    expect(traceOf(all).trace.groups.get("0")).toHaveLength(8);
  });

  it("passes on dependencies of nodes that have no meaning here, and names their types", () => {
    const nodes = [raw(1, "STORAGE_NODE"), raw(2, "INVALID_NODE"), { ...raw(3, "COMP_NODE"), type: 77 }];
    expect(traceOf(everywhere(1, nodes)).passed).toEqual([
      { type: "STORAGE_NODE", count: 1 },
      { type: "INVALID_NODE", count: 1 },
      { type: "type 77", count: 1 },
    ]);
  });
});

describe("a transfer without a peer, as PyTorch's converter writes it", () => {
  const transfer = (rank: number, group: string) =>
    raw(1, rank % 2 === 0 ? "COMM_SEND_NODE" : "COMM_RECV_NODE", {
      attributes: [number("comm_size", 8), word("pg_name", group)],
    });

  it("goes to the other one of a group of two", () => {
    const groups = new Map([["1", [0, 1]]]);
    const { trace, passed } = traceOf(
      everywhere(2, (rank) => [transfer(rank, "1")]),
      { groups },
    );
    expect(trace.recorded.map(({ nodes }) => nodes[0]?.peer)).toEqual([1, 0]);
    expect(passed).toEqual([]);
  });

  it("is passed over, and counted, in a larger one", () => {
    const groups = new Map([["1", [0, 1, 2, 3]]]);
    const { passed } = traceOf(
      everywhere(4, (rank) => [transfer(rank, "1")]),
      { groups },
    );
    expect(passed).toEqual([
      { type: "COMM_SEND_NODE without a peer", count: 2 },
      { type: "COMM_RECV_NODE without a peer", count: 2 },
    ]);
  });
});

describe("a trace that cannot have happened", () => {
  it("has nodes that wait for themselves, for nothing, or twice the same id", () => {
    const loop = [
      raw(1, "COMP_NODE", { dataDependencies: [3n] }),
      raw(2, "COMP_NODE", { dataDependencies: [1n] }),
      raw(3, "COMP_NODE", { controlDependencies: [2n] }),
    ];
    expect(problemsOf(everywhere(1, loop))).toEqual(['t.0.et: node 1 "n1" waits for itself, by way of node 3, node 2']);
    const self = [raw(5, "COMP_NODE", { dataDependencies: [5n] })];
    expect(problemsOf(everywhere(1, self))[0]).toContain("waits for itself, by way of nothing else");
    const lost = [raw(1, "COMP_NODE", { dataDependencies: [99n] }), raw(1, "COMP_NODE")];
    expect(problemsOf(everywhere(1, lost))).toEqual([
      't.0.et: node 1 "n1" has the id of another node',
      't.0.et: node 1 "n1" depends on node 99, which is not there',
    ]);
  });

  it("names ranks that are not there", () => {
    const inputs = everywhere(2, [collective(1, 0, 8, { attributes: [word("pg_name", "1")] })]);
    expect(problemsOf(inputs, { groups: new Map([["1", [0, 1, 5]]]) })).toEqual([
      'group "1": it names rank 5, of 2 ranks',
    ]);
    expect(problemsOf(inputs, { groups: new Map([["1", [0, 1, 5]]]), ranks: 8 })).toEqual([]);
    expect(problemsOf(inputs, { groups: new Map([["1", [0]]]) })[0]).toContain(
      'runs in group "1", which does not name this rank',
    );
    expect(problemsOf(inputs.slice(1))).toEqual(["files: found 1 of 2 ranks, none of rank 0"]);
    expect(
      problemsOf([
        { name: "a.et", bytes: inputs[0]!.bytes },
        { name: "b.et", bytes: inputs[0]!.bytes },
      ])[0],
    ).toContain("says no rank");
    expect(problemsOf([inputs[0]!, inputs[0]!])[0]).toContain("as is t.0.et");
    expect(problemsOf([])[0]).toContain("found none");
  });

  it("runs other collectives on other ranks", () => {
    const other = everywhere(2, (rank) => [collective(1, 0, 8), collective(2, rank === 0 ? 0 : 6, 8)]);
    expect(problemsOf(other)).toEqual([
      'group "0": rank 1 runs all-to-all as collective 2 (node 2), rank 0 all-reduce (node 2)',
    ]);
    const fewer = everywhere(2, (rank) => [collective(1, 0, 8), ...(rank === 0 ? [collective(2, 0, 8)] : [])]);
    expect(problemsOf(fewer)[0]).toContain("the job would wait for ever");
  });

  it("sends what nobody receives", () => {
    const sends = (rank: number) =>
      rank === 0
        ? [raw(1, "COMM_SEND_NODE", { attributes: [number("comm_size", 8), number("comm_dst", 1)] })]
        : [raw(1, "COMP_NODE")];
    expect(problemsOf(everywhere(2, sends))[0]).toContain("1 sends that nobody receives");
    const nowhere = [raw(1, "COMM_SEND_NODE", { attributes: [number("comm_size", 8), number("comm_dst", 9)] })];
    expect(problemsOf(everywhere(1, nowhere))[0]).toContain("sends to rank 9, of 1 ranks");
  });

  it("lacks what a node needs, or has it in another type", () => {
    const problems = problemsOf(
      everywhere(1, [
        raw(1, "COMM_COLL_NODE"),
        collective(2, 12, 8),
        raw(3, "COMM_RECV_NODE"),
        raw(4, "COMM_COLL_NODE", { attributes: [word("comm_type", "0"), number("comm_size", -8)] }),
      ]),
    );
    expect(problems.map((each) => each.replace("t.0.et: ", ""))).toEqual([
      'node 1 "n1": it is a collective without comm_type',
      'node 1 "n1": it is a collective without comm_size',
      'node 2 "n2": comm_type 12 is no operation, expected 0 to 9',
      'node 3 "n3": it is a receive without comm_size',
      'node 4 "n4": comm_type is a string, expected a number',
      'node 4 "n4": it is a collective without comm_type',
      'node 4 "n4": comm_size is -8, expected a whole number of 0 or more',
      'node 4 "n4": it is a collective without comm_size',
    ]);
  });

  it("is cut or broken: files and bytes are named, and no other error comes out", () => {
    const bytes = bytesOf(referenceHex);
    expect(problemsOf([{ name: "t.0.et", bytes: bytes.subarray(0, 500) }])[0]).toContain(
      "t.0.et: byte 39: the file ends inside node 1 of the file: it says 704 bytes, 459 are left",
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 108 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const changed = bytesOf(handHex);
          for (const [at, byte] of changes) changed[at % changed.length] = byte;
          // Throws on anything that is no ProblemError.
          problemsOf([{ name: "t.0.et", bytes: changed }]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Traces of a few ranks whose collectives all agree, with random dependencies on earlier nodes. */
const anyTrace: fc.Arbitrary<Trace> = fc
  .record({
    ranks: fc.integer({ min: 1, max: 4 }),
    program: fc.array(
      fc.record({
        kind: fc.constantFrom("compute" as const, "memory" as const, "collective" as const, "other" as const),
        operation: fc.constantFrom(
          "all-reduce" as const,
          "all-gather" as const,
          "reduce-scatter" as const,
          "barrier" as const,
        ),
        size: fc.nat({ max: 1_000_000 }),
        micros: fc.nat({ max: 1000 }),
        back: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  })
  .map(({ ranks, program }) => {
    const node = (entry: (typeof program)[number], index: number): TraceNode => {
      const { kind, operation, size, micros, back } = entry;
      const dependsOn = [...new Set(back.map((far) => index - far))]
        .filter((at) => at >= 0)
        .map((at) => BigInt(at) * 2n ** 60n);
      const own = {
        id: BigInt(index) * 2n ** 60n,
        name: `n${index}`,
        kind,
        dependsOn,
        ...(micros > 0 ? { seconds: micros * 1e-6 } : {}),
      };
      if (kind === "collective")
        return { ...own, operation, bytes: operation === "all-gather" ? size * ranks : size, group: "0" };
      if (kind === "memory") return { ...own, access: "store", bytes: size };
      return kind === "compute" ? { ...own, flop: size } : own;
    };
    const recorded = Array.from({ length: ranks }, (_, rank): RankTrace => ({ rank, nodes: program.map(node) }));
    const used = program.some(({ kind }) => kind === "collective");
    return { ranks, recorded, groups: new Map(used ? [["0", Array.from({ length: ranks }, (_, rank) => rank)]] : []) };
  });

describe("written and read again", () => {
  it("is the same trace", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const inputs = chakraFiles(trace).map(({ rank, bytes }) => ({ name: `t.${rank}.et`, bytes }));
        expect(traceOf(inputs).trace).toEqual(trace);
      }),
    );
  });

  it("keeps groups, transfers and the last ids there are", () => {
    const transfer = (rank: number): TraceNode =>
      rank < 2
        ? { id: 2n ** 64n - 1n, name: "s", kind: "send", bytes: 5, peer: rank + 2, tag: 3, dependsOn: [7n] }
        : { id: 2n ** 64n - 1n, name: "r", kind: "receive", bytes: 5, peer: rank - 2, tag: 3, dependsOn: [7n] };
    const trace: Trace = {
      ranks: 4,
      groups: new Map([
        ["1", [0, 1]],
        ["2", [3, 2]],
      ]),
      recorded: [0, 1, 2, 3].map((rank) => ({
        rank,
        nodes: [
          {
            id: 7n,
            name: "c",
            kind: "collective",
            operation: "all-gather",
            bytes: 64,
            group: rank < 2 ? "1" : "2",
            dependsOn: [],
          },
          transfer(rank),
        ],
      })),
    };
    const inputs = chakraFiles(trace).map(({ rank, bytes }) => ({ name: `t.${rank}.et`, bytes }));
    expect(traceOf(inputs).trace).toEqual(trace);
  });

  it("runs every node after what it depends on, by id where it may", () => {
    fc.assert(
      fc.property(anyTrace, ({ recorded }) => {
        const { nodes, cycle } = runOrder(recorded[0]?.nodes ?? []);
        expect(cycle).toEqual([]);
        expect(nodes.map(({ id }) => id)).toEqual([...(recorded[0]?.nodes ?? [])].map(({ id }) => id));
      }),
    );
  });

  it("is ordered without a stack of calls, however deep", () => {
    const deep = Array.from({ length: 200_000 }, (_, index): TraceNode => {
      return { id: BigInt(index), name: "", kind: "compute", dependsOn: index === 199_999 ? [] : [BigInt(index + 1)] };
    });
    expect(runOrder(deep).nodes[0]?.id).toBe(199_999n);
  });
});
