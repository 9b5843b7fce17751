import { describe, expect, it } from "vitest";
import { parseServingMeasured, servingMeasuredFromFile } from "./serving-measurement.ts";

const read = (value: object, file = "result.json") => servingMeasuredFromFile(JSON.stringify(value), file);

describe("what was measured of serving", () => {
  it("is read as written, a latency alone as its mean, a rate with and without its unit", () => {
    const found = parseServingMeasured([
      "timeToFirstToken=120 ms, timePerOutputToken.p99=9ms",
      "outputTokensPerSecond=4.2k",
    ]);
    expect(found.values).toEqual({
      "timeToFirstToken.mean": 0.12,
      "timePerOutputToken.p99": 0.009,
      outputTokensPerSecond: 4200,
    });
    expect(parseServingMeasured(["requestsPerSecond=12 /s"]).values).toEqual({ requestsPerSecond: 12 });
  });

  it.each([
    ["timeToFirstToken.p98=1 s", "did you mean"],
    ["timeToFirstTokn=1 s", "unknown metric"],
    ["timeToFirstToken=120", "no unit"],
    ["timeToFirstToken=0 s", "no measurement"],
    ["timeToFirstToken=1 s, timeToFirstToken.mean=2 s", "given twice"],
  ])("%s is refused", (text, message) => {
    expect(() => parseServingMeasured([text])).toThrow(message);
  });

  it("comes from vllm bench serve in milliseconds", () => {
    const { values, tokens, from, notes } = read({
      num_prompts: 100,
      completed: 98,
      total_input_tokens: 98_000,
      total_output_tokens: 9800,
      request_throughput: 3.5,
      output_throughput: 350.5,
      total_token_throughput: 3850,
      mean_ttft_ms: 120,
      median_ttft_ms: 100,
      p99_ttft_ms: 400,
      mean_tpot_ms: 9,
      mean_itl_ms: 9.5,
      p90_e2el_ms: 2000,
    });
    expect(values["timeToFirstToken.mean"]).toBeCloseTo(0.12, 12);
    expect(values["timeToFirstToken.p50"]).toBeCloseTo(0.1, 12);
    expect(values["timeToFirstToken.p99"]).toBeCloseTo(0.4, 12);
    expect(values["interTokenLatency.mean"]).toBeCloseTo(0.0095, 12);
    expect(values["endToEndLatency.p90"]).toBeCloseTo(2, 12);
    expect(values).toMatchObject({ requestsPerSecond: 3.5, outputTokensPerSecond: 350.5, totalTokensPerSecond: 3850 });
    expect(tokens).toEqual({ input: 1000, output: 100 });
    expect(from).toEqual({ file: "result.json", program: "vllm bench serve" });
    expect(notes).toEqual(["2 of 100 requests did not complete"]);
  });

  it("comes from sglang.bench_serving, whose last line counts", () => {
    const line = (mean: number): string =>
      JSON.stringify({ completed: 1, mean_ttft_ms: mean, mean_e2e_latency_ms: 900, total_throughput: 10 });
    const found = servingMeasuredFromFile(`${line(1)}\n${line(50)}\n`, "out.jsonl");
    expect(found.values["timeToFirstToken.mean"]).toBeCloseTo(0.05, 12);
    expect(found.values["endToEndLatency.mean"]).toBeCloseTo(0.9, 12);
    expect(found.from?.program).toBe("sglang.bench_serving");
  });

  it("comes from AIPerf in the unit that each metric names", () => {
    const { values, tokens, notes } = read({
      time_to_first_token: { unit: "ms", avg: 250, p50: 240, p99: 700 },
      inter_token_latency: { unit: "us", avg: 8000 },
      request_latency: { unit: "ms", avg: 1500 },
      output_token_throughput: { unit: "tokens/sec", avg: 4200 },
      request_throughput: { unit: "requests/sec", avg: 20 },
      input_sequence_length: { unit: "tokens", avg: 550 },
      error_request_count: { unit: "requests", avg: 3 },
    });
    expect(values["timeToFirstToken.p99"]).toBeCloseTo(0.7, 12);
    // The mean over requests of their mean gap.
    expect(values["timePerOutputToken.mean"]).toBeCloseTo(0.008, 12);
    expect(values["interTokenLatency.mean"]).toBeUndefined();
    expect(values).toMatchObject({ outputTokensPerSecond: 4200, requestsPerSecond: 20 });
    expect(tokens).toEqual({ input: 550 });
    expect(notes).toEqual(["3 requests failed"]);
  });

  it("comes from inference-perf in seconds", () => {
    const { values, notes } = read({
      load_summary: { count: 10 },
      successes: {
        count: 10,
        latency: {
          time_to_first_token: { mean: 0.2, median: 0.15, p90: 0.4 },
          time_per_output_token: { mean: 0.02 },
          request_latency: { mean: 2.5, p99: 4 },
        },
        throughput: { output_tokens_per_sec: 900, requests_per_sec: 4, total_tokens_per_sec: 5000 },
        prompt_len: { mean: 1000 },
        output_len: { mean: 225 },
      },
      failures: { count: 0 },
    });
    expect(values).toEqual({
      "timeToFirstToken.mean": 0.2,
      "timeToFirstToken.p50": 0.15,
      "timeToFirstToken.p90": 0.4,
      "timePerOutputToken.mean": 0.02,
      "endToEndLatency.mean": 2.5,
      "endToEndLatency.p99": 4,
      requestsPerSecond: 4,
      outputTokensPerSecond: 900,
      totalTokensPerSecond: 5000,
    });
    expect(notes).toEqual([]);
  });

  it("is refused where a file is none of these, or says nothing", () => {
    expect(() => servingMeasuredFromFile("step 1 loss 2", "train.log")).toThrow("no result of a benchmark");
    expect(() => read({ loss: 3 })).toThrow("no result of a benchmark");
    expect(() => read({ completed: 0, mean_ttft_ms: 0, output_throughput: 0 })).toThrow("no latency and no rate");
  });
});
