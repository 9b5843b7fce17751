import { describe, expect, it } from "vitest";
import { memoryHost } from "../../test/memory-host.ts";
import { ProblemError } from "../base/problem.ts";
import type { TermDifference } from "../base/term-difference.ts";
import { operations } from "./index.ts";

const base = `windtunnel: 1
name: base
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { tensor: 4, pipeline: 2, microBatch: 1 }
software: megatron-core@2024.07
`;
const host = memoryHost({
  "base.yaml": base,
  "same.yaml": base.replace("name: base", "name: same"),
  "blackwell.yaml": base.replace("hgx-h100", "hgx-b200"),
  "flat.yaml": base.replace("pipeline: 2", "pipeline: 1").replace("tensor: 4", "tensor: 8"),
  "batch.yaml": base.replace("globalBatch: 128", "globalBatch: 256"),
  "broken.yaml": base.replace("tensor: 4", "tensor: 3"),
  "failing.yaml": `${base}reliability: { checkpoint: { every: 30 min } }\n`,
  "rarely.yaml": `${base}reliability: { checkpoint: { every: 6 h } }\nstorage: { write: 5 GB/s }\n`,
  "ring.yaml": `windtunnel: 1
name: ring
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: collective, operation: all-reduce, sizes: [1 GiB] }
`,
});
const compared = (...scenarios: string[]) => operations.compare.run({ scenarios }, host);

function checkShares({ share, children }: TermDifference, size: number): void {
  if (children.length === 0) return;
  const total = children.reduce((sum, child) => sum + child.share, 0);
  expect(Math.abs(total - share)).toBeLessThanOrEqual(1e-9 * size);
  for (const child of children) checkShares(child, size);
}

describe("compare", () => {
  it("adds the difference of every pair up to 1e-9, whatever differs", async () => {
    const { designs, against } = await compared("base.yaml", "blackwell.yaml", "flat.yaml", "batch.yaml");
    const [first, ...others] = designs.map(({ prediction }) => prediction.terms.value);
    for (const [index, { difference, parts }] of against.entries()) {
      const whole = (others[index] ?? 0) - (first ?? 0);
      expect(difference.share).toBe(whole);
      checkShares(difference, first ?? 0);
      const total = parts.reduce((sum, { share }) => sum + share, 0);
      expect(Math.abs(total - whole)).toBeLessThanOrEqual(1e-9 * Math.abs(whole));
    }
  });

  it("says what makes the difference in time to train, where failures are in both", async () => {
    const { against, designs } = await compared("failing.yaml", "rarely.yaml", "base.yaml");
    const [one, two] = designs.map(({ prediction }) => prediction.metrics.timeToTrain ?? 0);
    const wall = against[0]?.wallTime;
    expect(wall?.difference.share).toBeCloseTo((two ?? 0) - (one ?? 0), 3);
    expect(wall?.parts[0]?.path).toBe("lostWork");
    const total = wall?.parts.reduce((sum, { share }) => sum + share, 0) ?? 0;
    expect(Math.abs(total - (wall?.difference.share ?? 0))).toBeLessThan(1e-9 * (one ?? 0));
    expect(against[1]?.wallTime).toBeUndefined();
  });

  it("says what was written differently, and what follows from it", async () => {
    const { against } = await compared("base.yaml", "blackwell.yaml", "flat.yaml");
    expect(against[0]?.changed).toEqual([{ path: "cluster.node", before: "hgx-h100", after: "hgx-b200" }]);
    expect(against[1]?.changed.map(({ path }) => path)).toEqual(["layout.tensor", "layout.pipeline"]);
    expect(against[1]?.assumed.map(({ path }) => path)).toContain("layout.virtualStages");
  });

  it("calls a tie what is one, and does not claim more than measured runs say", async () => {
    const { metrics, against } = await compared("base.yaml", "same.yaml", "blackwell.yaml");
    const told = metrics.find(({ metric }) => metric === "stepTime")?.told ?? [];
    expect(told.slice(0, 2)).toEqual(["tie", "tie"]);
    expect(told[2]).toBe("apart");
    expect(metrics.find(({ metric }) => metric === "cost")?.told[2]).toBe("unjudged");
    expect(against[0]).toMatchObject({ changed: [], assumed: [], parts: [], measureNext: [] });
  });

  it("names three measurements, those of the largest effect first", async () => {
    const { against } = await compared("base.yaml", "blackwell.yaml");
    const next = against[0]?.measureNext ?? [];
    expect(next).toHaveLength(3);
    const effects = next.map(({ narrows }) => narrows);
    expect(effects).toEqual([...effects].sort((a, b) => b - a));
    for (const { narrows, accelerator } of next) {
      expect(narrows).toBeGreaterThan(0);
      expect(narrows).toBeLessThanOrEqual(1);
      expect(["h100-sxm", "b200-sxm"]).toContain(accelerator);
    }
  });

  it("warns where one step is other work than the other", async () => {
    expect((await compared("base.yaml", "batch.yaml")).notes.join()).toMatch(/batch.yaml does other work/);
    expect((await compared("base.yaml", "flat.yaml")).notes.join()).not.toMatch(/other work/);
  });

  it.each([
    [["base.yaml", "ring.yaml"], /ring.yaml is collective, base.yaml is training/],
    [["-", "-"], /can be read once/],
    [["broken.yaml", "lost.yaml"], /lost.yaml/],
  ])("refuses %s", async (files, message) => {
    const error = await compared(...files).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProblemError);
    expect((error as ProblemError).message).toMatch(message);
  });
});
