import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../../../test/shared.ts";
import { describeRequests, type RequestStatistics } from "../describe.ts";
import type { RequestList } from "../list.ts";
import { prefixReuse } from "../reuse.ts";
import { asRecorded, detectFormat, type ReadOptions, readRequests, requestFormats, type TraceFile } from "./index.ts";

function file(name: string): TraceFile & { readonly text: string } {
  const bytes = readFileSync(sharedFile(`data/inference/${name}`));
  return { name, text: (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString() };
}

function listOf(names: readonly string[], options: Partial<ReadOptions> = {}): RequestList {
  const files = names.map(file);
  const format = detectFormat((files[0]?.text ?? "").slice(0, 1000));
  if (format === undefined) throw new Error(`${names[0]}: no format`);
  return readRequests(format, files, { ...asRecorded, ...options }).list;
}

const starts = { law: { kind: "poisson" }, rate: 0.1 } as const;

/** [mean, p50, p99, max] of prompt and output, as the READMEs beside the data state them. */
interface Stated {
  readonly files: readonly string[];
  readonly format: string;
  readonly requests: number;
  readonly duration?: number;
  readonly rate?: number;
  readonly cv?: number;
  readonly input: readonly [mean: number, p50: number, p99: number, max?: number];
  readonly output: readonly [mean: number, p50: number, p99: number, max?: number];
  readonly reuse?: number;
  readonly options?: Partial<ReadOptions>;
}

const stated: readonly Stated[] = [
  {
    files: ["mooncake/conversation_trace.jsonl.gz"],
    format: "mooncake",
    requests: 12031,
    duration: 3537,
    rate: 3.4,
    cv: 3,
    input: [12035, 6909, 85400, 126195],
    output: [343, 350, 1119, 2000],
    reuse: 0.366,
  },
  {
    files: ["mooncake/synthetic_trace.jsonl.gz"],
    format: "mooncake",
    requests: 3993,
    duration: 1022,
    rate: 3.91,
    input: [15325, 11587, 66456, 191378],
    output: [149, 69, 768, 893],
    reuse: 0.64,
  },
  {
    files: ["azure-2023/AzureLLMInferenceTrace_code.csv.gz"],
    format: "azure",
    requests: 8819,
    duration: 3436,
    rate: 2.57,
    cv: 13.2,
    input: [2048, 1469, 7436, 7437],
    output: [27.9, 13, 251, 1899],
  },
  {
    files: ["azure-2023/AzureLLMInferenceTrace_conv.csv.gz"],
    format: "azure",
    requests: 19366,
    duration: 3502,
    rate: 5.53,
    cv: 1.09,
    input: [1155, 1020, 4142, 14050],
    output: [211, 129, 601, 1000],
  },
  {
    files: ["llmservingsim-sharegpt/sharegpt-llama-3.1-8b-300-sps10.jsonl.gz"],
    format: "token-file",
    requests: 300,
    input: [857, 732, 2765],
    output: [653, 632, 784],
    reuse: 0.077,
  },
  {
    files: ["llmservingsim-sharegpt/sharegpt-qwen3-32b-300-sps10.jsonl.gz"],
    format: "token-file",
    requests: 300,
    input: [862, 729, 2768],
    output: [665, 638, 1001],
    reuse: 0.08,
  },
  {
    files: ["peer-workloads/poisson10-lognormal-10k.jsonl"],
    format: "plain",
    requests: 10000,
    cv: 1,
    input: [845, 665, 3461, 6000],
    output: [191, 149, 791, 1773],
  },
  {
    files: ["vidur-arxiv-lengths/arxiv_summarization_stats_llama2_tokenizer_filtered_v2.csv.gz"],
    format: "vidur",
    requests: 28257,
    input: [2588, 2730, 3933, 4054],
    output: [291, 167, 3271, 4056],
    options: { starts },
  },
  {
    files: ["kv-cache-tester-agentic/claude_code_traces.jsonl.gz"],
    format: "agentic-sessions",
    requests: 46218,
    input: [118296, 100446, 505791, 894371],
    output: [440, 218, 3721, 18195],
    options: { starts, chunkTokens: 1024 },
  },
];

/** Half a unit of the last digit that a README gives. */
function expectRounded(value: number, figure: number): void {
  const decimals = (String(figure).split(".")[1] ?? "").length;
  expect(Math.abs(value - figure)).toBeLessThanOrEqual(0.5 * 0.1 ** decimals + 1e-9);
}

function expectLengths(lengths: RequestStatistics["input"], [mean, p50, p99, max]: Stated["input"]): void {
  expectRounded(lengths.mean, mean);
  // Percentiles between two values differ by the rule that is used.
  expect(Math.abs(lengths.p50 / p50 - 1)).toBeLessThan(0.006);
  expect(Math.abs(lengths.p99 / p99 - 1)).toBeLessThan(0.008);
  if (max !== undefined) expect(lengths.max).toBe(max);
}

describe.skipIf(!hasShared())("recorded traces", () => {
  it.each(stated)("$files.0 has the statistics its README states", (trace) => {
    expect(detectFormat(file(trace.files[0] as string).text.slice(0, 1000))?.name).toBe(trace.format);
    const found = describeRequests(listOf(trace.files, trace.options));
    expect(found.requests).toBe(trace.requests);
    expectLengths(found.input, trace.input);
    expectLengths(found.output, trace.output);
    if (trace.duration !== undefined) expectRounded(found.duration, trace.duration);
    if (trace.rate !== undefined) expect(Math.abs(found.rate / trace.rate - 1)).toBeLessThan(0.002);
    if (trace.cv !== undefined) expect(Math.abs(found.gapVariation / trace.cv - 1)).toBeLessThan(0.02);
    if (trace.reuse !== undefined) expect(Math.abs(found.reuse.share - trace.reuse)).toBeLessThan(0.0006);
  });

  const curves = [
    ["conversation", 288500, 182790, [4.45, 6.5, 21.12, 32.57, 35.46, 36.64]],
    ["synthetic", 121877, 43924, [8.25, 18.78, 42.35, 62.42, 63.96, 63.96]],
  ] as const;

  it.each(curves)("Mooncake %s is reused as stated, whatever the cache holds", (name, chunks, unique, curve) => {
    const list = listOf([`mooncake/${name}_trace.jsonl.gz`]);
    [1e3, 3e3, 1e4, 3e4, 5e4, Number.POSITIVE_INFINITY].forEach((capacity, index) => {
      const reuse = prefixReuse(list, capacity);
      expect(Math.abs(100 * reuse.share - (curve[index] as number))).toBeLessThan(0.01);
      expect([reuse.chunks, reuse.uniqueChunks]).toEqual([chunks, unique]);
    });
    // Blocks of the prompt, the last of them broken.
    for (let row = 0; row < list.count; row++) {
      expect((list.idStart[row + 1] as number) - (list.idStart[row] as number)).toBe(
        Math.ceil((list.input[row] as number) / 512),
      );
    }
  });

  it("coarser chunks lose what is shared less than a chunk, and nothing else", () => {
    const coarse = prefixReuse(listOf(["mooncake/conversation_trace.jsonl.gz"], { chunkTokens: 2048 }));
    expect(coarse.share).toBeGreaterThan(0.33);
    expect(coarse.share).toBeLessThan(0.3665);
  });

  it("Mooncake's coarse clock spreads: as many times as requests, in the same order, within their ticks", () => {
    const list = listOf(["mooncake/conversation_trace.jsonl.gz"]);
    const spread = listOf(["mooncake/conversation_trace.jsonl.gz"], { ticks: "spread" });
    const before = describeRequests(list);
    const after = describeRequests(spread);
    expect(before.distinctTimes).toBe(1180);
    expect(after.distinctTimes).toBe(12031);
    expect(after.gapVariation).toBeLessThan(1.6);
    expect(spread.ids).toEqual(list.ids);
    let late = 0;
    for (let row = 0; row < list.count; row++) {
      const shift = (spread.release[row] as number) - (list.release[row] as number);
      if (shift < 0 || shift > 12.1) late += 1;
    }
    expect(late).toBe(0);
  });

  it("rates are drawn together to a factor or a mean", () => {
    const name = ["azure-2023/AzureLLMInferenceTrace_conv.csv.gz"];
    const twice = listOf(name, { rate: { kind: "factor", factor: 2 } });
    const ten = describeRequests(listOf(name, { rate: { kind: "mean", rate: 10 } }));
    const plain = describeRequests(listOf(name));
    expect(describeRequests(twice).duration).toBeCloseTo(plain.duration / 2, 6);
    expect(ten.rate).toBeCloseTo(10, 9);
    expect(ten.gapVariation).toBeCloseTo(plain.gapVariation, 9);
  });

  it("agents' sessions hold the reuse stated, wait for those before them, and share nothing", () => {
    const lines = file("kv-cache-tester-agentic/claude_code_traces.jsonl.gz").text.split("\n");
    let chunks = 0;
    let reused = 0;
    for (let from = 0; from < lines.length; from += 100) {
      const text = lines.slice(from, from + 100).join("\n");
      if (text === "") continue;
      const options = { ...asRecorded, starts };
      const { list } = readRequests(requestFormats.get("agentic-sessions"), [{ name: "part", text }], options);
      const reuse = prefixReuse(list);
      chunks += reuse.chunks;
      reused += reuse.reused;
      expectSessionsApart(list);
    }
    expect(chunks / 1e6).toBeCloseTo(85.4, 1);
    expect(reused / chunks).toBeCloseTo(0.963, 3);
  }, 60_000);

  it("sub-agents run between the requests of their session", () => {
    const list = listOf(["kv-cache-tester-agentic/claude_code_traces.jsonl.gz"], {
      starts,
      limit: 3,
      chunkTokens: 1024,
    });
    const joined = Array.from({ length: list.count }, (_, row) => [
      ...list.parents.subarray(list.parentStart[row], list.parentStart[row + 1]),
    ]);
    // Session 3 sends a sub-agent of ten requests behind its first; the second waits for both.
    const first = list.session.indexOf(2);
    expect(joined[first]).toEqual([]);
    expect(joined[first + 1]).toEqual([first]);
    expect(list.release[first + 1]).toBeCloseTo(134.227 - 126.015 - 7.27, 9);
    expect(joined[first + 11]).toEqual([first, first + 10]);
    expect(list.release[first + 11]).toBeCloseTo(153 - 134.227, 9);
  });

  it("pauses can be cut", () => {
    const options = { starts, limit: 40, chunkTokens: 1024 };
    const name = ["kv-cache-tester-agentic/claude_code_traces.jsonl.gz"];
    const [plain, cut] = [listOf(name, options), listOf(name, { ...options, pauseMax: 60 })];
    const pauses = (list: RequestList): number[] =>
      [...list.release].filter((_, row) => list.parentStart[row] !== list.parentStart[row + 1]);
    expect(Math.max(...pauses(plain))).toBeGreaterThan(1000);
    expect(pauses(cut)).toEqual(pauses(plain).map((pause) => Math.min(pause, 60)));
  });
});

function expectSessionsApart(list: RequestList): void {
  const owner = new Map<number, number>();
  let shared = 0;
  let strange = 0;
  for (let row = 0; row < list.count; row++) {
    const session = list.session[row] as number;
    const last = list.ids[(list.idStart[row + 1] as number) - 1] as number;
    if ((owner.get(last) ?? session) !== session) shared += 1;
    owner.set(last, session);
    for (let at = list.parentStart[row] as number; at < (list.parentStart[row + 1] as number); at++) {
      if (list.session[list.parents[at] as number] !== session) strange += 1;
    }
  }
  expect([shared, strange]).toEqual([0, 0]);
}

describe.skipIf(!hasShared())("ServeGen", () => {
  const files = ["servegen/deepseek-r1-rates.csv.gz", "servegen/deepseek-r1-lengths.jsonl.gz"];
  const window = { start: 36_000, duration: 3600 };

  it("keeps the rates of its clients hour by hour", () => {
    const rows = file(files[0] as string)
      .text.trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").map(Number));
    for (const start of [0, 36_000, 72_000]) {
      const within = rows.filter(([, from]) => (from as number) >= start && (from as number) < start + 3600);
      const promised = within.reduce((sum, [, , rate]) => sum + 600 * (rate as number), 0);
      const counts = [1, 2, 3, 4].map((seed) => listOf(files, { window: { start, duration: 3600 }, seed }).count);
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      expect(Math.abs(mean / promised - 1)).toBeLessThan(0.06);
    }
  });

  it("draws at a wanted rate, times in order, lengths from the clients' distributions", () => {
    const list = listOf(files, { window, rate: { kind: "mean", rate: 2 } });
    const found = describeRequests(list);
    expect(Math.abs(found.rate - 2)).toBeLessThan(0.3);
    expect([...list.release].every((time, row) => row === 0 || time >= (list.release[row - 1] as number))).toBe(true);
    expect((list.release[list.count - 1] as number) < 3600).toBe(true);
    // Reasoning: outputs far longer than most prompts.
    expect(found.output.mean).toBeGreaterThan(2000);
    expect(found.input.p50).toBeLessThan(300);
    expect(found.gapVariation).toBeGreaterThan(1);
    expect(listOf(files, { window, rate: { kind: "mean", rate: 2 } })).toEqual(list);
  });

  it("gives clients without lengths those of others, and adds the parts of multimodal prompts", () => {
    const small = listOf(["servegen/m-small-rates.csv.gz", "servegen/m-small-lengths.jsonl.gz"], {
      window,
      limit: 2000,
    });
    expect(small.count).toBe(2000);
    const images = describeRequests(
      listOf(["servegen/mm-image-rates.csv.gz", "servegen/mm-image-lengths.jsonl.gz"], { window, limit: 2000 }),
    );
    expect(images.input.mean).toBeGreaterThan(800);
  });
});
