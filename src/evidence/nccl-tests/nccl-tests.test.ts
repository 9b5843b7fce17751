import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textOf } from "../../../test/architecture/files.ts";
import { ncclLog, rowText, sweep } from "../../../test/nccl-tests/log.ts";
import { ncclJson, rcclRecords } from "../../../test/nccl-tests/written.ts";
import { type Problem, ProblemError } from "../../base/problem.ts";
import { acceleratorOf } from "./devices.ts";
import { type NcclLog, type RunOptions, readNcclLog } from "./index.ts";
import { machinesOf } from "./machines.ts";

const sample = (name: string): NcclLog => readNcclLog(textOf(`test/nccl-tests/samples/${name}`), name);

function problemsOf(text: string, options: RunOptions = {}): readonly Problem[] {
  try {
    readNcclLog(text, "run.log", options);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

const hosts = { a: 8, b: 8 };
const times = sweep(2 ** 20, 2 ** 30).map((size) => [size, 30e-6 + size / 40e9] as const);

describe("logs as people paste them", () => {
  it("come out of an issue thread: quotes, prefixes, settings, messages of the library in between", () => {
    const { runs, left } = sample("issue-thread.md");
    expect(left).toEqual([]);
    expect(runs).toHaveLength(1);
    const [run] = runs;
    expect(run).toMatchObject({
      ranks: 16,
      ranksPerHost: 8,
      hosts: ["gpu-a01", "gpu-a02"],
      devices: ["NVIDIA A100-SXM4-80GB"],
      library: "NCCL 2.18.3",
      settings: { NCCL_ALGO: "Ring", NCCL_IB_HCA: "mlx5" },
      clues: { network: "ib", directRdma: "off" },
    });
    expect(run?.program.name).toBe("all_reduce");
    expect(run?.points.map(({ size, line }) => [size, line])).toEqual([
      [2 ** 26, 31],
      [2 ** 28, 33],
      [2 ** 30, 34],
    ]);
    expect(run?.points[0]?.busBandwidth).toBeCloseTo(89.11e9, -7);
  });

  it("have the columns of old versions: no root, an error instead of a count, no program", () => {
    const [run] = sample("old-columns.log").runs;
    expect(run?.program.name).toBe("all_reduce");
    expect(run).toMatchObject({ ranks: 4, ranksPerHost: 4 });
    expect(run?.points.map(({ wrong }) => wrong)).toEqual([0, 0, 0]);
    expect(run?.assumptions.map(({ what }) => what)).toEqual(["operation"]);
  });

  it("are rows only, several tables, the last cut off: ranks follow from the columns", () => {
    const { runs, left } = sample("two-tables-cut.txt");
    expect(runs.map(({ program, ranks, points }) => [program.name, ranks, points.length])).toEqual([
      ["all_gather", 16, 3],
      ["all_reduce", 16, 2],
    ]);
    expect(left.map(({ location }) => location?.line)).toEqual([10]);
  });

  it("say that the processes ran alone where MPI was left out of the build", () => {
    expect(() => sample("without-mpi.log")).toThrow(/2 processes ran beside each other.*MPI=1/);
  });

  it("are coloured, tagged by a launcher, in a table of Markdown, or in lines that end as on Windows", () => {
    const plain = ncclLog({ program: "all_reduce", hosts, times });
    const wanted = readNcclLog(plain, "run.log").runs[0]?.points.map(({ size, time }) => [size, time]);
    const esc = String.fromCharCode(27);
    const forms = {
      colours: plain.replaceAll("float", `${esc}[32mfloat${esc}[0m`),
      windows: plain.replaceAll("\n", "\r\n"),
      tagged: plain.replaceAll(/^/gm, "[1,0]<stdout>:"),
      "tagged by mpirun 5": plain.replaceAll(/^/gm, "[1,0]<stdout> "),
      "tagged by srun": plain.replaceAll(/^/gm, "0: "),
      quoted: plain.replaceAll(/^/gm, "> > "),
      markdown: plain.replaceAll(/^ +(\d.*)$/gm, (_, row: string) => `| ${row.trim().replaceAll(/ +/g, " | ")} |`),
      fenced: `Here it is:\n\`\`\`\n${plain}\n\`\`\`\nthanks`,
    };
    for (const [name, text] of Object.entries(forms)) {
      const [run] = readNcclLog(text, "run.log").runs;
      expect([name, run?.points.map(({ size, time }) => [size, time])]).toEqual([name, wanted]);
      expect([name, run?.ranks, run?.hosts]).toEqual([name, 16, ["a", "b"]]);
    }
  });

  it("name sizes with a unit", () => {
    const rows = times
      .slice(0, 3)
      .map(([size, time]) =>
        rowText("all_reduce", 8, size, time).replace(/^ *\d+/, (text) => `${Number(text) / 2 ** 20}M`),
      );
    const { runs } = readNcclLog(`all_reduce_perf\n${rows.join("\n")}`, "run.log", { ranks: 8 });
    expect(runs[0]?.points.map(({ size }) => size)).toEqual([2 ** 20, 2 ** 21, 2 ** 22]);
  });

  it("leave out in-place results or the check", () => {
    const bare = ncclLog({ program: "all_reduce", hosts, times }).replaceAll(/^( +\d.*?\d) +0 .*$/gm, "$1");
    const text = bare.replace(/ #wrong.*$/m, "");
    const [run] = readNcclLog(text, "run.log").runs;
    expect(run?.points).toHaveLength(times.length);
  });

  it("hold several runs of several programs, each with its own ranks", () => {
    const text = ["all_gather", "reduce_scatter", "alltoall", "broadcast", "sendrecv", "reduce"]
      .map((program, index) => ncclLog({ program, hosts: { [`n${index}`]: 2 << (index % 3) }, times }))
      .join("\n");
    const { runs } = readNcclLog(text, "run.log");
    expect(runs.map(({ program, ranks, hosts: own }) => [program.name, ranks, own])).toEqual([
      ["all_gather", 2, ["n0"]],
      ["reduce_scatter", 4, ["n1"]],
      ["alltoall", 8, ["n2"]],
      ["broadcast", 2, ["n3"]],
      ["sendrecv", 4, ["n4"]],
      ["reduce", 8, ["n5"]],
    ]);
  });

  it("count ranks and nodes in the library's messages where the list of ranks is missing", () => {
    const said =
      "a:1:2 [0] NCCL INFO ncclCommInitRank comm 0x1 rank 0 nRanks 16 nNodes 4 localRanks 4 localRank 0 MNNVL 0";
    const bare = ncclLog({ program: "sendrecv", hosts, times }).replaceAll(/^# {2}Rank.*\n/gm, "");
    const [run] = readNcclLog(`${said}\n${bare}`, "run.log").runs;
    expect([run?.ranks, run?.nodes, run?.hosts]).toEqual([16, 4, []]);
  });

  it("count wrong values, in place too", () => {
    const text = ncclLog({ program: "all_reduce", hosts, times }).replace(/0( +\d+\.?\d* +\S+ +\S+ +)0$/m, "0$1 12");
    const [run] = readNcclLog(text, "run.log").runs;
    expect(Math.max(...(run?.points ?? []).map(({ wrong }) => wrong))).toBe(12);
  });
});

describe("programs without a name", () => {
  it.each(["all_reduce", "all_gather", "reduce_scatter", "alltoall", "broadcast", "sendrecv", "reduce"])(
    "%s follows from its columns",
    (program) => {
      const text = ncclLog({ program, hosts, times }).replaceAll(/^.*_perf.*\n/gm, "");
      const [run] = readNcclLog(text, "run.log").runs;
      expect([run?.program.name, run?.ranks]).toEqual([program, 16]);
    },
  );

  it("ask where the columns fit several", () => {
    const text = times.map(([size, time]) => rowText("gather", 8, size, time).replace(/-1/, " 0")).join("\n");
    expect(problemsOf(text)[0]?.hint).toMatch(/^--operation NAME/);
  });

  it("read ranks from the ratio of the bandwidths where that leaves one number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 64 }), (ranks) => {
        const rows = times.slice(-4).map(([size, time]) => rowText("all_reduce", ranks, size, time / 8));
        const [run] = readNcclLog(`all_reduce_perf\n${rows.join("\n")}`, "run.log").runs;
        expect(run?.ranks).toBe(ranks);
      }),
    );
    const many = times.map(([size, time]) => rowText("all_reduce", 4096, size, time));
    expect(problemsOf(`all_reduce_perf\n${many.join("\n")}`)[0]?.hint).toContain("--ranks N");
  });
});

describe("bad input", () => {
  it("is refused with its place and what was expected", () => {
    expect(problemsOf("")[0]?.message).toContain("is empty");
    expect(problemsOf('\n{"a": 1}')[0]).toMatchObject({
      message: expect.stringContaining("looks like JSON"),
      location: { file: "run.log", line: 2, column: 1 },
    });
    expect(problemsOf("\u0000\u0001\u0002 binary")[0]?.message).toContain('begins "? binary"');
    const off = rowText("all_reduce", 8, 2 ** 30, 0.03).replace(/\d+\.\d\d/, "999.99");
    expect(problemsOf(`x\n${off}`)[0]).toMatchObject({ location: { line: 2 } });
    const cpu = ncclLog({ program: "all_reduce", hosts, times }).replaceAll("    time", " cputime");
    expect(problemsOf(cpu)[0]?.message).toContain("cputime");
  });

  it("never throws anything else, and never hangs, whatever is cut, doubled or garbled", () => {
    const text = ncclLog({ program: "all_reduce", hosts, times, command: "mpirun -x NCCL_ALGO=Ring all_reduce_perf" });
    const lines = text.split("\n");
    const garble = fc.tuple(fc.nat(lines.length), fc.nat(200), fc.string({ unit: "binary", maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(garble, { maxLength: 8 }), fc.nat(text.length), (edits, cut) => {
        const changed = [...lines];
        for (const [at, column, noise] of edits) {
          const line = changed[at] ?? "";
          changed[at] = `${line.slice(0, column)}${noise}${line.slice(column + noise.length)}`;
        }
        const written = changed.join("\n").slice(0, text.length - Math.floor(cut / 2));
        try {
          for (const run of readNcclLog(written, "run.log").runs) {
            for (const { time, busBandwidth } of run.points) expect(time > 0 && busBandwidth >= 0).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("holds long lines and long logs", () => {
    const row = rowText("all_reduce", 8, 2 ** 20, 1e-4);
    const long = `${"x ".repeat(200_000)}\n${`${row}\n`.repeat(5_000)}${"9".repeat(100_000)}`;
    expect(readNcclLog(`all_reduce_perf\n${long}`, "run.log", { ranks: 8 }).runs[0]?.points).toHaveLength(1);
  });
});

describe("machines", () => {
  it("follow from the driver's names", () => {
    const known = {
      "NVIDIA H100 80GB HBM3": "h100-sxm",
      "NVIDIA H100 PCIe": "h100-pcie",
      "NVIDIA H100 NVL": "h100-nvl",
      "NVIDIA H200": "h200-sxm",
      "NVIDIA A100-SXM4-40GB": "a100-sxm-40gb",
      "NVIDIA A100-SXM4-80GB": "a100-sxm-80gb",
      "NVIDIA A100-PCIE-40GB": "a100-pcie-40gb",
      "NVIDIA A100 80GB PCIe": "a100-pcie-80gb",
      "NVIDIA B200": "b200-sxm",
      "NVIDIA GB200": "gb200",
      "NVIDIA L40S": "l40s",
      "NVIDIA L4": "l4",
      "AMD Instinct MI300X": "mi300x",
      "Tesla V100-SXM2-32GB": undefined,
    };
    for (const [device, name] of Object.entries(known)) expect([device, acceleratorOf(device)]).toEqual([device, name]);
  });

  it("take the usual node and say so; unknown ones are asked for by name", () => {
    const [run] = readNcclLog(ncclLog({ program: "all_reduce", hosts, times }), "run.log").runs;
    if (run === undefined) throw new Error("no run");
    const machines = machinesOf(run);
    if ("message" in machines) throw new Error(machines.message);
    expect([machines.node.name, machines.nodes, machines.ranksPerNode]).toEqual(["hgx-h100", 2, 8]);
    expect(machines.asked.map(({ option }) => option)).toEqual(["--node NAME", "--fabric NAME"]);
    expect(machinesOf({ ...run, devices: ["Tesla V100"] })).toMatchObject({ hint: expect.stringContaining("--node") });
    expect(machinesOf({ ...run, devices: [] })).toMatchObject({ message: "the log names no device" });
    expect(machinesOf(run, { node: "hgx-h10" })).toMatchObject({ hint: 'did you mean "hgx-h100"?' });
    expect(machinesOf(run, { nodes: 4 })).toMatchObject({ message: "the log names 2 nodes, --nodes says 4" });
    expect(machinesOf(run, { fabric: "roce-40" })).toMatchObject({ path: "--fabric" });
    expect(machinesOf({ ...run, ranksPerHost: 16, hosts: ["a"] })).toMatchObject({ hint: "--node NAME" });
  });
});

describe("results written for programs", () => {
  const request = { program: "all_reduce", hosts, times };
  const points = ({ runs }: NcclLog) =>
    runs.flatMap((run) => run.points.map(({ size, time }) => [size, time.toFixed(9)]));

  it.each([
    ["nccl-tests -J", ncclJson(request)],
    ["rccl-tests -Z json", rcclRecords(request, "json")],
    ["rccl-tests -Z csv", rcclRecords(request, "csv")],
  ])("of %s are what the same run prints", (_, text) => {
    const [printed, read] = [readNcclLog(ncclLog(request), "printed"), readNcclLog(text, "written")];
    const rounded = (log: NcclLog) => points(log).map(([size, time]) => [size, Number(time).toExponential(2)]);
    expect(rounded(read)).toEqual(rounded(printed));
    expect(read.left).toEqual([]);
    expect(read.runs[0]).toMatchObject({ ranks: 16, program: { name: "all_reduce" } });
  });

  it("say ranks, hosts, devices, version and settings, also of a process that drives several", () => {
    const [run] = readNcclLog(ncclJson(request), "out.json").runs;
    expect(run).toMatchObject({
      ranksPerHost: 8,
      hosts: ["a", "b"],
      devices: ["NVIDIA H100 80GB HBM3"],
      library: "NCCL 2.21.5",
      settings: { NCCL_ALGO: "Ring" },
    });
    const alone = JSON.parse(ncclJson({ ...request, hosts: { a: 8 } }));
    alone.config = { ...alone.config, ngpus: 8, devices: alone.config.devices.slice(0, 1) };
    expect(readNcclLog(JSON.stringify(alone), "one.json").runs[0]).toMatchObject({ ranks: 8, hosts: ["a"] });
    const records = readNcclLog(rcclRecords({ ...request, program: "alltoall" }, "json"), "r.json").runs[0];
    expect(records).toMatchObject({ ranks: 16, nodes: 2, program: { name: "alltoall" } });
  });

  it("keep what came out wrong, refuse times of the processor and files that are cut off", () => {
    expect(readNcclLog(ncclJson(request, 3), "out.json").runs[0]?.points[0]?.wrong).toBe(6);
    const clock = ncclJson(request).replaceAll('"time":', '"cpu_time":');
    expect(problemsOf(clock)[0]?.message).toContain("of the processor");
    expect(problemsOf(ncclJson(request).slice(0, -40))[0]?.message).toContain("is cut off");
    const bent = ncclJson(request).replace(/"alg_bw":[\d.]+/, '"alg_bw":9999');
    expect(readNcclLog(bent, "out.json").left).toHaveLength(1);
  });
});
