import { describe, expect, it } from "vitest";
import { runCli } from "../../../apps/cli/cli.ts";
import { plainView } from "../../../apps/cli/view.ts";
import { bytesOf, handHex } from "../../../test/chakra-files.ts";
import { type MemoryHost, memoryHost } from "../../../test/memory-host.ts";
import { type Problem, ProblemError } from "../../base/problem.ts";
import { chakraFiles, type Replay, replayOf, type Trace } from "../../workload/chakra/index.ts";
import { type ChakraImportOutput, operations } from "../index.ts";
import { replayText, timeText } from "./replay-scenario.ts";

const collective = `windtunnel: 1
name: sweep
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: collective, operation: all-gather, sizes: ["1 MiB", "1 GiB"] }
`;
const step = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 4096, globalBatch: 16 }
layout: { tensor: 2, pipeline: 2, microBatch: 1 }
software: megatron-core@2024.07
`;

/** Ranks that all run the same file. */
function hostOf(ranks: number): MemoryHost {
  const host = memoryHost({ "c.yaml": collective, "t.yaml": step, "groups.json": '{"1": [0, 1]}', "bad.json": "[]" });
  for (let rank = 0; rank < ranks; rank++) host.bytes.set(`run.${rank}.et`, bytesOf(handHex));
  return host;
}

async function imported(host: MemoryHost, files: readonly string[], more: object = {}): Promise<ChakraImportOutput> {
  const [file = "", ...rest] = files;
  const found = await operations.import.run({ kind: "chakra", file, files: rest, ...more }, host);
  if (!("summary" in found)) throw new Error("no trace");
  return found;
}

async function foundIn(run: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemError) return error.problems;
  throw error ?? new Error("no problem was reported");
}

async function problemsOf(run: Promise<unknown>): Promise<readonly string[]> {
  return (await foundIn(run)).map(({ path, message }) => `${path}: ${message}`);
}

/** Of a run that has one problem. */
async function reasonOf(run: Promise<unknown>): Promise<Problem> {
  const [problem, ...others] = await foundIn(run);
  if (problem === undefined || others.length > 0) throw new Error(`${others.length + 1} problems`);
  return problem;
}

const files = (ranks: number): string[] => Array.from({ length: ranks }, (_, rank) => `run.${rank}.et`);

describe("import chakra", () => {
  it("writes a job that replays the trace, and says what the trace holds", async () => {
    const host = hostOf(16);
    const found = await imported(host, files(16), { output: "s.yaml" });
    expect(found.scenario).toEqual({
      windtunnel: 1,
      name: "run on 2 x hgx-h100",
      cluster: { node: "hgx-h100", nodes: 2 },
      workload: {
        kind: "traffic",
        jobs: [
          {
            name: "run",
            accelerators: 16,
            phases: [{ compute: "10 us" }, { collective: "all-reduce", size: "1048576 B" }],
          },
        ],
      },
    });
    expect(found.summary.exchanges).toEqual([
      { operation: "all-reduce", size: 1048576, groupSize: 16, groups: 1, count: 1, totalBytes: 1048576 },
    ]);
    expect(host.files.get("s.yaml")).toBe(found.text);
  });

  it("takes nodes of another kind, enough of them", async () => {
    const found = await imported(hostOf(3), files(3), { node: "a100-8x200-roce", nodes: 4 });
    expect(found.scenario.cluster).toEqual({ node: "a100-8x200-roce", nodes: 4 });
    expect(found.missing).toEqual([]);
    expect(await problemsOf(imported(hostOf(16), files(16), { nodes: 1 }))).toEqual([
      "--nodes: 1 nodes have 8 accelerators, the trace has 16 ranks",
    ]);
    expect((await problemsOf(imported(hostOf(1), files(1), { node: "hgx-h10" })))[0]).toContain("--node: unknown node");
  });

  it("asks for the kind of node where nobody named one, be it the usual one", async () => {
    const host = hostOf(2);
    expect((await imported(host, files(2), { node: "hgx-h100" })).missing).toEqual([]);
    expect((await imported(host, files(2))).missing.map(({ option }) => option)).toEqual(["--node NAME"]);
  });

  it("says why nothing is left to replay", async () => {
    const host = memoryHost({});
    const write = (prefix: string, ranks: number, nodes: (rank: number) => Trace["recorded"][number]["nodes"]) => {
      const recorded = Array.from({ length: ranks }, (_, rank) => ({ rank, nodes: nodes(rank) }));
      for (const { rank, bytes } of chakraFiles({ ranks, recorded, groups: new Map() }))
        host.bytes.set(`${prefix}.${rank}.et`, bytes);
      return recorded.map(({ rank }) => `${prefix}.${rank}.et`);
    };
    const reduce = { id: 0n, name: "r", kind: "collective", operation: "all-reduce", bytes: 8, dependsOn: [] } as const;
    const alone = await reasonOf(
      imported(
        host,
        write("alone", 1, () => [reduce]),
      ),
    );
    expect(alone.message).toContain("1 x all-reduce in groups of one rank (there is nobody to exchange with)");
    expect(alone.hint).toContain("--set ranks=64");
    expect((await imported(host, ["alone.0.et"], { set: ["ranks=4"] })).scenario).toMatchObject({
      workload: { jobs: [{ accelerators: 4, phases: [{ collective: "all-reduce", size: "8 B" }] }] },
    });
    // 0 to 1 and 2 to 5: two distances at once.
    const peers = [1, 0, 5, 3, 4, 2];
    const apart = write("apart", 6, (rank) => {
      const peer = peers[rank] ?? rank;
      return peer === rank
        ? []
        : [{ id: 0n, name: "", kind: rank < peer ? "send" : "receive", bytes: 8, peer, dependsOn: [] }];
    });
    const reason = await reasonOf(imported(host, apart));
    expect(reason.message).toContain("1 x transfers over several distances at once");
    expect(reason.hint).toBeUndefined();
    const empty = write("empty", 2, () => [
      { ...reduce, bytes: 0 },
      { id: 1n, name: "", kind: "compute", dependsOn: [0n] },
    ]);
    expect((await reasonOf(imported(host, empty))).message).toBe(
      "nothing of it can be replayed: 1 x all-reduce of 0 bytes (it moves nothing); 1 x computation without a time",
    );
    const nothing = write("nothing", 1, () => []);
    expect((await reasonOf(imported(host, nothing))).message).toBe(
      "it has neither exchanges nor computation to replay",
    );
  });

  it("refuses what is no trace, with the file and the byte", async () => {
    const host = hostOf(2);
    host.bytes.set("run.1.et", bytesOf(handHex).subarray(0, 60));
    expect(await problemsOf(imported(host, files(2)))).toEqual([
      "run.1.et: byte 19: the file ends inside node 2 of the file: it says 67 bytes, 40 are left",
    ]);
    host.bytes.set("run.1.et", new TextEncoder().encode("# not a trace, but a text of some length\n"));
    expect((await problemsOf(imported(host, files(2))))[0]).toMatch(/^run.1.et: byte 3: field 13 has wire type 7/);
    expect(await problemsOf(imported(host, ["run.0.et", "lost.1.et", "bad.json"]))).toEqual([
      ': cannot read "lost.1.et": no such file',
      "bad.json: it lists no groups of ranks",
    ]);
    expect(await problemsOf(imported(host, ["run.0.et"], { set: ["ranks=0", "dimensions=4xtwo", "TP=8"] }))).toEqual([
      'set: "TP" is nothing that a trace leaves open',
      'set.ranks: found "0", expected a whole number from 1 to 1000000',
      'set.dimensions: found "two", expected a whole number from 1 to 1000000',
    ]);
    const launch = operations.import.run({ kind: "launch", file: "train.sh", files: ["more.sh"] }, host);
    expect(await problemsOf(launch)).toEqual(['files: found "more.sh" too, and import launch reads one file']);
  });

  it("ends the command with 1, or 0 and the account on standard error", async () => {
    const host = hostOf(2);
    const run = async (words: readonly string[]): Promise<{ code: number; out: string; error: string }> => {
      let [out, error] = ["", ""];
      const code = await runCli(words, {
        host,
        out: (text) => {
          out += text;
        },
        error: (text) => {
          error += text;
        },
        view: plainView,
        errorView: plainView,
      });
      return { code, out, error };
    };
    const sound = await run(["import", "chakra", "run.0.et", "run.1.et"]);
    expect(sound.code).toBe(0);
    expect(sound.out).toContain("kind: traffic");
    expect(sound.error).toContain("2 ranks, 4 nodes, 2 dependencies");
    host.bytes.set("run.1.et", bytesOf(handHex).subarray(0, 30));
    const cut = await run(["import", "chakra", "run.0.et", "run.1.et"]);
    expect(cut.code).toBe(1);
    expect(cut.error).toContain("the file ends inside");
  });
});

describe("export chakra", () => {
  it("of a sweep comes back as its sizes, one after the other", async () => {
    const host = hostOf(0);
    const out = await operations.export.run({ kind: "chakra", scenario: "c.yaml", output: "x" }, host);
    expect(out.lost.map(({ path }) => path)).toEqual(["cluster"]);
    const written = Array.from({ length: 16 }, (_, rank) => `x.${rank}.et`);
    expect("files" in out && out.files).toEqual(written);
    const found = await imported(host, written);
    expect(found.scenario).toMatchObject({
      workload: {
        jobs: [
          {
            phases: [
              { collective: "all-gather", size: "1048576 B" },
              { collective: "all-gather", size: "1073741824 B" },
            ],
          },
        ],
      },
    });
    expect(found.lost).toEqual([]);
  });

  it("of a step comes back with the same exchanges", async () => {
    const host = hostOf(0);
    await operations.export.run({ kind: "chakra", scenario: "t.yaml", output: "t.et" }, host);
    const { summary } = await imported(host, [...host.bytes.keys()]);
    expect(summary.ranks).toBe(16);
    expect(summary.exchanges.map(({ operation, groupSize, groups }) => [operation, groupSize, groups])).toEqual(
      expect.arrayContaining([
        ["all-reduce", 2, 8],
        ["send-receive", 2, 8],
        ["reduce-scatter", 4, 4],
        ["all-gather", 4, 4],
      ]),
    );
  });

  it("lists sizes that are no whole bytes of every rank, and leaves out what comes to none", async () => {
    const host = memoryHost({ "c.yaml": collective.replace('["1 MiB", "1 GiB"]', '["1 B", "100 B", "160 B"]') });
    const out = await operations.export.run({ kind: "chakra", scenario: "c.yaml", output: "x" }, host);
    const reason = "every rank puts in whole bytes";
    expect(out.lost.slice(1)).toEqual([
      { path: "workload.sizes", value: "1 B, 100 B", instead: "nothing, 96 B", reason },
    ]);
    const { summary } = await imported(host, [...host.bytes.keys()]);
    expect(summary.exchanges.map(({ size }) => size)).toEqual([160, 96]);
    host.files.set("c.yaml", collective.replace('["1 MiB", "1 GiB"]', '["1 B"]'));
    expect(await problemsOf(operations.export.run({ kind: "chakra", scenario: "c.yaml", output: "y" }, host))).toEqual([
      "workload: a trace of it would be empty: its ranks send nothing, or less than a byte each",
    ]);
  });

  it("needs a place, and one kind of node", async () => {
    const host = hostOf(0);
    expect(await problemsOf(operations.export.run({ kind: "chakra", scenario: "c.yaml" }, host))).toEqual([
      "--output: missing: a trace is a file for each rank",
    ]);
  });
});

describe("phases in words", () => {
  const phase = (
    groups: NonNullable<Replay["phases"][number]["exchange"]>["groups"],
    operation = "all-reduce" as const,
  ): Replay => ({
    phases: [{ compute: 0, exchange: { operation, size: 8, groups } }],
    rounds: 3,
    lost: [],
  });

  it("cuts all accelerators of the job, and says where a trace has fewer groups", () => {
    expect(replayText(phase({ size: 4, stride: 2 }), 16)).toEqual({
      phases: [{ collective: "all-reduce", size: "8 B", groups: { size: 4, stride: 2 } }],
      lost: [],
    });
    const some = replayText(phase([[8, 10, 12, 14]]), 16);
    expect(some.phases).toEqual([{ collective: "all-reduce", size: "8 B", groups: { size: 4, stride: 2 } }]);
    expect(some.lost[0]).toMatchObject({ what: "all-reduce in some of 4 groups", count: 3 });
    const none = replayText(phase([[0, 1, 3]]), 16);
    expect(none.phases).toEqual([]);
    expect(none.lost).toHaveLength(1);
  });

  it("pairs halves, or shifts everybody by the distance of a transfer", () => {
    const trace: Trace = {
      ranks: 4,
      groups: new Map(),
      recorded: [0, 1, 2, 3].map((rank) => ({
        rank,
        nodes: [
          rank < 2
            ? { id: 1n, name: "", kind: "send", bytes: 8, peer: rank + 2, dependsOn: [] }
            : { id: 1n, name: "", kind: "receive", bytes: 8, peer: rank - 2, dependsOn: [] },
        ],
      })),
    };
    expect(replayText(replayOf(trace), 4)).toEqual({ phases: [{ pattern: "pairs", size: "8 B" }], lost: [] });
    const one = { ...trace, recorded: [trace.recorded[1]!, trace.recorded[3]!] };
    expect(replayText(replayOf(one), 4)).toMatchObject({
      phases: [{ pattern: "neighbour", size: "8 B", shift: 2 }],
      lost: [{ count: 1 }],
    });
  });

  it("says times to the nanosecond", () => {
    expect([10e-6, 3e-3, 1.5e-3, 12e-9, 2].map(timeText)).toEqual(["10 us", "3 ms", "1500 us", "12 ns", "2000 ms"]);
  });
});
