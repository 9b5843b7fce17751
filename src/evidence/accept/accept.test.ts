import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ncclLog, sweep } from "../../../test/nccl-tests/log.ts";
import { ProblemError } from "../../base/problem.ts";
import { clusterOf, nodes } from "../../catalog/index.ts";
import { type CollectiveOperation, collectiveTime, type Platform, platformOf } from "../../network/index.ts";
import { parseScenario, type Scenario } from "../../scenario/index.ts";
import { type RunOptions, readNcclLog, testProgram } from "../nccl-tests/index.ts";
import { overOnePort, withFewerPorts, withLinks, withoutPeers, withoutReduction, withPorts } from "./faults.ts";
import { type Acceptance, type AcceptOptions, accept } from "./index.ts";

const scenario: Scenario = parseScenario(`windtunnel: 1
name: four nodes
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: collective, operation: all-reduce, sizes: [1 GiB] }
`);

const platform: Platform = platformOf(clusterOf({ node: nodes.get("hgx-h100"), nodes: 4 }));
const sizes = sweep(2 ** 10, 2 ** 33);

const programs = { "all-reduce": "all_reduce", "all-gather": "all_gather", "all-to-all": "alltoall" } as const;

interface Made {
  readonly operation?: keyof typeof programs;
  readonly hosts?: readonly string[];
  readonly from?: Platform;
  /** Factor on each time. */
  readonly noise?: (index: number) => number;
  readonly algorithm?: string;
  readonly command?: string;
}

/** The log of such machines. */
function logOf({
  operation = "all-reduce",
  hosts = ["a", "b", "c", "d"],
  from = platform,
  ...rest
}: Made = {}): string {
  const { noise = () => 1, algorithm, command } = rest;
  const group = { size: 8 * hosts.length, perDomain: 8, stride: 1 };
  const timeOf = (size: number): number =>
    collectiveTime(from, {
      operation: operation as CollectiveOperation,
      size,
      group,
      ...(algorithm ? { algorithm } : {}),
    }).time;
  return ncclLog({
    program: programs[operation],
    hosts: Object.fromEntries(hosts.map((host) => [host, 8])),
    times: sizes.map((size, index) => [size, timeOf(size) * noise(index)] as const),
    ...(command === undefined ? {} : { command }),
  });
}

function judged(logs: readonly string[], options: AcceptOptions = {}): Acceptance {
  return accept(
    { scenario, files: {} },
    logs.map((text, index) => readNcclLog(text, `${index}.log`)),
    options,
  );
}

/** Names of the suspects that the log follows, nearest first. */
function suspected(logs: readonly string[]): readonly string[] {
  const failed = judged(logs).runs.find(({ pass }) => !pass);
  return (failed?.suspects ?? [])
    .filter(({ matches, clearedBy }) => matches && clearedBy === undefined)
    .map(({ name }) => name);
}

describe("a sound machine", () => {
  it("is accepted, on one node and on several, for every collective", () => {
    for (const operation of ["all-reduce", "all-gather", "all-to-all"] as const) {
      for (const hosts of [["a"], ["a", "b"], ["a", "b", "c", "d"]]) {
        const { pass, runs } = judged([logOf({ operation, hosts })]);
        expect([operation, hosts.length, pass]).toEqual([operation, hosts.length, true]);
        expect(runs[0]?.suspects).toEqual([]);
      }
    }
  });

  it("is accepted with the spread that identical machines have", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.92, max: 1.09, noNaN: true }), { minLength: 24, maxLength: 24 }),
        (spread) => {
          expect(judged([logOf({ noise: (index) => spread[index] ?? 1 })]).pass).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("fails by a tolerance that is tighter than its shortfall, and passes by a wider one", () => {
    const slow = logOf({ noise: () => 1.07 });
    expect(judged([slow], { tolerance: 0.05 }).pass).toBe(false);
    expect(judged([slow], { tolerance: 0.08 }).pass).toBe(true);
  });

  it("fails where elements came out wrong, however fast", () => {
    const wrong = logOf().replace(/0( +\d+\.?\d* +\S+ +\S+ +)0$/m, "3$1 0");
    const { pass, runs } = judged([wrong]);
    expect(pass).toBe(false);
    expect(runs[0]?.sizes.filter(({ verdict }) => verdict === "fail").map(({ reason }) => reason)).toEqual([
      "wrong values",
    ]);
    expect(runs[0]?.suspects).toEqual([]);
  });
});

describe("a rail at half of its rate", () => {
  const slow = withPorts(platform, 1 / 2);

  it("fails at large sizes and names the rail first, and what it cannot be told from", () => {
    for (const operation of ["all-reduce", "all-gather", "all-to-all"] as const) {
      const { pass, runs } = judged([logOf({ operation, from: slow })]);
      const [run] = runs;
      expect([operation, pass]).toEqual([operation, false]);
      expect(run?.sizes.at(-1)?.verdict).toBe("fail");
      expect(run?.sizes[0]?.verdict).toBe("pass");
      expect(run?.suspects[0]).toMatchObject({ name: "rail-half-rate", linkClass: "rail", matches: true });
    }
    expect(suspected([logOf({ from: slow })])).toContain("ports-half");
  });

  it("is named under noise of several percent", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.95, max: 1.06, noNaN: true }), { minLength: 24, maxLength: 24 }),
        (spread) => {
          const found = suspected([logOf({ from: slow, noise: (index) => spread[index] ?? 1 })]);
          expect(found).toContain("rail-half-rate");
          expect(found).not.toContain("nvls-off");
        },
      ),
      { numRuns: 20 },
    );
  });

  it("is not blamed on the scale-up links where logs of every node by itself clear them", () => {
    const whole = logOf({ from: slow });
    const cleared = (alone: readonly string[]): readonly (readonly string[] | undefined)[] => {
      const { runs } = judged([whole, ...alone.map((host) => logOf({ hosts: [host] }))]);
      return (runs[0]?.suspects ?? [])
        .filter(({ name }) => name === "peers-off" || name === "links-half")
        .map(({ clearedBy }) => clearedBy);
    };
    const logs = ["1.log", "2.log", "3.log", "4.log"];
    expect(cleared(["a", "b", "c", "d"])).toEqual([logs, logs]);
    expect(cleared(["a", "b", "c"])).toEqual([undefined, undefined]);
  });

  it("is still suspected where the same test passes once, which is said", () => {
    const { runs } = judged([logOf(), logOf({ from: slow })]);
    expect(runs[1]?.suspects[0]?.name).toBe("rail-half-rate");
    expect(runs[1]?.notes).toEqual(["the same test passes in 0.log: the fault comes and goes"]);
  });

  it("is found between pairs of nodes: the host that every failing pair has, and no other", () => {
    const pair = (...hosts: readonly string[]): string =>
      logOf({ hosts, ...(hosts.includes("c") ? { from: slow } : {}) });
    const { hosts, pass } = judged([pair("a", "b"), pair("b", "c"), pair("c", "d"), pair("a", "d")]);
    expect([pass, hosts]).toEqual([false, ["c"]]);
  });
});

describe("other faults", () => {
  const cases: readonly (readonly [name: string, made: Made])[] = [
    ["nvls-off", { hosts: ["a"], from: withoutReduction(platform) }],
    ["peers-off", { hosts: ["a"], from: withoutPeers(platform, 63e9) }],
    ["rail-slow", { from: withPorts(platform, 0.3) }],
    ["management-port-100", { from: overOnePort(platform, 12.5e9) }],
    ["protocol-ll", { hosts: ["a"], algorithm: "ring/ll" }],
  ];

  it.each(cases)("%s comes first", (name, made) => {
    expect(suspected([logOf(made)])[0]).toBe(name);
  });

  it("one port of eight stays within the interval, and fails by a tolerance of a tenth", () => {
    const log = logOf({ from: withFewerPorts(platform, 7 / 8) });
    const { runs, pass } = judged([log], { tolerance: 0.1 });
    expect(pass).toBe(false);
    expect(runs[0]?.suspects.filter(({ matches }) => matches).map(({ name }) => name)).toContain("port-missing");
  });

  it("slow calls are the same time at every size", () => {
    const log = logOf({ hosts: ["a"] });
    const text = log.replaceAll(
      /^( +\d+ +\d+ +float +sum +-1 +)(\d+\.\d+) +\S+ +\S+/gm,
      (_, head: string, time: string) => {
        const [size = 0] = head.trim().split(/\s+/).map(Number);
        const slower = Number(time) + 90;
        const bandwidth = size / slower / 1e3;
        return `${head}${slower.toFixed(2)} ${bandwidth.toFixed(2)} ${(bandwidth * 1.75).toFixed(2)}`;
      },
    );
    expect(suspected([text])[0]).toBe("slow-calls");
  });

  it("are named by the library's own messages where the log has them", () => {
    const socket = "a:1:2 [0] NCCL INFO Using network Socket\n";
    const { runs } = judged([`${socket}${logOf({ from: overOnePort(platform, 12.5e9) })}`]);
    expect(runs[0]?.suspects[0]).toMatchObject({ name: "management-port-100", stated: true });
  });

  it("are not guessed where no curve fits", () => {
    const odd = logOf({ noise: (index) => (index % 2 === 0 ? 6 : 1) });
    const { runs, pass } = judged([odd]);
    expect(pass).toBe(false);
    expect(runs[0]?.suspects.every(({ matches }) => !matches)).toBe(true);
  });
});

describe("the command of a log", () => {
  it("forces the algorithm of the prediction too", () => {
    const log = logOf({ algorithm: "ring", command: "mpirun -x NCCL_ALGO=Ring all_reduce_perf -b 1K -e 8G" });
    const { pass, runs } = judged([log]);
    expect(pass).toBe(true);
    expect(runs[0]?.notes).toEqual(["the command forces ring; so does the prediction"]);
    expect(runs[0]?.sizes.at(-1)?.algorithm).toMatch(/^ring/);
  });

  it("switches in-switch reduction off in the prediction too", () => {
    const log = logOf({
      hosts: ["a"],
      from: withoutReduction(platform),
      command: "NCCL_NVLS_ENABLE=0 all_reduce_perf",
    });
    expect(judged([log]).pass).toBe(true);
  });

  it("is told where it cannot be followed", () => {
    for (const setting of ["NCCL_ALGO=CollnetDirect", "NCCL_ALGO=Ring,CollnetDirect", "NCCL_ALGO=^Ring"]) {
      const { runs } = judged([logOf({ command: `${setting} all_reduce_perf` })]);
      expect(runs[0]?.notes[0]).toContain(`${setting} is not followed`);
    }
  });

  const predicted = (command: string): readonly number[] => {
    const { runs } = judged([logOf({ command: `${command} all_reduce_perf` })]);
    return (runs[0]?.sizes ?? []).map(({ predicted: { time } }) => time);
  };
  const least = (...commands: readonly string[]): readonly number[] => {
    const all = commands.map(predicted);
    return (all[0] ?? []).map((_, index) => Math.min(...all.map((times) => times[index] ?? 0)));
  };

  it("leaves several algorithms or protocols: the fastest of them at each size", () => {
    expect(predicted("NCCL_ALGO=Tree,Ring")).toEqual(least("NCCL_ALGO=Tree", "NCCL_ALGO=Ring"));
    expect(predicted("NCCL_ALGO=Tree,Ring")).not.toEqual(predicted("NCCL_ALGO=Tree"));
    const ring = "NCCL_ALGO=Ring NCCL_PROTO=";
    expect(predicted(`${ring}LL,Simple`)).toEqual(least(`${ring}LL`, `${ring}Simple`));
    expect(predicted(`${ring}LL,Simple`)).not.toEqual(predicted(`${ring}LL`));
    expect(predicted(`${ring}^LL128`)).toEqual(predicted(`${ring}LL,Simple`));
    const { runs } = judged([logOf({ command: "NCCL_ALGO=Tree,Ring all_reduce_perf" })]);
    expect(runs[0]?.notes).toEqual([
      "the command leaves tree, ring; the prediction takes the fastest of them at each size",
    ]);
    const exported = "srun --export=ALL,NCCL_ALGO=Tree,NCCL_PROTO=Simple";
    expect(predicted(exported)).toEqual(predicted("NCCL_ALGO=Tree NCCL_PROTO=Simple"));
    expect(judged([logOf({ command: "NCCL_ALGO=^NVLS,NVLSTree all_reduce_perf" })]).runs[0]?.notes).toEqual([
      "the command switches in-switch reduction off; so does the prediction",
    ]);
  });

  it("explains a shortfall by what it takes away, before anything is suspected, and only there", () => {
    const told = (command: string, share: number, hosts = ["a", "b"]): string => {
      const from = withLinks(withPorts(platform, share), share);
      const { runs } = judged([logOf({ command: `${command} all_reduce_perf`, from, hosts })]);
      return runs[0]?.notes.join("\n") ?? "";
    };
    const cases: readonly (readonly [command: string, note: RegExp])[] = [
      ["NCCL_IB_DISABLE=1", /NCCL_IB_DISABLE=1: TCP sockets/],
      ["NCCL_NET=Socket", /NCCL_NET=Socket: TCP sockets/],
      ["NCCL_MAX_NCHANNELS=2", /NCCL_MAX_NCHANNELS=2: no more channels/],
      ["NCCL_IB_HCA=mlx5_0,mlx5_1:1", /NCCL_IB_HCA=mlx5_0,mlx5_1:1: 2 of the 8 network ports/],
      ["NCCL_IB_HCA==mlx5_0", /1 of the 8 network ports/],
      ["NCCL_P2P_DISABLE=1", /NCCL_P2P_DISABLE: /],
      ["NCCL_SHM_DISABLE=1", /NCCL_SHM_DISABLE: /],
    ];
    for (const [command, note] of cases) {
      expect(told(command, 0.3)).toMatch(note);
      expect(told(command, 1)).toBe("");
    }
    for (const silent of ["NCCL_IB_DISABLE=0", "NCCL_IB_HCA=mlx5", "NCCL_IB_HCA=^mlx5_0", "NCCL_NET=IB"]) {
      expect(told(silent, 0.3)).toBe("");
    }
    expect(told("NCCL_IB_DISABLE=1", 0.3, ["a"])).toBe("");
  });
});

describe("any scenario with the machines", () => {
  it("judges: of a training run too, and by the settings of a collective of the same operation", () => {
    const training = parseScenario(`windtunnel: 1
name: t
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 512 }
layout: { tensor: 2, microBatch: 1 }
`);
    const log = readNcclLog(logOf({ algorithm: "ring" }), "ring.log");
    expect(accept({ scenario: training, files: {} }, [log]).runs[0]?.sizes.at(-1)?.algorithm).toBe("nvls-tree");
    const forced = {
      ...scenario,
      workload: { kind: "collective", operation: "all-reduce", sizes: [1], algorithm: "ring" },
    };
    const { pass, runs } = accept({ scenario: forced as Scenario, files: {} }, [log]);
    expect([pass, runs[0]?.sizes.at(-1)?.algorithm]).toEqual([true, "ring/simple"]);
  });
});

describe("logs that do not belong to the scenario", () => {
  const problems = (text: string): string => {
    try {
      judged([text]);
    } catch (error) {
      if (error instanceof ProblemError) return error.message;
      throw error;
    }
    return "";
  };

  it("are refused: other accelerators, more nodes, collectives that are not modelled", () => {
    expect(problems(logOf().replaceAll("NVIDIA H100 80GB HBM3", "NVIDIA B200"))).toContain("the log is of NVIDIA B200");
    const v100 = logOf().replaceAll("NVIDIA H100 80GB HBM3", "Tesla V100-SXM2-32GB");
    expect(problems(v100)).toContain("the log is of Tesla V100-SXM2-32GB, the scenario's nodes have");
    expect(problems(logOf({ hosts: ["a", "b", "c", "d", "e"] }))).toContain("40 ranks on 5 nodes, the scenario has 4");
    expect(problems(logOf().replaceAll("all_reduce_perf", "hypercube_perf"))).toContain(
      "no such collective is modelled",
    );
  });

  it("are judged with a note where the driver has no name for its device", () => {
    const { pass, runs } = judged([logOf().replaceAll("NVIDIA H100 80GB HBM3", "NVIDIA Graphics Device")]);
    expect([pass, runs[0]?.notes]).toEqual([true, [expect.stringContaining("cannot be told from its name")]]);
  });

  it("are refused where options say another thing than the log", () => {
    const against = (text: string, options: RunOptions, nodes?: number): string => {
      try {
        const log = readNcclLog(text, "0.log", options);
        accept({ scenario, files: {} }, [log], nodes === undefined ? {} : { nodes });
      } catch (error) {
        if (error instanceof ProblemError) return error.message;
        throw error;
      }
      return "";
    };
    const bare = logOf().replaceAll(/^# {2}Rank.*\n/gm, "");
    const cut = logOf().replaceAll(/^# {2}Rank +[2-9].*\n/gm, "");
    expect(against(logOf(), { operation: testProgram("all_gather")! })).toContain("the log names all_reduce_perf");
    expect(against(logOf(), { ranks: 16 })).toContain("the log names 32 ranks, --ranks says 16");
    expect(against(logOf(), { ranks: 64 })).toContain("the columns of the log are of 32 ranks, --ranks says 64");
    expect(against(bare, { ranks: 8 })).toContain("the columns of the log are of 32 ranks");
    expect(against(logOf(), {}, 2)).toContain("the log names 4 nodes, --nodes says 2");
    expect(against(bare, { ranks: 32 }, 33)).toContain("the log has 32 ranks, --nodes says 33");
    expect([against(cut, { ranks: 32 }, 4), against(bare, { ranks: 32 }, 4)]).toEqual(["", ""]);
  });
});
