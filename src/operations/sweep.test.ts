import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { type MemoryHost, memoryHost } from "../../test/memory-host.ts";
import { ProblemError } from "../base/problem.ts";
import { queryOperation } from "./query.ts";
import { type SweepInput, type SweepOutput, sweepOperation } from "./sweep.ts";

const study = `windtunnel: 1
name: small study
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { microBatch: 1, sharding: optimizer }
vary: { layout.tensor: [1, 2, 3, 4, 8], layout.pipeline: [1, 2, 4] }
objective: [{ minimize: timeToTrain }]
constraints: [{ metric: modelFlopsUtilization, atLeast: 20 % }]
`;

const hostOf = (text: string): MemoryHost => memoryHost({ "s.yaml": text });

function sweep(host: MemoryHost, input: Partial<SweepInput> = {}): Promise<SweepOutput> {
  return sweepOperation.run({ study: "s.yaml", ...input }, host);
}

async function problemsOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
  return "";
}

it("says where the answer to another study is replaced, and nothing where it is the same", async () => {
  const host = hostOf(study);
  expect((await sweep(host)).before).toBe("kept");
  expect((await sweep(host)).before).toBe("kept");
  host.files.set("s.yaml", study.replace("atLeast: 20 %", "atLeast: 30 %"));
  expect((await sweep(host)).before).toBe("replaced");
});

/** The files that are the same however a study came to its end. */
function results({ files, bytes }: MemoryHost): unknown {
  return [
    files.get("s.results/summary.json"),
    files.get("s.results/study.json"),
    bytes.get("s.results/results.parquet"),
  ];
}

/** A host that runs out of room, or whose user stops, after some points. */
function failing(host: MemoryHost, after: number, how: "full" | "stopped"): MemoryHost {
  let batches = 0;
  return {
    ...host,
    cancelled: () => how === "stopped" && batches > after,
    append(path, text) {
      if (how === "full" && batches > after) {
        // A full disk takes the first part of what is written.
        host.append(path, text.slice(0, 40));
        return Promise.reject(new ProblemError([{ path: "", message: `cannot write "${path}": no space left` }]));
      }
      batches++;
      return host.append(path, text);
    },
  };
}

describe("a sweep", () => {
  it("names the best, and what keeps the others out", async () => {
    const host = hostOf(study);
    const { summary, ended } = await sweep(host);
    expect(ended).toBe("complete");
    expect(summary.points).toMatchObject({ planned: 15, finished: 15 });
    expect(summary.points.meets).toBeGreaterThan(0);
    const times = summary.best.map(({ metrics }) => metrics.timeToTrain as number);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(summary.binds.map(({ by, what }) => `${by} ${what}`)).toContain("fit accelerator memory");
    expect(summary.binds.find(({ by }) => by === "refused")?.reason).toContain("3");
    const file = host.bytes.get("s.results/results.parquet")?.slice().buffer as ArrayBuffer;
    const rows = (await parquetReadObjects({ file })) as Record<string, unknown>[];
    expect(rows).toHaveLength(15);
    expect(rows.filter(({ meets }) => meets)).toHaveLength(summary.points.meets);
    const best = rows[summary.best[0]?.point as number];
    expect(best).toMatchObject({
      timeToTrain: times[0],
      meets: true,
      "layout.tensor": summary.best[0]?.at["layout.tensor"],
    });
  });

  it("gives a Pareto front for two goals", async () => {
    const text = study.replace("}]\n", "}, { minimize: memoryPerAccelerator }]\n");
    const { summary } = await sweep(hostOf(text));
    const front = summary.pareto.map(({ metrics }) => metrics);
    expect(front.length).toBeGreaterThan(1);
    for (let index = 1; index < front.length; index++) {
      expect(front[index]?.timeToTrain).toBeGreaterThan(front[index - 1]?.timeToTrain as number);
      expect(front[index]?.memoryPerAccelerator).toBeLessThan(front[index - 1]?.memoryPerAccelerator as number);
    }
  });

  it("runs only what is missing, and knows points by their content", async () => {
    const host = hostOf(study);
    await sweep(host);
    await sweep(host);
    expect(host.messages.at(-1)).toBe("sweep: 15 points, 15 finished already, 0 to run");
    host.files.set("s.yaml", study.replace("[1, 2, 4]", "[1, 2, 4, 8]").replace("small study", "larger study"));
    await sweep(host);
    expect(host.messages.at(-1)).toBe("sweep: 20 points, 15 finished already, 5 to run");
    host.files.set("s.yaml", study.replace("globalBatch: 128", "globalBatch: 256"));
    await sweep(host);
    expect(host.messages.at(-1)).toBe("sweep: 15 points, 0 finished already, 15 to run");
  });

  it.each(["full", "stopped"] as const)("loses nothing when it is %s, and ends with the same bytes", async (how) => {
    const [whole, host] = [hostOf(study), hostOf(study)];
    await sweep(whole);
    const first = sweep(failing(host, 2, how));
    if (how === "full") {
      const said = await problemsOf(first);
      expect(said).toContain("no space left; every finished point is kept");
    } else expect((await first).ended).toBe("stopped");
    await sweep(host);
    expect(host.messages.join()).toMatch(/15 points, (9|1\d) finished already/);
    expect(results(host)).toEqual(results(whole));
  });

  it("keeps what a kill left, a line cut short excepted", async () => {
    const [whole, host] = [hostOf(study), hostOf(study)];
    await sweep(whole);
    const lines = (whole.files.get("s.results/points-0001.jsonl") as string).split("\n");
    host.files.set("s.results/study.json", whole.files.get("s.results/study.json") as string);
    host.files.set("s.results/points-0001.jsonl", `${lines.slice(0, 5).join("\n")}\n${lines[5]?.slice(0, 30)}`);
    await sweep(host);
    expect(host.messages.join("\n")).toContain("1 line was cut short and passed over");
    expect(results(host)).toEqual(results(whole));
  });
});

describe("a sweep with mistakes", () => {
  it.each([
    [
      study.replace("minimize: timeToTrain", "minimize: timeToTrane"),
      'has a metric "timeToTrane"; did you mean "timeToTrain"?',
    ],
    [study.replace("20 %", "20 GB"), "is a size, expected a ratio"],
    [study.replace("20 % }", "20 %, atMost: 10 % }"), "nothing can keep this"],
    [study.replace(", atLeast: 20 %", ""), "expected atMost or atLeast"],
    [study.replace("{ minimize: timeToTrain }", "{}"), "expected either minimize or maximize"],
    [study.replace("objective:", "objectiv:"), 'unknown key "objectiv"; did you mean "objective"?'],
    [study.replace(/vary.*\n/, ""), "vary: missing"],
    [study.replace("{ layout.tensor:", "{ workload.model: [gone.json], layout.tensor:"), "gone.json"],
  ])("%#", async (text, expected) => {
    expect(await problemsOf(sweep(hostOf(text)))).toContain(expected);
  });

  it("says which of the best cannot be told from the first, by the models' own error", async () => {
    const { summary } = await sweep(hostOf(study));
    const [first, ...others] = summary.best;
    const interval = 0.05;
    for (const { told, metrics } of others) {
      const apart = (metrics.timeToTrain ?? 0) / (first?.metrics.timeToTrain ?? 1) - 1;
      if (told === "tie") expect(apart).toBeLessThanOrEqual(0.01);
      if (apart > 0.01 && apart < interval) expect(told).toBe("overlap");
    }
    const same = others.filter(({ told }) => told === "tie" || told === "overlap").length;
    expect(summary.nearTies).toBeGreaterThanOrEqual(same);
  });

  it("refuses results of other code under the same version, and leaves them alone", async () => {
    const host = hostOf(study);
    await sweep(host);
    const kept = host.files.get("s.results/points-0001.jsonl") as string;
    const changed = kept.replaceAll(/"stepTime":(\d)/g, '"stepTime":9$1');
    host.files.set("s.results/points-0001.jsonl", changed);
    expect(await problemsOf(sweep(host))).toMatch(/other code of version/);
    expect(host.files.get("s.results/points-0001.jsonl")).toBe(changed);
  });

  it("is told apart by its exit where it was stopped", async () => {
    const output = await sweep(failing(hostOf(study), 1, "stopped"));
    expect(sweepOperation.stopped?.(output)).toBe(true);
    expect(sweepOperation.infeasible?.(output)).toBe(false);
  });

  it("says which points come closest where nothing meets the constraints", async () => {
    const { summary } = await sweep(hostOf(study.replace("20 %", "90 %")));
    expect(sweepOperation.infeasible?.({ summary, folder: "", ended: "complete", before: "kept" })).toBe(true);
    expect([summary.points.meets, summary.best]).toEqual([0, []]);
    const [closest] = summary.closest;
    expect(closest?.lacks).toHaveLength(1);
    expect(closest?.lacks?.[0]).toMatchObject({ by: "constraint", what: "modelFlopsUtilization", needed: 0.9 });
    expect(closest?.lacks?.[0]?.excess).toBeGreaterThan(0.1);
  });

  it("leaves results of another version, and other people's folders, as they are", async () => {
    const host = hostOf(study);
    await sweep(host);
    host.files.set("s.results/study.json", '{ "format": 1, "version": "9.9.9" }');
    const before = [...host.files.values()].join();
    expect(await problemsOf(sweep(host))).toMatch(
      /made by version 9\.9\.9 of Windtunnel; this is \d.*nothing in this one/,
    );
    expect([...host.files.values()].join()).toBe(before);
    const other = memoryHost({ "s.yaml": study, "home/letter.txt": "dear" });
    expect(await problemsOf(sweep(other, { output: "home" }))).toContain(
      "is no folder of results: it holds letter.txt",
    );
  });

  it("a query says what is missing", async () => {
    const host = memoryHost({ "a/study.json": "{}" });
    expect(await problemsOf(queryOperation.run({ folder: "a", sql: "SELECT 1" }, host))).toContain("has not ended");
    expect(await problemsOf(queryOperation.run({ folder: "b", sql: "SELECT 1" }, host))).toContain("holds no results");
  });
});
