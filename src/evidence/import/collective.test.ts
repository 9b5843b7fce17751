/** What becomes of a raw row of a collective: sizes, algorithms, machines, and what is left out. */
import { describe, expect, it } from "vitest";
import { replay } from "../replay.ts";
import { importRows } from "./index.ts";

type Section = Readonly<Record<string, unknown>>;

const source = { title: "A benchmark", url: "https://example.org", where: "table 1", year: 2026 };

function imported(change: Section) {
  const row = {
    ...{ id: "row", kind: "collective", source, quote: "1 2 3", notes: "" },
    system: { accelerator: "H100-SXM5-80GB", per_node: 8, count: 8, nodes: 1 },
    workload: { collective: "all_reduce", ranks: 8 },
    measured: [{ metric: "time", value: 40, unit: "us", message_bytes: 2 ** 20 }],
    ...change,
  };
  return importRows([row]);
}

const recordOf = (change: Section) => {
  const [record] = imported(change).records;
  if (record === undefined) throw new Error(JSON.stringify(imported(change).skipped));
  return record;
};

describe("a row of a collective", () => {
  it("becomes a scenario with a point for each size", () => {
    const measured = [2 ** 20, 2 ** 16, 67584].map((bytes) => ({
      ...{ metric: "time", value: 40, unit: "us" },
      message_bytes: bytes,
    }));
    const record = recordOf({ measured });
    expect(record.workload).toEqual({
      kind: "collective",
      operation: "all-reduce",
      sizes: ["64 KiB", "66 KiB", "1 MiB"],
      group: { size: 8 },
    });
    expect(record.measured.map(({ at }) => at)).toEqual([{ size: "1 MiB" }, { size: "64 KiB" }, { size: "66 KiB" }]);
    expect(replay(record).lines.every(({ predicted }) => predicted !== null)).toBe(true);
  });

  it("keeps ranks, nodes and forced algorithms of single values", () => {
    const record = recordOf({
      measured: [
        { metric: "busbw", value: 370, unit: "GB/s", ranks: 4, algo: "default" },
        { metric: "busbw", value: 300, unit: "GB/s", ranks: 64, nodes: 8, algo: "Ring forced" },
        { metric: "busbw", value: 310, unit: "GB/s", ranks: 64, nodes: 8, algo: "NVLSTree forced" },
      ],
    });
    expect(record.measured.map(({ at }) => at)).toEqual([
      { size: "8 GiB" },
      { size: "8 GiB", ranks: 64, nodes: 8, perNode: 8, algorithm: "ring" },
      { size: "8 GiB", ranks: 64, nodes: 8, perNode: 8, algorithm: "nvls-tree" },
    ]);
    expect(record.assumptions.map(({ path }) => path)).toContain("workload.sizes");
    const { lines, calls } = replay(record);
    expect(calls.map((call) => call?.reach)).toEqual(["one domain", "several domains", "several domains"]);
    expect(new Set(lines.map(({ predicted }) => predicted)).size).toBe(3);
  });

  it("says whose kernels ran, and how calls were started", () => {
    const workload = (library: string): Section =>
      recordOf({ workload: { collective: "all_reduce", ranks: 8, library } }).workload;
    expect(workload("vLLM 0.24.0 (CUDA graph) custom all-reduce").library).toBe("custom/vllm");
    expect(workload("NCCL via torch.distributed").launch).toBe("per-process");
    expect(workload("NCCL 2.27.3")).not.toHaveProperty("launch");
  });

  it("names what it chose of a machine that is not stated", () => {
    const system = { accelerator: "H100-SXM5-80GB", per_node: 8, count: 16, nodes: 2 };
    const record = recordOf({ system, workload: { collective: "all_reduce", ranks: 16 } });
    expect(record.inferred).toEqual(["cluster.node"]);
    expect(recordOf({}).inferred).toEqual([]);
  });

  it("turns an exchange of experts into one, by direction and format", () => {
    const record = recordOf({
      system: { accelerator: "H100-SXM5-80GB", per_node: 8, count: 16, nodes: 2, scale_out: "8x400G" },
      workload: { collective: "moe_alltoall (DeepEP V1 normal kernels)", hidden: 7168, top_k: 8, experts: 256 },
      measured: [
        { metric: "dispatch_transmit", value: 800, unit: "us", tokens_per_rank: 4096, sms: 20, notify_us: 50 },
        { metric: "combine_transmit", value: 2000, unit: "us", tokens_per_rank: 4096, sms: 20, notify_us: 0 },
      ],
    });
    expect(record.measured.map(({ value, at }) => [value, at?.direction, at?.precision, at?.multiprocessors])).toEqual([
      ["850 us", "dispatch", "fp8", 20],
      ["2000 us", "combine", "bf16", 20],
    ]);
    const [there, back] = replay(record).lines;
    expect(Math.abs(there?.error ?? 1)).toBeLessThan(0.15);
    expect(back?.predicted ?? 0).toBeGreaterThan(there?.predicted ?? 0);
  });

  it("is left out with its reason where no scenario says it", () => {
    const reason = (change: Section): string | undefined => imported(change).skipped[0]?.reason;
    expect(reason({ system: { accelerator: "a machine", count: 8 } })).toBe("the accelerators are not stated");
    expect(reason({ workload: { collective: "gossip", ranks: 8 } })).toContain("gossip");
    expect(reason({ measured: [{ metric: "latency", value: 8, unit: "us" }] })).toContain("no time or bandwidth");
    expect(reason({ kind: "network" })).toContain("nothing measured");
    expect(reason({ system: { accelerator: "H100" }, workload: { collective: "all_reduce" } })).toContain("ranks");
  });
});
