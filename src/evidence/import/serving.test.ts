import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../../test/shared.ts";
import type { EvidenceRecord, Section } from "../record.ts";
import { importEvidence, importRows } from "./index.ts";

const columns = [
  ..."id silicon_data_source backend backend_version model_path system precision mode isl osl".split(" "),
  ..."gemm_quant_mode moe_quant_mode batch_size tp_size pp_size attention_dp_size moe_tp_size moe_ep_size".split(" "),
  ..."prefill_num_workers prefill_tp_size decode_num_workers decode_tp_size silicon_ttft_ms silicon_tpot_ms".split(" "),
];

const dense: Readonly<Record<string, string | number>> = {
  id: "a",
  silicon_data_source: "source_file=2026-04-06.csv; silicon_concurrency=64; measured=2025-10-29T00:00:00.000Z",
  backend: "vllm",
  backend_version: "0.15.1",
  model_path: "meta-llama/Llama-3.1-70B",
  system: "h100_sxm",
  precision: "fp8",
  mode: "agg",
  isl: 1024,
  osl: 512,
  batch_size: 64,
  tp_size: 4,
  pp_size: 1,
  attention_dp_size: 1,
  moe_tp_size: 4,
  moe_ep_size: 1,
  silicon_ttft_ms: 100.5,
  silicon_tpot_ms: 20.25,
};

/** The record of one row of the table. */
function tableRecord(change: Readonly<Record<string, string | number>> = {}): EvidenceRecord {
  const row = { ...dense, ...change };
  const text = `${columns.join(",")}\n${columns.map((name) => row[name] ?? "").join(",")}\n`;
  const { records, skipped } = importEvidence(text);
  const [record] = records;
  if (record === undefined) throw new Error(skipped[0]?.reason);
  return record;
}

const requestsOf = ({ workload }: EvidenceRecord): Section => workload.requests as Section;
const engineOf = ({ serving }: EvidenceRecord): Section => serving?.engine as Section;
const primaries = ({ measured }: EvidenceRecord): string[] =>
  measured.filter(({ primary }) => primary).map(({ metric }) => metric);

describe("settings that a harness chose", () => {
  const own = { silicon_data_source: "source_file=runs.csv; silicon_concurrency=64", batch_size: 64, isl: 4000 };

  it("are the generator's in the vendor's own runs", () => {
    const sglang = tableRecord({ ...own, backend: "sglang", backend_version: "0.5.6.post2" });
    expect(engineOf(sglang)).toMatchObject({ mixedChunk: "on", maxPrefillTokens: 5500 });
    const tensorrt = tableRecord({ ...own, backend: "trtllm", backend_version: "1.0.0rc3" });
    expect(engineOf(tensorrt)).toMatchObject({ maxBatchedTokens: 5564 });
    expect(tensorrt.assumptions.map(({ path }) => path)).toContain("serving.engine.maxBatchedTokens");
  });

  it("are the scripts' in runs of InferenceX", () => {
    const row = { backend: "trtllm", backend_version: "1.2.0rc2", isl: 8192 };
    expect(engineOf(tableRecord(row))).toMatchObject({ cachePrecision: "fp8", maxBatchedTokens: 8320 });
    expect(engineOf(tableRecord())).toMatchObject({ hostOverlap: "on", maxBatchedTokens: 8192, maxSequences: 64 });
  });

  it("change with the scripts: kernels of experts, and experts spread whatever was said", () => {
    const deepseek = { model_path: "deepseek-ai/DeepSeek-R1", system: "b200_sxm", backend: "trtllm", tp_size: 8 };
    const kernels = (version: string, more = {}): unknown =>
      engineOf(tableRecord({ ...deepseek, moe_tp_size: 8, backend_version: version, ...more })).expertKernels;
    expect(kernels("1.1.0rc2.post2")).toBeUndefined();
    expect(kernels("1.2.0rc6.post2")).toBe("trtllm-gen");
    expect(kernels("1.2.0rc6.post2", { system: "h200_sxm" })).toBeUndefined();
    const minimax = { model_path: "MiniMaxAI/MiniMax-M2.5", system: "b200_sxm", tp_size: 2, moe_tp_size: 2 };
    expect(tableRecord({ ...minimax, backend_version: "0.17.0" }).serving).toMatchObject({ tensor: 2, expert: 2 });
    expect(tableRecord({ ...minimax, backend_version: "0.19.0" }).serving?.expert).toBeUndefined();
  });

  it("are those of scripts that spread no attention, whatever the table says", () => {
    const data = { system: "b200_sxm", tp_size: 1, attention_dp_size: 4, moe_tp_size: 1, moe_ep_size: 4 };
    const minimax = { ...data, model_path: "MiniMaxAI/MiniMax-M2.5", backend_version: "0.19.0" };
    const record = tableRecord(minimax);
    expect(record.serving).toMatchObject({ tensor: 4, expert: 4 });
    expect(record.serving?.attentionData).toBeUndefined();
    expect(record.assumptions.map(({ path }) => path)).toContain("serving.attentionData");
    expect(engineOf(record)).toMatchObject({ cachePrecision: "fp8", maxBatchedTokens: 2048 });
    expect(engineOf(tableRecord({ ...minimax, isl: 8192 })).maxBatchedTokens).toBe(16_384);
    expect(engineOf(tableRecord({ ...minimax, backend_version: "0.17.0" })).cachePrecision).toBeUndefined();
    const kimi = { ...data, model_path: "moonshotai/Kimi-K2.5", precision: "fp4", backend_version: "0.17.0" };
    expect(tableRecord(kimi).serving).toMatchObject({ tensor: 4 });
    expect(tableRecord(kimi).serving?.expert).toBeUndefined();
    expect(engineOf(tableRecord(kimi)).cachePrecision).toBeUndefined();
    const renewed = String(dense.silicon_data_source).replace("2025-10-29", "2026-04-20");
    expect(engineOf(tableRecord({ ...kimi, silicon_data_source: renewed })).cachePrecision).toBe("fp8");
    // The vendor's own runs are what their table says.
    const vendor = { silicon_data_source: "source_file=x.csv; silicon_concurrency=16" };
    expect(tableRecord({ ...minimax, ...vendor }).serving).toMatchObject({ attentionData: 4, expert: 4 });
  });

  it("are layouts that the script chose before the benchmark's matrix named them", () => {
    const row = { model_path: "deepseek-ai/DeepSeek-R1", system: "h200_sxm", backend: "trtllm", tp_size: 8 };
    const of = (clients: number, day: string, more = {}): Section | undefined => {
      const origin = `model=DeepSeek-R1; silicon_concurrency=${clients}; measured=${day}T00:00:00.000Z`;
      return tableRecord({ ...row, moe_tp_size: 8, silicon_data_source: origin, ...more }).serving;
    };
    expect(of(64, "2025-11-02")).toMatchObject({ tensor: 8, expert: 8 });
    expect(of(64, "2025-11-02", { isl: 8192 })).toMatchObject({ tensor: 1, attentionData: 8, expert: 8 });
    expect(of(64, "2025-12-15")?.expert).toBeUndefined();
  });

  it("fit the memory and the clients of SGLang's scripts on B200", () => {
    const row = { system: "b200_sxm", backend: "sglang", backend_version: "0.5.9", isl: 8192, osl: 1024 };
    const deepseek = { ...row, model_path: "deepseek-ai/DeepSeek-R1" };
    const four = engineOf(tableRecord({ ...deepseek, tp_size: 4, moe_tp_size: 4 }));
    expect(four).toMatchObject({ maxSequences: 32, memoryUtilization: 0.95, maxPrefillTokens: 8192 });
    expect(four).toMatchObject({ receiveInterval: 10, maxBatchedTokens: 8192 });
    const eight = engineOf(tableRecord({ ...deepseek, tp_size: 8, moe_tp_size: 8 }));
    expect(eight).toMatchObject({ maxSequences: 128, memoryUtilization: 0.82, receiveInterval: 30 });
    const narrow = engineOf(tableRecord({ ...deepseek, precision: "fp4", tp_size: 4, moe_tp_size: 4 }));
    expect(narrow).toMatchObject({ maxSequences: 256, memoryUtilization: 0.85, maxBatchedTokens: 16_384 });
    const qwen = { ...row, model_path: "Qwen/Qwen3.5-397B-A17B", tp_size: 8, moe_tp_size: 8 };
    expect(engineOf(tableRecord(qwen))).toMatchObject({ cachePrecision: "fp8", maxSequences: 128 });
    expect(engineOf(tableRecord({ ...qwen, precision: "bf16" })).cachePrecision).toBeUndefined();
  });

  it("have caches of GPT-OSS in 8 bit on B200 alone, and TensorRT-LLM's share of memory", () => {
    const row = { model_path: "openai/gpt-oss-120b", precision: "fp4", backend_version: "0.15.1" };
    expect(engineOf(tableRecord({ ...row, system: "b200_sxm" }))).toMatchObject({ cachePrecision: "fp8" });
    expect(engineOf(tableRecord({ ...row, system: "h100_sxm" })).cachePrecision).toBeUndefined();
    const deepseek = { model_path: "deepseek-ai/DeepSeek-R1", backend: "trtllm", tp_size: 8, moe_tp_size: 8 };
    const share = (version: string, more = {}): unknown =>
      engineOf(tableRecord({ ...deepseek, backend_version: version, ...more })).memoryUtilization;
    expect(share("1.1.0rc2.post2", { system: "h200_sxm" })).toBe(0.75);
    expect(share("1.2.0rc6.post2", { system: "b200_sxm" })).toBe(0.8);
    expect(share("1.2.0rc6.post2", { system: "b200_sxm", isl: 8192, tp_size: 4, moe_tp_size: 4 })).toBe(0.75);
  });
});

describe("rows of the silicon sample", () => {
  it("become closed loops with the benchmark's lengths, and judge", () => {
    const record = tableRecord();
    expect(record).toMatchObject({ kind: "serving-latency", use: "judge", inferred: [] });
    expect(requestsOf(record)).toMatchObject({ concurrency: 64, count: 640, input: { from: 819, to: 1024 } });
    expect(engineOf(record)).toMatchObject({ name: "vllm", version: "0.15.1" });
    expect(record.serving).toMatchObject({ replicas: 1, tensor: 4 });
    expect(record.measured).toEqual([
      { metric: "timeToFirstToken.mean", value: "100.5 ms", primary: true },
      { metric: "timePerOutputToken.mean", value: "20.25 ms", primary: true },
    ]);
    expect(record.quote.length).toBeLessThanOrEqual(200);
  });

  it("without a release run that of their month, as our choice", () => {
    for (const version of ["", "nightly-dev-20260216-d3bae71e"]) {
      const record = tableRecord({ backend_version: version });
      expect(record.inferred).toEqual(["serving.engine.version"]);
      expect(engineOf(record).version).toBe("0.11.0");
    }
  });

  it("name the release inside of Dynamo's images", () => {
    expect(engineOf(tableRecord({ backend: "trtllm", backend_version: "0.8.1.post1" }))).toMatchObject({
      name: "tensorrt-llm",
      version: "1.2.0rc6",
    });
  });

  it("of one node never have more ranks than the node, though the table multiplies its degrees", () => {
    const moe = { model_path: "deepseek-ai/DeepSeek-R1", system: "b200_sxm" };
    const squared = tableRecord({ ...moe, tp_size: 64, moe_tp_size: 8, moe_ep_size: 8 });
    expect(squared.serving).toMatchObject({ tensor: 8, expert: 8 });
    expect(squared.assumptions.map(({ path }) => path)).toContain("serving.tensor");
    const data = tableRecord({ ...moe, tp_size: 4, attention_dp_size: 4, moe_tp_size: 1, moe_ep_size: 16 });
    expect(data.serving).toMatchObject({ tensor: 1, attentionData: 4, expert: 4 });
    const vendor = { silicon_data_source: "source_file=x.csv; silicon_concurrency=16" };
    const given = tableRecord({ ...moe, ...vendor, tp_size: 4, moe_tp_size: 2, moe_ep_size: 2 });
    expect(given.serving).toMatchObject({ tensor: 4, expert: 2 });
  });

  it("that are faster than their weights can be read ran drafted tokens", () => {
    // 70 GB over 4 x 3.35 TB/s take 5.2 ms.
    expect(tableRecord({ silicon_tpot_ms: 4 }).anomaly).toMatch(/drafted/);
    expect(tableRecord({ silicon_tpot_ms: 6 }).anomaly).toBeUndefined();
  });

  it("that the benchmark's changelog names as drafting are run so, as our choice", () => {
    const origin = "model=DeepSeek-R1; silicon_concurrency=64; measured=2026-02-05T19:55:05Z";
    const row = { model_path: "deepseek-ai/DeepSeek-R1", system: "b200_sxm", backend: "trtllm", tp_size: 8 };
    const of = (version: string, more: Readonly<Record<string, string | number>> = {}): EvidenceRecord =>
      tableRecord({ ...row, silicon_data_source: origin, backend_version: version, moe_tp_size: 8, ...more });
    expect(engineOf(of("1.2.0rc6.post3")).speculation).toMatchObject({ method: "mtp", drafted: 3 });
    expect(of("1.2.0rc6.post3").inferred).toEqual(["serving.engine.speculation"]);
    const ranks = { tp_size: 1, attention_dp_size: 8, moe_tp_size: 1, moe_ep_size: 8 };
    expect(engineOf(of("1.2.0rc6.post3", ranks)).speculation).toMatchObject({ drafted: 1 });
    expect(engineOf(of("1.2.0rc6.post2")).speculation).toBeUndefined();
    const earlier = (day: string): EvidenceRecord =>
      of("1.1.0rc2.post2", { silicon_data_source: origin.replace("2026-02-05", day) });
    expect(engineOf(earlier("2026-01-14")).speculation).toBeDefined();
    expect(earlier("2026-01-28").inferred).toEqual([]);
  });

  it("that ran with and without drafting, unsaid, are no stated runs", () => {
    const row = {
      model_path: "deepseek-ai/DeepSeek-R1",
      system: "b200_sxm",
      backend: "sglang",
      backend_version: "0.5.9",
    };
    const wide = { ...row, tp_size: 8, moe_tp_size: 8 };
    expect(tableRecord(wide).inferred).toEqual(["serving.engine.speculation"]);
    expect(engineOf(tableRecord(wide)).speculation).toBeUndefined();
    expect(tableRecord({ ...row, tp_size: 4 }).inferred).toEqual([]);
    expect(tableRecord({ ...wide, model_path: "deepseek-ai/DeepSeek-V3" }).inferred).toEqual([]);
    // Only the script that drafts ran with more clients.
    const many = "model=DeepSeek-R1; silicon_concurrency=256; measured=2026-03-25T16:34:14Z";
    const drafted = tableRecord({ ...wide, silicon_data_source: many });
    expect(engineOf(drafted)).toMatchObject({
      speculation: { drafted: 2 },
      maxSequences: 512,
      maxPrefillTokens: 16_384,
    });
    expect(drafted.inferred).toEqual(["serving.engine.speculation"]);
    const other = { ...row, model_path: "Qwen/Qwen3.5-397B-A17B", tp_size: 4 };
    expect(engineOf(tableRecord(other)).speculation).toMatchObject({ drafted: 3 });
    const spread = { ...other, tp_size: 16, moe_tp_size: 4, moe_ep_size: 4 };
    expect(engineOf(tableRecord(spread)).speculation).toBeUndefined();
  });

  it("that the vendor copied from InferenceX are its runs", () => {
    const origin = "source_file=kimi-k2.5-gap-analysis.csv; silicon_concurrency=64; aic_database_mode=SILICON";
    expect(requestsOf(tableRecord({ silicon_data_source: origin }))).toMatchObject({ input: { from: 819, to: 1024 } });
  });

  it("of the vendor's vLLM repeat their prompts, as our choice", () => {
    const origin = "source_file=/x/aic-auto-gap-analysis/data/h200_sxm/vllm/0.12.0/a.csv; silicon_concurrency=16";
    const record = tableRecord({ silicon_data_source: origin });
    expect(record.inferred).toEqual(["workload.requests.prefix"]);
    expect(requestsOf(record)).toMatchObject({ input: 1, prefix: { groups: 100, tokens: 1024 } });
    expect(tableRecord({ silicon_data_source: origin, backend: "sglang" }).inferred).toEqual([]);
  });

  it("of many clients are cut, and then judge no first tokens", () => {
    const cut = tableRecord({ silicon_data_source: `${String(dense.silicon_data_source)}`.replace("64", "512") });
    expect(requestsOf(cut)).toMatchObject({ concurrency: 512, count: 4 * 512 });
    expect(primaries(cut)).toEqual(["timePerOutputToken.mean"]);
    expect(primaries(tableRecord())).toContain("timeToFirstToken.mean");
  });

  it("disaggregated become two pools, or say that their workers are not known", () => {
    const split = { mode: "disagg", prefill_tp_size: 4, decode_tp_size: 8, decode_num_workers: 2 };
    const record = tableRecord({ ...split, prefill_num_workers: 3 });
    expect(record.serving?.pools).toEqual({
      prefill: { replicas: 3, tensor: 4 },
      decode: { replicas: 2, tensor: 8 },
    });
    // Three of four accelerators take two nodes of eight.
    expect(record.cluster).toEqual({ node: "hgx-h100", nodes: 4 });
    expect(() => tableRecord(split)).toThrow(/workers/);
  });
});

const stage = {
  id: "blis-train-x-stage0",
  kind: "serving-latency",
  source: { title: "t", year: 2026, where: "w", url: "https://x" },
  system: { accelerator: "H100-SXM5-80GB", count: 1 },
  workload: {
    hf_model: "meta-llama/Llama-2-7b-hf",
    precision: "bf16/fp16",
    rate_rps: 5,
    requests: 3000,
    input_tokens_mean: 591.6,
    output_tokens_mean: 246,
    system_prompt_tokens: 100,
    profile: "codegen",
  },
  plan: { engine: "vllm 0.15.1", tp: 1, max_num_batched_tokens: 2048, max_num_seqs: 128, max_model_len: 4096 },
  measured: [
    { metric: "e2e_mean", value: 1810, unit: "ms" },
    { metric: "ttft_mean", value: 25, unit: "ms" },
    { metric: "tpot_mean_derived", value: 7.3, unit: "ms" },
    { metric: "reported_inter_token_latency_mean", value: 3.6, unit: "ms" },
    { metric: "requests_per_s", value: 4.98, unit: "req/s" },
    { metric: "failures", value: 0, unit: "requests" },
  ],
  quote: "q",
  notes: "",
};

function stageRecord(change: object = {}): EvidenceRecord {
  const [record] = importRows([{ ...stage, ...change }]).records;
  if (record === undefined) throw new Error("not expressible");
  return record;
}

describe("stages of BLIS", () => {
  it("fit where they keep up, and never count empty chunks", () => {
    const record = stageRecord();
    expect(record.use).toBe("fit");
    expect(primaries(record)).toEqual(["endToEndLatency.mean", "timeToFirstToken.mean", "timePerOutputToken.mean"]);
    expect(record.unconverted.map(({ metric }) => metric)).toContain("reported_inter_token_latency_mean");
    expect(requestsOf(record)).toMatchObject({ input: 492, output: 247, prefix: { tokens: 100, order: "in-turn" } });
  });

  it("take the time per token over what was asked where the client's tokenizer merges tokens", () => {
    const record = stageRecord({ workload: { ...stage.workload, output_tokens_mean: 193.7 } });
    const perToken = record.measured.find(({ metric }) => metric === "timePerOutputToken.mean");
    expect(Number.parseFloat(String(perToken?.value))).toBeCloseTo((1810 - 25) / 246, 3);
  });

  it("that time out judge by verdict and throughput alone", () => {
    const measured = stage.measured.map((entry) => (entry.metric === "failures" ? { ...entry, value: 40 } : entry));
    const record = stageRecord({ measured });
    expect(record.use).toBe("judge");
    expect(primaries(record)).toEqual(["verdict", "requestsPerSecond"]);
    expect(record.measured[0]?.value).toBe("overloaded");
  });

  it("of the judged set name the gap between tokens", () => {
    const measured = [...stage.measured.slice(0, 2), { metric: "itl_mean", value: 7.2, unit: "ms" }];
    const record = stageRecord({ id: "blis-gt-x-stage0", measured });
    expect(record.use).toBe("judge");
    expect(primaries(record)).toContain("interTokenLatency.mean");
  });
});

describe("all raw rows of serving", () => {
  if (!hasShared()) {
    it.skip("skipped without the shared data", () => undefined);
    return;
  }
  const parts = ["evidence/serving.json", "evidence/serving-measured.json"].map((name) => {
    const text = readFileSync(sharedFile(name), "utf8");
    return { rows: JSON.parse(text) as { id: string; kind: string }[], ...importEvidence(text) };
  });
  const csv = readFileSync(sharedFile("data/serving-measured/silicon_sample_public.csv"), "utf8");
  const table = { rows: csv.trim().split("\n").slice(1), ...importEvidence(csv) };

  it("become records or are listed with a reason, under their own id and kind", () => {
    for (const { rows, records, skipped } of [...parts, table]) {
      expect(records.length + skipped.length).toBe(rows.length);
      for (const { id, reason } of skipped) expect(reason.length, id).toBeGreaterThan(10);
    }
    for (const { rows, records } of parts) {
      const kinds = new Map(rows.map(({ id, kind }) => [id, kind]));
      for (const { id, kind } of records) expect(kind, id).toBe(kinds.get(id));
    }
    expect(table.records.length).toBeGreaterThan(1500);
    expect(parts.map(({ records }) => records.length)).toEqual([44, 403]);
  });

  it("have at most one statistic of a latency as primary at a place", () => {
    for (const record of [...parts, table].flatMap(({ records }) => records)) {
      const places = record.measured
        .filter(({ primary }) => primary)
        .map(({ metric, at }) => metric.replace(/\..*/, "") + JSON.stringify(at ?? {}));
      expect(new Set(places).size, record.id).toBe(places.length);
      expect(places.length, record.id).toBeGreaterThan(0);
    }
  });

  it("give routing runs the whole list of stages, with values at stages that exist", () => {
    const routing = parts.flatMap(({ records }) => records).filter(({ id }) => id.startsWith("llmd-routing73-"));
    expect(routing).toHaveLength(4);
    for (const record of routing) {
      const stages = requestsOf(record).stages as readonly { readonly rate: string }[];
      expect(stages.filter(({ rate }) => rate !== "0 /s")).toHaveLength(17);
      const rates = record.measured.map(({ at }) => stages[Number(at?.stage)]?.rate);
      expect(new Set(rates)).toEqual(new Set(["3 /s", "10 /s", "20 /s", "30 /s", "40 /s", "60 /s"]));
    }
  });
});
