/** What a serving engineer reads. */

import { describe, expect, it } from "vitest";
import { predictDesign, resolve, scenarioFromValue } from "../../../src/scenario/index.ts";
import { plainView } from "../view.ts";
import { renderPredict } from "./predict.ts";

function shown(model: string, requests: object, slo?: object): string {
  const scenario = scenarioFromValue({
    windtunnel: 1,
    name: "Chat",
    cluster: { node: "hgx-h100", nodes: 1 },
    workload: { kind: "serving", model, requests: { input: 500, output: 50, ...requests }, ...(slo ? { slo } : {}) },
    serving: { engine: { name: "vllm", version: "0.15" }, replicas: 1 },
  });
  const design = resolve(scenario);
  return renderPredict({ design, prediction: predictDesign(design) }, plainView);
}

describe("a serving prediction", () => {
  const text = shown(
    "llama-3.1-8b",
    { arrivals: "poisson", rate: "4 /s", count: 60 },
    { timeToFirstToken: { p99: "1 ms" }, timePerOutputToken: { mean: "1 s" } },
  );

  it("opens with what was asked, the verdict and the targets", () => {
    expect(text).toMatch(
      /^Chat\nmeta-llama\/Llama-3.1-8B \| 1 x h100-sxm \| vllm 0.15 \| 60 requests, poisson 4 \/s\n/,
    );
    expect(text).toMatch(/verdict +stable/);
    expect(text).toMatch(/targets kept +0 % of all requests/);
    expect(text).toMatch(/timeToFirstToken.p99 +1 ms .* missed/);
    expect(text).toMatch(/timePerOutputToken.mean +1 s .* met/);
  });

  it("has every latency with its percentiles, and where the time goes", () => {
    for (const label of ["time to first token", "time per output token", "between two tokens", "end to end"]) {
      expect(text).toMatch(new RegExp(`${label}( +[\\d.]+ (ms|s)){5}`));
    }
    expect(text).toContain("Where the time of a mean request goes");
    expect(text).toMatch(/decoding +█/);
  });

  it("puts the engine's defaults in one line, and keeps within the width", () => {
    expect(text).toMatch(
      /not given; as vllm 0.15 does: serving.engine.maxBatchedTokens 8192,\s+serving.engine.maxSequences 1024,/,
    );
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(plainView.width);
  });

  it("says what binds where the engine does not start", () => {
    const lack = shown("llama-3.1-405b", { concurrency: 4, count: 8 });
    expect(lack).toContain("does not fit");
    expect(lack).toMatch(/what binds +memory of one accelerator.*weights 7\d\d GiB/s);
    expect(lack).toContain("8 requests, 4 at once");
    expect(lack).not.toContain("latency");
  });
});
