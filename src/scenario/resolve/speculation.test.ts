/** Drafted tokens: what keys become, what they cost, and what is refused. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { checkTerm, type Term } from "../../base/term.ts";
import { Batch } from "../../serving/step/batch.ts";
import { type Prediction, predict, requiredFiles, resolve, scenarioFromValue } from "../index.ts";
import type { PoolDesign } from "../serving/design.ts";
import { replicaSpec } from "../serving/replica.ts";
import { chanceOfMean } from "./speculation.ts";

type Section = Readonly<Record<string, unknown>>;

const draftModel = { method: "draft-model", model: "Qwen/Qwen3-0.6B" };

function written(speculation: Section | undefined, engine: Section = {}, serving: Section = {}): unknown {
  const requests = { users: 4, count: 40, input: 200, output: 120 };
  return JSON.parse(
    JSON.stringify({
      windtunnel: 1,
      name: "t",
      cluster: { node: "hgx-h200", nodes: 1 },
      workload: { kind: "serving", model: "Qwen/Qwen3-32B", requests },
      serving: { engine: { name: "vllm", ...engine, speculation }, replicas: 1, tensor: 2, ...serving },
    }),
  );
}

const predicted = (speculation: Section | undefined, engine?: Section): Prediction =>
  predict(scenarioFromValue(written(speculation, engine)));

function poolOf(value: unknown, files = {}): PoolDesign {
  const found = resolve(scenarioFromValue(value), files);
  const [pool] = found.kind === "serving" ? found.serving.pools : [];
  if (pool === undefined) throw new Error(found.kind);
  return pool;
}

const deepseek = (speculation: Section | undefined, engine: Section = {}): unknown => {
  const value = written(speculation, engine, { tensor: 8 }) as { workload: { model: string } };
  value.workload.model = "deepseek-ai/DeepSeek-V3";
  return value;
};

function problemsOf(value: unknown, files = {}): string {
  try {
    poolOf(value, files);
    return "";
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`).join("\n");
  }
}

const metric = ({ metrics }: Prediction, name: string): number => metrics[name] ?? Number.NaN;
const perToken = (prediction: Prediction): number => metric(prediction, "timePerOutputToken.mean");

function termNamed(term: Term, name: string): Term | undefined {
  if (term.name === name) return term;
  for (const child of term.children ?? []) {
    const found = termNamed(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const plain = predicted(undefined);

describe.each([
  ["eagle", { method: "eagle" }],
  ["draft-model", draftModel],
  ["ngram", { method: "ngram" }],
])("%s", (method, speculation) => {
  const at = (drafted: number, acceptance: unknown) => predicted({ ...speculation, drafted, acceptance });

  it("costs more than nothing drafted where no token is accepted", () => {
    for (const drafted of [1, 4]) expect(perToken(at(drafted, 0))).toBeGreaterThan(perToken(plain));
  });

  it("is at most 1 + k times as quick where all are, and quicker the more are", () => {
    const drafted = 3;
    const times = [0, 0.5, 0.8, 1].map((acceptance) => perToken(at(drafted, acceptance)));
    for (const [index, time] of times.entries()) if (index > 0) expect(time).toBeLessThan(times[index - 1] ?? 0);
    // Fewer than 1 + k tokens may be left at the end of an answer.
    expect(perToken(plain) / (times[3] ?? 0)).toBeLessThan(drafted + 1);
    expect(times[3]).toBeLessThan(perToken(plain));
  });

  it("gives every request its tokens, and shows the drafting", () => {
    const found = at(3, [0.9, 0.6, 0.3]);
    const tokens = metric(found, "outputTokensPerSecond") / metric(found, "requestsPerSecond");
    expect(tokens).toBeCloseTo(120, 9);
    expect(checkTerm(found.terms)).toEqual(checkTerm(plain.terms));
    const drafting = termNamed(found.terms, "drafting")?.value ?? 0;
    if (method === "ngram") expect(drafting).toBe(0);
    else expect(drafting).toBeGreaterThan(0);
  });
});

describe("the time of an iteration", () => {
  const timeOf = (drafted: number): { readonly time: number; readonly drafting: number } => {
    const pool = poolOf(written({ ...draftModel, drafted, acceptance: 0.5 }));
    const batch = new Batch();
    for (let row = 0; row < 8; row++) batch.addDecode(1 + drafted, 1000);
    batch.sampled = batch.decodeTokens;
    const found = resolve(scenarioFromValue(written(undefined)));
    if (found.kind !== "serving") throw new Error(found.kind);
    const { step } = replicaSpec(pool, found.serving);
    const terms = step.terms([batch]);
    expect(terms.value).toBeCloseTo(step.time([batch]), 12);
    return { time: step.time([batch]), drafting: step.drafting?.([batch]) ?? 0 };
  };

  it("has one pass of the drafter for each drafted token", () => {
    const [one, three, five] = [timeOf(1), timeOf(3), timeOf(5)];
    expect(one.drafting).toBeGreaterThan(0);
    expect(three.drafting / one.drafting).toBeGreaterThan(2.5);
    expect(three.drafting / one.drafting).toBeLessThan(3.5);
    expect(five.drafting - three.drafting).toBeCloseTo(three.drafting - one.drafting, 4);
  });
});

describe("acceptance", () => {
  const listOf = (acceptance: unknown, drafted = 3, files = {}) =>
    poolOf(written({ method: "eagle", drafted, acceptance }), files).engine.speculation?.acceptance;

  it("is one chance, a list, a file, a mean length, or shares as engines print them", () => {
    expect(listOf(0.7)).toEqual([0.7, 0.7, 0.7]);
    expect(listOf([0.9, 0.5, 0.1])).toEqual([0.9, 0.5, 0.1]);
    expect(listOf({ file: "a.txt" }, 2, { "a.txt": "0.8\n0.4\n" })).toEqual([0.8, 0.4]);
    expect(listOf({ perPosition: [0.8, 0.4, 0] })).toEqual([0.8, 0.5, 0]);
    for (const mean of [1, 2.5, 4]) {
      const p = listOf({ meanLength: mean })?.[0] ?? Number.NaN;
      expect(1 + p + p ** 2 + p ** 3).toBeCloseTo(mean, 9);
    }
    expect(chanceOfMean(1, 4)).toBeLessThan(1e-12);
  });

  it("keeps SGLang's host from working ahead until its second version was the usual one", () => {
    const overlap = (engine: Section, drafts?: Section): string => poolOf(deepseek(drafts, engine)).engine.hostOverlap;
    const drafts = { method: "mtp", drafted: 2 };
    expect(overlap({ name: "sglang", version: "0.5.9" })).toBe("on");
    expect(overlap({ name: "sglang", version: "0.5.9" }, drafts)).toBe("off");
    expect(overlap({ name: "sglang", version: "0.5.9", hostOverlap: "on" }, drafts)).toBe("on");
    expect(overlap({ name: "sglang", version: "0.5.11" }, drafts)).toBe("on");
    expect(overlap({ name: "vllm", version: "0.15.0" }, drafts)).toBe("on");
  });

  it("has a default for the model's own module alone", () => {
    const mtp = (drafted: number): PoolDesign => poolOf(deepseek({ method: "mtp", drafted }));
    expect(mtp(1).engine.speculation?.acceptance).toEqual([0.85]);
    expect(mtp(3).engine.speculation?.acceptance[2]).toBeCloseTo(0.85 * 0.56, 9);
    expect(problemsOf(written({ method: "eagle", drafted: 1 }))).toContain("speculation.acceptance: missing");
  });

  it.each([
    [{ meanLength: 5 }, "5 tokens an iteration with 3 drafted"],
    [{ perPosition: [0.5, 0.6, 0.1] }, "more than at the place before"],
    [[0.5], "1 chances for 3 drafted tokens"],
    [1.5, "expected a ratio of at most 1"],
  ])("%j is refused", (acceptance, expected) => {
    expect(problemsOf(written({ method: "eagle", drafted: 3, acceptance }))).toContain(expected);
  });
});

describe("drafters", () => {
  it("take memory for weights and their own cache", () => {
    const blocks = (speculation?: Section) => poolOf(written(speculation)).memory.blocks;
    const eagle = blocks({ method: "eagle", drafted: 3, acceptance: 0.7 });
    const other = blocks({ ...draftModel, drafted: 3, acceptance: 0.7 });
    expect(blocks({ method: "ngram", drafted: 3, acceptance: 0.7 })).toBe(blocks());
    expect(eagle).toBeLessThan(blocks());
    // 28 layers of 8 heads in a cache of 64 layers of 8 heads.
    expect(other / blocks()).toBeGreaterThan(0.6);
    expect(other / blocks()).toBeLessThan(64 / 92 + 0.01);
  });

  it("that look up n-grams keep the host from working ahead", () => {
    const ngram = { method: "ngram", drafted: 2, acceptance: 0.5 };
    expect(poolOf(written(ngram)).engine.hostOverlap).toBe("off");
    expect(problemsOf(written(ngram, { hostOverlap: "on" }))).toContain("hostOverlap: on, and n-grams");
  });

  it("may be a config.json, whose heads tensor divides", () => {
    const config = {
      ...{ architectures: ["Qwen2ForCausalLM"], model_type: "qwen2", vocab_size: 151_936, tie_word_embeddings: true },
      ...{ hidden_size: 896, intermediate_size: 4864, num_hidden_layers: 24 },
      ...{ num_attention_heads: 14, num_key_value_heads: 2 },
    };
    const files = { "small/config.json": JSON.stringify(config) };
    const spoken = { method: "draft-model", model: "small/config.json", drafted: 2, acceptance: 0.5 };
    expect(requiredFiles(scenarioFromValue(written(spoken)))).toEqual(["small/config.json"]);
    expect(poolOf(written(spoken), files).drafting?.drafter?.model.layers).toHaveLength(24);
    expect(problemsOf(written(spoken, {}, { tensor: 4 }), files)).toContain("tensor 4 does not divide the 14 heads");
    expect(problemsOf(written(spoken), {})).toContain("speculation.model: the file");
  });

  it.each([
    ["a model without a module", { method: "mtp", drafted: 1 }, {}, "no multi-token prediction module"],
    ["another vocabulary", { ...draftModel, model: "llama-3.1-8b", acceptance: 0.5 }, {}, "in its vocabulary"],
    ["no draft model", { method: "draft-model", acceptance: 0.5 }, {}, "model: missing"],
    ["a model that does nothing", { method: "eagle", model: "Qwen/Qwen3-0.6B", acceptance: 0.5 }, {}, "has no effect"],
    ["stages", { method: "eagle", acceptance: 0.5 }, { pipeline: 2 }, "not modelled yet"],
  ])("refuse %s", (_, speculation, serving, expected) => {
    const found = problemsOf(written({ drafted: 2, ...speculation }, {}, serving));
    expect(found).toContain(expected);
  });
});
