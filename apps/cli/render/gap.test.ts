import { describe, expect, it } from "vitest";
import { memoryHost } from "../../../test/memory-host.ts";
import { runCli } from "../cli.ts";
import { plainView } from "../view.ts";

const scenario = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { tensor: 8, pipeline: 2, microBatch: 1, recompute: full }
`;

const timers = `(min, max) time across ranks (ms):
    forward-backward ...............................: (26094.39, 26095.09)
    optimizer ......................................: (3407.56, 3409.92)`;
const log = [1, 2, 3, 4, 5]
  .map((step) => ` iteration ${step}/ 10 | elapsed time per iteration (ms): ${30_000 + step}.5 |\n${timers}`)
  .join("\n");

async function explain(...words: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ["", ""];
  const code = await runCli(["explain", "s.yaml", ...words], {
    host: memoryHost({ "s.yaml": scenario, "-": log }),
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
}

describe("a gap on a terminal", () => {
  it("shows the measurement, the gap by part, the rest and what would help", async () => {
    const { code, out, error } = await explain("--measured", "stepTime=90 s");
    expect([code, error]).toEqual([0, ""]);
    expect(out).toMatch(/step time +90 s +[\d.]+ s +-[\d.]+ % +[\d.]+ s to [\d.]+ s: outside/);
    expect(out).toMatch(/The gap: [\d.]+ s slower than predicted \(\+[\d.]+ %\)/);
    expect(out).toMatch(/matrix products +[\d.]+ s +\+[\d.]+ s .*\n +\d+ % by tables of matrix products on hopper/);
    expect(out).toMatch(/unexplained +\+[\d.]+ s\n +no part can carry it/);
    expect(out).toMatch(/What would help most[\s\S]*changes predicted: \d+ faster/);
    expect(out).toContain("Assumptions");
    expect(out).not.toContain("Sensitivity");
  });

  it("says so where the run is faster, or as predicted", async () => {
    const fast = await explain("--measured", "stepTime=1 s");
    expect(fast.out).toMatch(/s faster than predicted/);
    expect(fast.out).toContain("is it the same model, batch and cluster?");
    const { out } = await explain("--json");
    const { prediction } = JSON.parse(out) as { prediction: { metrics: { stepTime: number } } };
    const equal = await explain("--measured", `stepTime=${prediction.metrics.stepTime} s`);
    expect(equal.out).toContain("The gap: none");
  });

  it("takes several flags, a log from standard input, its timers, and opens a term beside it", async () => {
    const several = await explain("--measured", "stepTime=30 s", "--measured", "memoryPerAccelerator=70 GiB");
    expect(several.out).toMatch(/memory per accelerator +70 GiB/);
    const { out } = await explain("bubble", "--measured", "-");
    expect(out).toContain('median of 5 of 5 step lines of "standard input" (megatron)');
    expect(out).toMatch(/timer optimizer: 3\.41 s measured, [\d.]+ m?s predicted: optimizer/);
    expect(out).toMatch(/timer forward-backward: 26\.1 s measured/);
    expect(out).toMatch(/pipeline bubble +[\d.]+ m?s .*derived/);
  });

  it("is one document with --json, parts and rest adding up", async () => {
    const { code, out } = await explain("--measured", "-", "--json");
    expect(code).toBe(0);
    const { measured } = JSON.parse(out) as {
      measured: { gap: Record<string, number> & { parts: { share: number }[] } };
    };
    const { gap } = measured;
    const total = gap.parts.reduce((sum, { share }) => sum + share, gap.unexplained ?? 0);
    expect(total).toBeCloseTo(gap.seconds ?? 0, 9);
  });

  it("keeps lines within the width", async () => {
    for (const words of [
      "stepTime=60 s, modelFlopsPerSecondPerAccelerator=200 TFLOP/s, memoryPerAccelerator=70 GiB",
      "-",
    ]) {
      const { out } = await explain("--measured", words);
      expect(out.split("\n").filter((line) => line.length > plainView.width)).toEqual([]);
    }
  });

  it("reports problems like all others", async () => {
    const { code, out, error } = await explain("--measured", "stepTime=7", "--measured", "x=3 s");
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(/error: 2 problems\n.*measured: stepTime: "7" has no unit.*\n.*unknown metric "x"/);
    expect((await explain("--measured")).error).toContain("--measured needs a METRIC=VALUE|FILE");
  });
});
