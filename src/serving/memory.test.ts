/** Memory of replicas against published figures, and against what must hold for every model. */

import { describe, expect, it } from "vitest";
import type { ModelArchitecture } from "../catalog/model.ts";
import { findModel, models, weightBytes } from "../catalog/models/index.ts";
import { type MemoryCase, replicaMemory, stageCache, stageLayers, stageWeights } from "./memory.ts";
import { engineNames, engineProfile, engineProfiles } from "./profiles.ts";

function model(name: string): ModelArchitecture {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  return found.model;
}

const one = { tensor: 1, pipeline: 1, expert: 1, attentionData: 1 };
const whole = { start: 0, end: Number.POSITIVE_INFINITY, index: 0, count: 1 };
const all = (of: ModelArchitecture) => ({ ...whole, end: of.layers.length });

function vllm(name: string, change: Partial<MemoryCase> = {}): MemoryCase {
  const profile = engineProfile("vllm", "0.15.1");
  if (profile === undefined) throw new Error("no profile");
  const capacity = 80 * 2 ** 30;
  const context = { accelerator: "h100-sxm", capacity, accelerators: 1, attentionData: 1, speculation: "off" } as const;
  const { maxBatchedTokens, maxSequences, blockTokens, memoryUtilization } = profile.defaults(context);
  return {
    model: model(name),
    layout: one,
    capacity,
    precision: "as-published",
    cacheElementBytes: 2,
    blockTokens,
    utilization: memoryUtilization,
    maxBatchedTokens,
    maxSequences,
    rule: profile.memory,
    drafter: "none",
    ...change,
  };
}

describe("bytes of a token in the cache", () => {
  const token = (name: string, tensor = 1, cacheElementBytes = 2): number => {
    const found = model(name);
    return stageCache({ model: found, layout: { ...one, tensor }, cacheElementBytes }, all(found)).token;
  };

  it("is 2 layers x heads x width x bytes with grouped queries", () => {
    expect(token("llama-3.1-8b")).toBe(131_072);
    expect(token("Qwen/Qwen3-32B")).toBe(2 * 64 * 8 * 128 * 2);
    expect(token("llama-3.1-8b", 1, 1)).toBe(65_536);
  });

  it("is 576 elements a layer with latent attention, whole on every rank", () => {
    expect(token("deepseek-ai/DeepSeek-V3")).toBe(576 * 61 * 2);
    expect(token("deepseek-ai/DeepSeek-V3", 8)).toBe(576 * 61 * 2);
  });

  it("is split by tensor parallelism up to the heads, and copied beyond them", () => {
    expect(token("llama-3.1-8b", 8)).toBe(131_072 / 8);
    expect(token("llama-3.1-8b", 16)).toBe(131_072 / 8);
  });

  it("leaves windows and states to the sequence", () => {
    const found = model("openai/gpt-oss-120b");
    const { token: perToken, sequence } = stageCache({ model: found, layout: one, cacheElementBytes: 2 }, all(found));
    // Half of 36 layers have a window of 128 tokens; 8 heads of 64.
    expect(perToken).toBe(18 * 2 * 8 * 64 * 2);
    expect(sequence).toBe(18 * 128 * 2 * 8 * 64 * 2);
  });
});

describe("weights of a rank", () => {
  it.each(models.names)("%s: one rank holds what is published", (name) => {
    const found = model(name);
    const held = stageWeights({ model: found, layout: one, precision: "as-published" }, all(found));
    const published = found.weightFormat === "fp32" ? weightBytes(found) / 2 : weightBytes(found);
    // Biases of experts go with their matrices here: a thousandth of gpt-oss.
    expect(Math.abs(held / published - 1)).toBeLessThan(1e-3);
  });

  it.each(["llama-3.1-70b", "Qwen/Qwen3-32B", "deepseek-ai/DeepSeek-V3"])("%s: stages hold it together", (name) => {
    const found = model(name);
    const c = { model: found, layout: { ...one, pipeline: 4 }, precision: "bf16", drafter: "none" } as const;
    const stages = stageLayers(found.layers.length, 4).map((range) => stageWeights(c, range));
    const sum = stages.reduce((total, stage) => total + stage, 0);
    const together = stageWeights({ ...c, layout: one }, all(found));
    expect(sum / together).toBeCloseTo(1, 4);
    expect(Math.max(...stages) / Math.min(...stages)).toBeLessThan(1.5);
  });

  it("falls with every way of cutting, and with the format", () => {
    const weights = (change: Partial<MemoryCase>): number => replicaMemory(vllm("mixtral-8x7b", change)).weights;
    const before = weights({});
    for (const layout of [
      { ...one, tensor: 2 },
      { ...one, pipeline: 2 },
      { ...one, attentionData: 2 },
    ]) {
      expect(weights({ layout })).toBeLessThan(before);
    }
    expect(weights({ precision: "fp8" })).toBeLessThan(0.55 * before);
    expect(weights({ precision: "nvfp4" })).toBeLessThan(weights({ precision: "fp8" }));
  });
});

describe("room for the cache", () => {
  it("is within 5 % of the 307,328 tokens that vLLM printed for Qwen3-32B on two H100", () => {
    const { blocks } = replicaMemory(vllm("Qwen/Qwen3-32B", { layout: { ...one, tensor: 2 } }));
    expect(Math.abs((blocks * 16) / 307_328 - 1)).toBeLessThan(0.05);
  });

  it("adds up to the share of the memory that vLLM takes", () => {
    const { cache, weights, activations, runtime, capacity } = replicaMemory(vllm("llama-3.1-8b"));
    expect(cache + weights + activations + runtime).toBeCloseTo(0.9 * capacity, 0);
  });

  it("is negative, and no blocks, where the model does not fit", () => {
    const memory = replicaMemory(vllm("llama-3.1-405b"));
    expect(memory.cache).toBeLessThan(0);
    expect(memory.blocks).toBe(0);
  });

  it("grows with memory, share and ranks, and shrinks with larger batches", () => {
    const blocks = (change: Partial<MemoryCase>): number => replicaMemory(vllm("llama-3.1-8b", change)).blocks;
    const before = blocks({});
    expect(blocks({ capacity: 141e9 })).toBeGreaterThan(before);
    expect(blocks({ utilization: 0.95 })).toBeGreaterThan(before);
    expect(blocks({ layout: { ...one, tensor: 2 } })).toBeGreaterThan(2 * before);
    expect(blocks({ maxBatchedTokens: 131_072 })).toBeLessThan(before);
    expect(Math.floor(blocks({ cacheElementBytes: 1 }) / 2)).toBe(before);
  });
});

describe("stages", () => {
  it("are cut evenly, the rest going to the last but one and those before it", () => {
    const sizes = (layers: number, pipeline: number) =>
      stageLayers(layers, pipeline).map(({ start, end }) => end - start);
    expect(sizes(32, 4)).toEqual([8, 8, 8, 8]);
    expect(sizes(61, 4)).toEqual([15, 15, 16, 15]);
    expect(sizes(62, 4)).toEqual([15, 16, 16, 15]);
    expect(sizes(7, 2)).toEqual([4, 3]);
  });
});

describe("profiles", () => {
  it("give a version the newest entry that is not newer", () => {
    expect(engineProfile("vllm", "0.15.1")?.since).toBe("0.14");
    expect(engineProfile("vllm", "0.19.0rc2")?.since).toBe("0.19");
    expect(engineProfile("vllm", "0.9.2")?.since).toBe("0.8");
    expect(engineProfile("vllm", "0.5")).toBeUndefined();
    expect(engineProfile("vllm", "latest")).toBeUndefined();
  });

  it("stand in the order of their versions", () => {
    for (const name of engineNames) {
      const versions = engineProfiles.filter((profile) => profile.name === name).map(({ since }) => since);
      for (const version of versions) expect(engineProfile(name, version)?.since).toBe(version);
    }
  });

  it("take SGLang's share from the memory as its arguments do", () => {
    const context = { accelerator: "h100-sxm", accelerators: 1, attentionData: 1, speculation: "off" } as const;
    const share = (capacity: number, accelerators = 1) =>
      engineProfile("sglang", "0.5")?.defaults({ ...context, accelerators, capacity }).memoryUtilization;
    // 13,440 MiB of 80 GiB: 512 + 1.5 x 8192 + 2 x 256 + 128; of 24 GiB 512 + 1.5 x 2048 + 2 x 24 + 128.
    expect(share(80 * 2 ** 30)).toBe(0.836);
    expect(share(24 * 2 ** 30)).toBe(0.847);
  });
});
