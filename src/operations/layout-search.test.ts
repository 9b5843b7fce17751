import { expect, it } from "vitest";
import { memoryHost } from "../../test/memory-host.ts";
import { ProblemError } from "../base/problem.ts";
import { operations } from "./index.ts";
import type { LayoutFlags, LayoutSearch } from "./layout-search.ts";

const job = (layout: string, batch = 64): string => `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: ${batch} }
software: megatron-core@2024.07
layout: ${layout}
`;

const host = memoryHost({
  "open.yaml": job("{ tensor: auto, pipeline: [1, 2], recompute: auto } # which one?"),
  "now.yaml": job("{ tensor: 4, pipeline: 2, recompute: full }"),
  "other.yaml": job("{ tensor: 4 }", 128),
  "-": "",
});

async function searched(flags: LayoutFlags): Promise<LayoutSearch> {
  const output = await operations.search.run({ scenario: "open.yaml", ...flags }, host);
  if (!("covered" in output)) throw new Error("a search of layouts is meant");
  return output;
}

it("holds a design of the same job against the best, and says why others are faster", async () => {
  const { best, against, alike } = await searched({ against: "now.yaml" });
  expect(against?.stepTime).toBeGreaterThan(best[0]?.stepTime ?? Number.NaN);
  expect(against?.faster).toBeGreaterThan(0);
  expect(best[0]?.why?.map(({ share }) => Math.abs(share))).toEqual(
    best[0]?.why?.map(({ share }) => Math.abs(share)).sort((a, b) => b - a),
  );
  expect(alike?.count).toBeGreaterThanOrEqual(best.length);
});

it("writes the best layout so that predict gives the same", async () => {
  const { best } = await searched({ output: "best.yaml" });
  const { prediction } = await operations.predict.run({ scenario: "best.yaml" }, host);
  expect(prediction.metrics.stepTime).toBe(best[0]?.stepTime);
});

it.each([
  [{ against: "other.yaml" }, "--against: another job: globalBatch 128, but the search has 64"],
  [{ against: "open.yaml" }, "--against: open.yaml has an open layout itself"],
  [{ margin: "120 %" }, '--margin: found "120 %", expected a share below 1'],
  [{ within: "near" }, '--within: found "near", expected a share below 1'],
  [{ budget: "soon" }, '--budget: found "soon", expected a time'],
] as const)("refuses %j", async (flags, message) => {
  const error: unknown = await searched(flags).catch((reason: unknown) => reason);
  if (!(error instanceof ProblemError)) throw error;
  expect(error.problems.map((problem) => `${problem.path}: ${problem.message}`)).toEqual([message]);
});
