import { describe, expect, it } from "vitest";
import { type MemoryHost, memoryHost } from "../../../test/memory-host.ts";
import { type ChakraImportOutput, operations } from "../index.ts";

async function imported(host: MemoryHost, files: readonly string[], more: object = {}): Promise<ChakraImportOutput> {
  const [file = "", ...rest] = files;
  const found = await operations.import.run({ kind: "chakra", file, files: rest, ...more }, host);
  if (!("summary" in found)) throw new Error("no trace");
  return found;
}

describe("traffic, exported and imported", () => {
  const traffic = (workload: string, nodes = 2): string => `windtunnel: 1
name: t
cluster: { node: hgx-h100, nodes: ${nodes} }
workload: { kind: traffic, ${workload} }
`;

  async function again(
    text: string,
  ): Promise<{ readonly found: ChakraImportOutput; readonly lost: readonly string[] }> {
    const host = memoryHost({ "s.yaml": text });
    const out = await operations.export.run({ kind: "chakra", scenario: "s.yaml", output: "a" }, host);
    const found = await imported(host, [...host.bytes.keys()], { output: "again.yaml" });
    // What is written is a scenario that can be predicted.
    const { prediction } = await operations.predict.run({ scenario: "again.yaml" }, host);
    expect(prediction.metrics.time).toBeGreaterThan(0);
    return { found, lost: out.lost.map(({ path }) => path) };
  }

  it("is the same job with the same phases", async () => {
    const phases = [
      { compute: "10 ms" },
      { collective: "all-reduce", size: "1000000 B", groups: { size: 4, stride: 4 } },
      { collective: "all-gather", size: "16777216 B" },
      { pattern: "neighbour", size: "65536 B", shift: 8 },
      { pattern: "pairs", size: "4096 B" },
      { compute: "30 us" },
      { collective: "all-to-all", size: "1048576 B", groups: { size: 8 } },
    ];
    const { found, lost } = await again(
      traffic(`jobs: [ { name: a, accelerators: 16, rounds: 3, phases: ${JSON.stringify(phases)} } ]`),
    );
    expect(found.scenario).toMatchObject({ workload: { jobs: [{ name: "a", accelerators: 16, rounds: 3, phases }] } });
    expect(found.lost).toEqual([]);
    expect(lost).toEqual(["cluster", "workload.jobs.phases"]);
  });

  it("lists sizes and times that it rounds", async () => {
    const phases = [
      { compute: "1.5 us" },
      { compute: "0.2 us" },
      { compute: "3 us" },
      { collective: "all-gather", size: "100 B" },
      { collective: "all-gather", size: "1 B" },
      { collective: "all-reduce", size: "100 B" },
      { pattern: "neighbour", size: "8 B" },
    ];
    const job = { name: "a", accelerators: 16, start: "700 ns", phases };
    const host = memoryHost({ "s.yaml": traffic(`jobs: [ ${JSON.stringify(job)} ]`) });
    const out = await operations.export.run({ kind: "chakra", scenario: "s.yaml", output: "a" }, host);
    const rounded = out.lost.map(({ path, value, instead }) => [path, value, instead]);
    expect(rounded).toEqual(
      expect.arrayContaining([
        ["workload.jobs.phases.size", "100 B, 1 B", "96 B, nothing"],
        ["workload.jobs.phases.compute", "1.5 us, 0.2 us", "2 us, 1 us"],
        ["workload.jobs.start", "0.7 us", "1 us"],
      ]),
    );
    const { scenario } = await imported(host, [...host.bytes.keys()]);
    expect(scenario).toMatchObject({
      workload: {
        jobs: [
          {
            phases: [
              // 1 to begin, 2, 1 and 3.
              { compute: "7 us" },
              { collective: "all-gather", size: "96 B" },
              { collective: "all-reduce", size: "100 B" },
              { pattern: "neighbour", size: "8 B" },
            ],
          },
        ],
      },
    });
  });

  it("predicts the same time", async () => {
    const phases = "[ { collective: all-reduce, size: 100 MB, groups: { size: 8, stride: 2 } }, { compute: 1 ms } ]";
    const text = traffic(`jobs: [ { name: a, accelerators: 16, rounds: 2, phases: ${phases} } ]`);
    const host = memoryHost({ "s.yaml": text });
    await operations.export.run({ kind: "chakra", scenario: "s.yaml", output: "a" }, host);
    await imported(host, [...host.bytes.keys()], { output: "again.yaml" });
    const [before, after] = await Promise.all(
      ["s.yaml", "again.yaml"].map(
        async (scenario) => (await operations.predict.run({ scenario }, host)).prediction.metrics.time,
      ),
    );
    expect(after).toBe(before);
  });

  it("of several jobs, patterns and traces of transfers can be read too", async () => {
    const job = (name: string, start: string): string =>
      `{ name: ${name}, accelerators: 8, ${start} phases: [ { collective: all-reduce, size: 1 MB }, { pattern: incast, size: 1 kB } ] }`;
    const jobs = await again(traffic(`jobs: [ ${job("a", "")}, ${job("b", "start: 1 ms,")} ]`));
    expect(jobs.lost).toContain("workload.jobs");
    expect(jobs.found.summary.exchanges.map(({ operation, groups, count }) => [operation, groups, count])).toEqual([
      ["all-reduce", 2, 2],
      ["send-receive", 14, 14],
    ]);
    const halo = await again(traffic("pattern: halo-2d, size: 1 MiB, rounds: 2"));
    expect(halo.found.summary.exchanges).toMatchObject([
      { operation: "send-receive", size: 1048576, count: 2 * 4 * 16 },
    ]);
  });

  it("of transfers with starts of their own waits for each until then", async () => {
    const csv = "start_us,from,to,bytes\n0,0,9,1000\n250,3,9,2000\n";
    const host = memoryHost({ "s.yaml": traffic("trace: flows.csv"), "flows.csv": csv });
    await operations.export.run({ kind: "chakra", scenario: "s.yaml", output: "a" }, host);
    const { summary, scenario } = await imported(host, [...host.bytes.keys()]);
    expect(summary.ranks).toBe(3);
    expect(summary.compute.time).toBeCloseTo(250e-6, 12);
    expect(summary.exchanges.map(({ size, count }) => [size, count])).toEqual([
      [2000, 1],
      [1000, 1],
    ]);
    expect(JSON.stringify(scenario)).toContain('"compute":"250 us"');
  });
});
