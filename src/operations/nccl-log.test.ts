import { describe, expect, it } from "vitest";
import { type MemoryHost, memoryHost } from "../../test/memory-host.ts";
import { ncclLog, sweep } from "../../test/nccl-tests/log.ts";
import { type Problem, ProblemError } from "../base/problem.ts";
import type { Profile } from "../network/index.ts";
import { operations } from "./index.ts";

const hosts = { a: 8, b: 8 };
/** Slower than predicted, and by another law. */
const timeOf = (size: number): number => 60e-6 + size / 120e9;
const log = (program = "all_reduce", more: Readonly<Record<string, number>> = hosts): string =>
  ncclLog({ program, hosts: more, times: sweep(2 ** 10, 2 ** 32).map((size) => [size, timeOf(size)] as const) });

const scenario = (workload: string): string => `windtunnel: 1
name: pair
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: collective, operation: all-reduce, ${workload} }
`;

function files(): MemoryHost {
  return memoryHost({
    "run.log": log(),
    "one.log": log("all_gather", { a: 8 }),
    "short.log": ncclLog({ program: "all_reduce", hosts, times: [[1024, 1e-4]] }),
    "v100.log": log().replaceAll("NVIDIA H100 80GB HBM3", "Tesla V100-SXM2-32GB"),
    "rows.log": log().replaceAll(/^#.*\n/gm, ""),
    "garbage.log": "once upon a time\n",
    "runs/pair.yaml": scenario("sizes: { from: 1 MiB, to: 4 GiB }, calibration: ours.json"),
    "plain.yaml": scenario("sizes: [1 GiB]"),
    "train.sh": "pretrain_gpt.py",
  });
}

async function problemsOf(run: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemError) return error.problems;
  throw error ?? new Error("no problem was reported");
}

/** By a scenario: a specification is judged otherwise. */
async function acceptedRuns(input: Parameters<typeof operations.accept.run>[0], host: MemoryHost) {
  const found = await operations.accept.run(input, host);
  if ("tests" in found) throw new Error("a scenario was taken for a specification");
  return found;
}

async function imported(host: MemoryHost, input: Omit<Parameters<typeof operations.import.run>[0], "kind">) {
  const found = await operations.import.run({ kind: "nccl-tests", ...input }, host);
  if (!("records" in found)) throw new Error("a log came back as something else");
  return found;
}

describe("import nccl-tests", () => {
  it("makes records that validate reads and predicts", async () => {
    const host = files();
    const { records, missing } = await imported(host, { file: "run.log", files: ["one.log"], output: "r.json" });
    expect(records.map(({ workload }) => [workload.operation, workload.group])).toEqual([
      ["all-reduce", { size: 16, perNode: 8 }],
      ["all-gather", { size: 8, perNode: 8 }],
    ]);
    expect(records[0]?.measured.slice(-3)).toMatchObject([
      { metric: "time", at: { size: "4 GiB" }, primary: true },
      { metric: "algorithmBandwidth", primary: false },
      { metric: "busBandwidth", primary: false },
    ]);
    expect(missing.map(({ option }) => option)).toEqual(["--node NAME", "--fabric NAME"]);
    const report = await operations.validate.run({ files: ["r.json"] }, host);
    expect(report.records).toHaveLength(3 * 23 * 2);
    expect(report.records.every(({ predicted }) => predicted !== null && predicted > 0)).toBe(true);
    expect(operations.import.document?.({ records, text: "", runs: [], missing, left: [] })).toEqual({
      records,
      runs: [],
      missing,
      left: [],
    });
  });

  it("makes a profile, better at sizes that it was not fitted on than the prediction alone", async () => {
    const host = files();
    const given = { file: "run.log", profile: "runs/ours.json", name: "ours", date: "2026-11-22" };
    await imported(host, given);
    const profile = JSON.parse(host.files.get("runs/ours.json") ?? "") as Profile;
    expect(profile).toMatchObject({ windtunnelProfile: 1, name: "ours", date: "2026-11-22", node: "hgx-h100" });
    const [curve] = profile.curves;
    expect(curve?.error.heldOut).toBeLessThan(0.03);
    expect(curve?.error.raw).toBeGreaterThan(0.15);
    const uses = (curve?.points ?? []).map(({ use }) => use);
    expect([uses.filter((use) => use === "held out").length, uses.at(-1)]).toEqual([11, "fitted"]);
    for (const { size, measured } of curve?.points ?? []) expect(measured / timeOf(size)).toBeCloseTo(1, 2);
  });

  it("gives a scenario the curve, with the prediction without it beside", async () => {
    const host = files();
    await imported(host, { file: "run.log", profile: "runs/ours.json", name: "ours", date: "2026-11-22" });
    const { prediction } = await operations.predict.run({ scenario: "runs/pair.yaml" }, host);
    const plain = await operations.predict.run({ scenario: "plain.yaml" }, host);
    const large = prediction.points?.find(({ at }) => at.size === 2 ** 30);
    expect(large?.metrics.time).toBeCloseTo(timeOf(2 ** 30), 3);
    expect(large?.raw?.time).toBe(plain.prediction.metrics.time);
    expect([large?.how, large?.trust]).toEqual(["ours 2026-11-22", "measured"]);
    const calibrated = await acceptedRuns({ scenario: "runs/pair.yaml", files: ["run.log"] }, host);
    const raw = await acceptedRuns({ scenario: "plain.yaml", files: ["run.log"] }, host);
    expect([calibrated.pass, raw.pass]).toEqual([true, false]);
    expect(calibrated.runs[0]?.notes).toEqual(["the calibration profile ours answers"]);
  });

  it("leaves a profile aside on other machines, fabrics and calls, and says why", async () => {
    const host = files();
    await imported(host, {
      file: "run.log",
      files: ["one.log"],
      profile: "ours.json",
      name: "ours",
      date: "2026-11-22",
    });
    const predicted = async (text: string) => {
      host.files.set("s.yaml", `windtunnel: 1\nname: s\n${text}`);
      return (await operations.predict.run({ scenario: "s.yaml" }, host)).prediction;
    };
    const call = (more: string): string =>
      `workload: { kind: collective, operation: all-reduce, sizes: [1 GiB], calibration: ours.json${more} }\n`;
    const cluster = (more: string): string => `cluster: { node: hgx-h100, nodes: 2${more} }\n`;
    const sound = await predicted(cluster("") + call(""));
    expect([sound.points?.[0]?.how, sound.warnings]).toEqual(["ours 2026-11-22", []]);
    const slowNode = "cluster: { node: { extends: hgx-h100, nics: { bandwidth: 200 Gbit/s } }, nodes: 2 }\n";
    const roce = { profile: "ours.json", name: "ours", date: "2026-11-22", fabric: "roce-400g" };
    const { records } = await imported(host, { file: "run.log", ...roce });
    expect(records[0]?.cluster).toEqual({ node: "hgx-h100", nodes: 2, fabric: "roce-400g" });
    expect((await predicted(cluster(", fabric: roce-400g") + call(""))).points?.[0]?.how).toBe("ours 2026-11-22");
    expect((await predicted(cluster("") + call(""))).warnings.at(-1)).toMatch(/a fabric of infiniband, .* of roce/);
    const lost = await problemsOf(imported(host, { file: "run.log", fabric: "roce-40" }));
    expect(lost[0]).toMatchObject({ path: "--fabric", hint: expect.stringContaining("roce-400g") });
    await imported(host, { file: "run.log", files: ["one.log"], ...roce, fabric: "infiniband-ndr" });
    const aside: readonly (readonly [text: string, reason: RegExp])[] = [
      [slowNode + call(""), /ports of 25 GB\/s, measured was network ports of 50 GB\/s/],
      [`cluster: { node: hgx-h200, nodes: 2 }\n${call("")}`, /has h200-sxm, measured was h100-sxm/],
      [cluster(", fabric: { extends: infiniband-ndr, transport: roce }") + call(""), /a fabric of roce/],
      [cluster(", fabric: { extends: infiniband-ndr, oversubscription: [2] }") + call(""), /oversubscribed 2 : 1/],
      [cluster("") + call(", channels: 4, algorithm: ring"), /ring is forced.*; 4 channels are forced/],
      [cluster("") + call(", group: { size: 8 }"), /it has no such all-reduce over 8 accelerators, 8 a domain$/],
      [
        cluster(
          ", fabric: { extends: infiniband-ndr, buildings: { count: 2, bandwidth: 100 Gbit/s, roundTrip: 2 ms } }",
        ) + call(""),
        /several buildings.*times as long/,
      ],
    ];
    for (const [text, reason] of aside) {
      const { points, warnings } = await predicted(text);
      expect([text, points?.[0]?.raw]).toEqual([text, undefined]);
      expect(warnings.at(-1)).toMatch(/^the calibration profile ours is set aside, the prediction is as without it: /);
      expect(warnings.at(-1)).toMatch(reason);
    }
    const alone = slowNode + call(", group: { size: 8 }").replace("all-reduce", "all-gather");
    expect((await predicted(alone)).points?.[0]?.how).toBe("ours 2026-11-22");
    const scenario = slowNode + call("");
    host.files.set("s.yaml", `windtunnel: 1\nname: s\n${scenario}`);
    const { prediction } = await operations.explain.run({ scenario: "s.yaml" }, host);
    expect([prediction.points?.[0]?.raw, prediction.warnings.length]).toEqual([undefined, 1]);
    const { runs } = await acceptedRuns({ scenario: "s.yaml", files: ["run.log"] }, host);
    expect(runs[0]?.notes).toEqual(prediction.warnings);
    host.files.set("tree.log", `NCCL_ALGO=Tree all_reduce_perf\n${log()}`);
    host.files.set("s.yaml", `windtunnel: 1\nname: s\n${cluster("") + call("")}`);
    const forced = await acceptedRuns({ scenario: "s.yaml", files: ["tree.log"] }, host);
    expect(forced.runs[0]?.notes).toContainEqual(expect.stringMatching(/ours is set aside: the command sets/));
  });

  it("says what is wrong with a profile that a scenario names", async () => {
    const host = files();
    const lost = await problemsOf(operations.predict.run({ scenario: "runs/pair.yaml" }, host));
    expect(lost[0]).toMatchObject({ path: "workload.calibration", message: expect.stringContaining("ours.json") });
    host.files.set("runs/ours.json", "{}");
    const empty = await problemsOf(operations.predict.run({ scenario: "runs/pair.yaml" }, host));
    expect(empty[0]).toMatchObject({ path: "workload.calibration", location: { file: "runs/pair.yaml", line: 4 } });
    await imported(host, { file: "run.log", profile: "runs/ours.json", name: "ours", date: "2026-11-22" });
    host.files.set("runs/ours.json", (host.files.get("runs/ours.json") ?? "").replace("hgx-h100", "hgx-a100"));
    const other = await problemsOf(operations.predict.run({ scenario: "runs/pair.yaml" }, host));
    expect(other[0]?.message).toContain("measured on hgx-a100");
  });

  it("leaves out sizes with wrong values, and says so", async () => {
    const host = files();
    const wrong = log().replace(/^( +1073741824 .*?)0( +\d+\.?\d* +\S+ +\S+ +)0$/m, "$13$2 0");
    host.files.set("wrong.log", wrong);
    const { records, left } = await imported(host, { file: "wrong.log" });
    expect(records[0]?.workload.sizes).not.toContain("1 GiB");
    expect(records[0]?.measured.some(({ at }) => at?.size === "1 GiB")).toBe(false);
    expect(left).toMatchObject([
      { message: "3 elements came out wrong at 1 GiB: not used", location: { file: "wrong.log" } },
    ]);
    host.files.set("all-wrong.log", log().replaceAll(/^( +\d+ .*?)0( +\d+\.?\d* +\S+ +\S+ +)0$/gm, "$13$2 0"));
    const none = await problemsOf(imported(host, { file: "all-wrong.log" }));
    expect(none).toHaveLength(23);
  });

  it("writes the very accelerators of hosts with unlike numbers of ranks, which validate predicts", async () => {
    const host = files();
    host.files.set("uneven.log", log("all_reduce", { a: 8, b: 7 }));
    const { records } = await imported(host, { file: "uneven.log", output: "r.json" });
    expect(records[0]?.workload.group).toEqual({ accelerators: Array.from({ length: 15 }, (_, index) => index) });
    const report = await operations.validate.run({ files: ["r.json"] }, host);
    expect(report.records.every(({ predicted }) => predicted !== null && predicted > 0)).toBe(true);
    const unlisted = log("all_reduce", { a: 8, b: 7 }).replaceAll(/^# {2}Rank.*\n/gm, "");
    host.files.set("unlisted.log", unlisted);
    const given = { file: "unlisted.log", ranks: 15, node: "hgx-h100" };
    expect((await problemsOf(imported(host, given)))[0]?.message).toContain(
      "15 ranks on 2 nodes are not as many on each",
    );
  });

  it("refuses options of other kinds by name, and asks for what it needs", async () => {
    const host = files();
    const kind = "nccl-tests";
    const refused = problemsOf(operations.import.run({ kind, file: "run.log", format: "megatron" }, host));
    expect((await refused)[0]).toMatchObject({
      path: "--format",
      message: "belongs to import launch, not to import nccl-tests",
    });
    const launch = problemsOf(
      operations.import.run({ kind: "launch", file: "train.sh", ranks: 8, files: ["x"] }, host),
    );
    expect((await launch).map(({ path }) => path)).toEqual(["--ranks", "files"]);
    const nameless = problemsOf(operations.import.run({ kind, file: "run.log", profile: "p.json" }, host));
    expect((await nameless).map(({ path }) => path)).toEqual(["--name", "--date"]);
    const date = { kind, file: "run.log", profile: "p.json", name: "x", date: "yesterday" };
    expect((await problemsOf(operations.import.run(date, host)))[0]?.path).toBe("--date");
    for (const day of ["2026-02-31", "2025-02-29", "2026-04-31", "2026-13-01", "2026-1-1"]) {
      expect((await problemsOf(operations.import.run({ ...date, date: day }, host)))[0]?.path).toBe("--date");
    }
    await operations.import.run({ ...date, date: "2024-02-29" }, host);
    const short = { kind, file: "short.log", profile: "p.json", name: "x", date: "2026-11-22" };
    expect((await problemsOf(operations.import.run(short, host)))[0]?.message).toContain("a profile needs 5");
    const unknown = problemsOf(operations.import.run({ kind, file: "v100.log" }, host));
    expect((await unknown)[0]?.hint).toContain("--node NAME");
    const operation = problemsOf(operations.import.run({ kind, file: "run.log", operation: "all_produce" }, host));
    expect((await operation)[0]?.path).toBe("--operation");
    const rows = problemsOf(operations.import.run({ kind, file: "rows.log" }, host));
    expect((await rows)[0]?.message).toBe("the log names no device");
    const named = await imported(host, { file: "rows.log", node: "hgx-h100", nodes: 2 });
    expect(named.records[0]?.cluster).toEqual({ node: "hgx-h100", nodes: 2 });
    const against = { "--operation": { operation: "all_gather" }, "--ranks": { ranks: 8 }, "--nodes": { nodes: 4 } };
    for (const [option, said] of Object.entries(against)) {
      const found = await problemsOf(operations.import.run({ kind, file: "run.log", ...said }, host));
      expect(found[0]?.message).toMatch(new RegExp(`^the log names .*, ${option} says`));
    }
    const garbage = await problemsOf(operations.import.run({ kind, file: "garbage.log", files: ["run.log"] }, host));
    expect(garbage[0]).toMatchObject({ location: { file: "garbage.log", line: 1, column: 1 } });
  });
});

describe("accept", () => {
  it("answers infeasible where a log fails, and reads several", async () => {
    const host = files();
    const output = await acceptedRuns({ scenario: "plain.yaml", files: ["run.log", "one.log"] }, host);
    expect(operations.accept.infeasible?.(output)).toBe(true);
    expect(output.runs.map(({ file }) => file)).toEqual(["run.log", "one.log"]);
    const wide = { scenario: "plain.yaml", files: ["run.log"], tolerance: "95%" };
    expect(operations.accept.infeasible?.(await acceptedRuns(wide, host))).toBe(false);
  });

  it("collects the problems of all logs, and of a tolerance that is none", async () => {
    const host = files();
    const run = operations.accept.run({ scenario: "plain.yaml", files: ["garbage.log", "lost.log", "run.log"] }, host);
    expect(await problemsOf(run)).toHaveLength(2);
    for (const tolerance of ["100%", "-5%", "ten"]) {
      const refused = operations.accept.run({ scenario: "plain.yaml", files: ["run.log"], tolerance }, host);
      expect((await problemsOf(refused))[0]?.path).toBe("--tolerance");
    }
  });
});
