/** Sweeps that breed their points, and sweeps whose points are searches. */

import { describe, expect, it } from "vitest";
import { type MemoryHost, memoryHost } from "../../test/memory-host.ts";
import { ProblemError } from "../base/problem.ts";
import { type SweepInput, type SweepOutput, sweepOperation } from "./sweep.ts";

const study = `windtunnel: 1
name: small study
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { microBatch: 1, sharding: optimizer }
vary:
  cluster.node: [hgx-h100, hgx-a100]
  cluster.nodes: [1, 2, 4, 8]
  layout.tensor: [1, 2, 4, 8]
  layout.pipeline: [1, 2, 4]
  layout.recompute: [none, selective, full]
objective: [{ minimize: timeToTrain }, { minimize: cost }]
`;
const bred = `${study}sampling: { method: evolutionary, points: 60, seed: 1 }\n`;

function sweep(host: MemoryHost, input: Partial<SweepInput> = {}): Promise<SweepOutput> {
  return sweepOperation.run({ study: "s.yaml", ...input }, host);
}

const hostOf = (text: string): MemoryHost => memoryHost({ "s.yaml": text });

function results({ files, bytes }: MemoryHost): unknown {
  return [files.get("s.results/summary.json"), bytes.get("s.results/results.parquet")];
}

async function problemsOf(text: string): Promise<string> {
  try {
    await sweep(hostOf(text));
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
  return "";
}

describe("a sweep by evolution", () => {
  it("looks at as many as were asked for, and says that it proves nothing", async () => {
    const { summary, ended } = await sweep(hostOf(bred));
    expect(ended).toBe("complete");
    expect(summary.points).toMatchObject({ planned: 60, finished: 60 });
    expect(summary.space).toEqual({ combinations: 288, covered: "some" });
  });

  it("looks at every combination where there is room, with the answer of the grid", async () => {
    const [grid, all] = [await sweep(hostOf(study)), await sweep(hostOf(bred), { points: 288 })];
    expect(all.summary.space).toEqual({ combinations: 288, covered: "all" });
    expect(all.summary.pareto).toEqual(grid.summary.pareto);
  });

  it("goes on after a stop, generation by generation, to the same bytes", async () => {
    const [whole, host] = [hostOf(bred), hostOf(bred)];
    await sweep(whole);
    for (let stops = 0; stops < 3; stops++) {
      let done = 0;
      const append = (path: string, text: string): Promise<void> => {
        done++;
        return host.append(path, text);
      };
      const { ended, summary } = await sweep({ ...host, append, cancelled: () => done > 0 });
      expect(ended).toBe("stopped");
      expect(summary.points.finished).toBeLessThan(60);
    }
    expect((await sweep(host)).ended).toBe("complete");
    expect(host.messages.join()).toMatch(/60 points, [1-9]\d* finished already/);
    expect(results(host)).toEqual(results(whole));
  });

  it("ends with the best so far when its time is up", async () => {
    const host = hostOf(bred);
    let time = 0;
    const clock = { ...host, now: () => time++ };
    const { ended, summary } = await sweep(clock, { budget: "40 s" });
    expect(ended).toBe("stopped");
    expect(summary.pareto.length).toBeGreaterThan(0);
    expect((await sweep(host)).ended).toBe("complete");
  });

  it.each([
    [bred.replace(/objective.*\n/, ""), "an evolutionary search needs an objective"],
    [bred.replace("points: 60, ", ""), "evolutionary needs a number of points"],
    [bred.replace("evolutionary", "evolution"), 'did you mean "evolutionary"'],
    [bred.replace("[1, 2, 4, 8]", "[]"), "the list has no values"],
    [bred.replace("[1, 2, 4, 8]", "[1, two]"), "s.yaml:8:22 vary.cluster.nodes[1]"],
    [study.replace("[1, 2, 4, 8]", "{ from: 1, to: 100000 }"), "1000000 is the most"],
  ])("refuses %#", async (text, expected) => {
    expect(await problemsOf(text)).toContain(expected);
  });

  it("takes a space of ten thousand million points, and values written twice", async () => {
    const text = bred
      .replace("[1, 2, 4, 8]", "{ from: 1, to: 100000 }")
      .replace("recompute: [none", "virtualStages: { from: 1, to: 1000 }\n  layout.recompute: [none, none");
    const { summary } = await sweep(hostOf(text), { points: 20 });
    expect(summary.points.finished).toBe(20);
    expect(summary.space.combinations).toBeGreaterThan(5e9);
  });
});

describe("a sweep over searches", () => {
  const open = `windtunnel: 1
name: which cluster
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { tensor: [1, 2, 4], pipeline: [1, 2], microBatch: [1, 2] }
vary: { cluster.nodes: [1, 2, 4], cluster.node: [hgx-h100, hgx-h200] }
objective: [{ minimize: timeToTrain }]
`;

  it("gives each point the best of the layouts that are written out", async () => {
    const { summary } = await sweep(hostOf(open));
    const written = open
      .replace(/layout: .*\n/, "")
      .replace(
        "[hgx-h100, hgx-h200] }",
        "[hgx-h100, hgx-h200], layout.tensor: [1, 2, 4], layout.pipeline: [1, 2], layout.microBatch: [1, 2] }",
      );
    const by = (await sweep(hostOf(written))).summary.best[0];
    const best = summary.best[0];
    expect(best?.metrics).toEqual(by?.metrics);
    const layout = best?.found?.layout as Record<string, unknown>;
    expect(layout.tensor).toBe(by?.at["layout.tensor"]);
    expect(layout.pipeline).toBe(by?.at["layout.pipeline"]);
  });

  it("finds layouts that leave the memory free that a limit asks for", async () => {
    const limited = `${open}constraints: [{ metric: memoryMargin, atLeast: 40 % }]\n`;
    const { summary } = await sweep(hostOf(limited));
    expect(summary.points.meets).toBeGreaterThan(0);
    for (const { metrics } of summary.best) expect(metrics.memoryMargin).toBeGreaterThanOrEqual(0.4);
    const free = (await sweep(hostOf(open))).summary;
    expect(summary.best[0]?.metrics.timeToTrain).toBeGreaterThanOrEqual(free.best[0]?.metrics.timeToTrain ?? 0);
  });

  it("says what the closest lack where nothing fits a limit on accelerators and power", async () => {
    const limited = `${open}constraints: [{ metric: accelerators, atMost: 4 }, { metric: power, atMost: 1 kW }]\n`;
    const { summary } = await sweep(hostOf(limited));
    expect(summary.points.meets).toBe(0);
    expect(summary.closest[0]?.lacks?.map(({ what }) => what)).toEqual(["accelerators", "power"]);
    expect(summary.closest[0]?.metrics.accelerators).toBe(8);
  });
});
