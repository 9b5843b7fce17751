import { describe, expect, it } from "vitest";
import type { ModelArchitecture } from "../model.ts";
import { sources } from "../sources/index.ts";
import {
  bytesPerWeight,
  cacheBytes,
  cacheBytesPerToken,
  countParameters,
  decodeFlopPerToken,
  denseConfig,
  extendModel,
  findModel,
  forwardFlopPerToken,
  importModel,
  layerParameters,
  models,
  weightBytes,
} from "./index.ts";

function model(name: string): ModelArchitecture {
  const result = findModel(name);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.model;
}

/** Exact parameters of the text model, and of its draft modules where the checkpoint holds them. */
const totals: [name: string, total: number, multiToken?: number][] = [
  ["Llama-2-7b-hf", 6738415616],
  ["Llama-2-70b-hf", 68976648192],
  ["Llama-3-8B", 8030261248],
  ["Llama-3.1-70B", 70553706496],
  ["Llama-3.1-405B", 405853388800],
  ["Llama-3_3-Nemotron-Super-49B-v1", 49867145216],
  ["CodeLlama-34b-Instruct-hf", 33743970304],
  ["Yi-34B", 34388917248],
  ["Mistral-7B-v0.1", 7241732096],
  ["Mistral-Nemo-Instruct-2407", 12247782400],
  ["Mixtral-8x7B-v0.1", 46702792704],
  ["Mixtral-8x22B-v0.1", 140620634112],
  ["Phi-mini-MoE-instruct", 7647632704],
  ["Qwen2.5-7B", 7615616512],
  ["Qwen2.5-32B", 32763876352],
  ["Qwen2.5-72B", 72706203648],
  ["Qwen3-0.6B", 596049920],
  ["Qwen3-32B", 32762123264],
  ["Qwen3-30B-A3B", 30532122624],
  ["Qwen3-235B-A22B", 235093634560],
  ["Qwen3-Next-80B-A3B", 79674391296, 1650471424],
  ["Qwen3.5-27B", 26895998464, 424699392],
  ["Qwen3.5-35B-A3B", 34660610688, 844640768],
  ["Qwen3.5-122B-A10B", 122111526912, 2523679232],
  ["Qwen3.5-397B-A17B", 396346350336, 6595568128],
  ["gpt-3", 174604259328],
  ["gpt-oss-20b", 20914757184],
  ["gpt-oss-120b", 116829156672],
  ["gemma-4-26B-A4B", 25233141790],
  ["Llama-4-Scout-17B-16E", 107769861120],
  ["Llama-4-Maverick-17B-128E", 400711848960],
  ["DeepSeek-V2-Lite", 15706484224],
  ["DeepSeek-V3", 671026419200, 11610068224],
  ["DeepSeek-V3.2", 671877944064, 11624027648],
  ["DeepSeek-V4-Flash", 284332240471, 6610048891],
  ["DeepSeek-V4-Pro", 1572997201763, 25840145979],
  ["Kimi-K2-Instruct", 1026408232448],
  ["Kimi-K2.5", 1026408232448],
  ["Kimi-K3", 2779484476000],
  ["GLM-4.5-Air", 106852251264, 2375059584],
  ["GLM-4.5", 352797829024, 3988069792],
  ["GLM-5", 743911218432, 9952920576],
  ["GLM-5.2", 743377019904, 9952920576],
  ["MiniMax-M2.5", 228689764864],
  ["MiniMax-M3", 426174572928],
  ["MiMo-V2-Flash", 308778780864],
  ["Nemotron-H-56B", 56324350464],
  ["nemotron-3-nano", 31577940288],
  ["nemotron-3-super", 120668707840, 2942325248],
  ["nemotron-3-ultra", 549308993536, 11215610368],
  ["opt-6.7b", 6658473984],
  ["bloom", 176247271424],
  ["mpt-7b", 6649286656],
  // As counted by llm-foundry in its own table, with the positions of the run's sequence.
  ["mpt-70b", 64862437376],
  ["mpt-13b", 12853954560],
  ["mpt-3b", 2651837440],
  ["mpt-1b", 1315950592],
];

describe("entries", () => {
  it.each(totals)("%s has %i parameters", (...row) => {
    const [name, total, multiToken = 0] = row;
    const count = countParameters(model(name));
    expect(count.total).toBe(total);
    expect(count.multiToken).toBe(multiToken);
  });

  it.each([
    ["Nemotron-4-340B", 341.0],
    ["PaLM-540B", 540.4],
    ["MT-NLG-530B", 529.6],
    ["opt-175b", 174.6],
    ["gpt-1t", 1008.0],
    ["gemma-3-27b", 27.0],
    ["gemma-4-31b", 30.7],
    ["mpt-30b", 30.0],
    ["maxtext-gpt-1024b", 997.5],
  ])("%s has about %f billion", (name, billions) => {
    expect(countParameters(model(name)).total / 1e9).toBeCloseTo(billions, 1);
  });

  it("all import without a problem, name known sources and no field that their class ignores", () => {
    expect(models.entries.length).toBeGreaterThanOrEqual(40);
    for (const entry of models.entries) {
      const result = findModel(entry.name);
      if (!result.ok) throw new Error(`${entry.name}: ${JSON.stringify(result.problems)}`);
      expect([entry.name, ...result.unread, ...result.inert]).toEqual([entry.name]);
      expect(result.model.sources.length).toBeGreaterThan(0);
      for (const key of result.model.sources) expect(Object.keys(sources)).toContain(key);
    }
  });

  it("sum to their buckets: split + replicated + routed + outside = total", () => {
    for (const entry of models.entries) {
      const found = model(entry.name);
      const count = countParameters(found);
      const { embedding } = found;
      const layers = found.layers.reduce((sum, index) => {
        const kind = found.layerKinds[index];
        if (!kind) throw new Error("no such kind");
        const { split, replicated, routed, total } = layerParameters(kind);
        expect(split + replicated + routed).toBe(total);
        expect(Math.min(split, replicated, routed)).toBeGreaterThanOrEqual(0);
        return sum + total;
      }, 0);
      const outside = count.embedding + count.head + embedding.positionParameters + embedding.otherParameters;
      expect([entry.name, layers + outside + (embedding.tableParameters ?? 0)]).toEqual([entry.name, count.total]);
    }
  });
});

describe("names", () => {
  it.each(["Meta-Llama-3.1-405B", "meta-llama/Llama-3.1-405B", "llama-3.1-405b", " LLAMA3.1-405B "])(
    "%s is one model",
    (name) => {
      expect(model(name).name).toBe("meta-llama/Llama-3.1-405B");
    },
  );

  it("an unknown name is a problem with a suggestion", () => {
    expect(findModel("lama-3.1-405b", "workload.model")).toEqual({
      ok: false,
      problems: [
        {
          path: "workload.model",
          message: 'unknown model "lama-3.1-405b"',
          hint: 'did you mean "Llama-3.1-405B"?',
        },
      ],
    });
  });
});

describe("extends", () => {
  it("changes a few fields, in any spelling", () => {
    const half = extendModel("mpt-7b", { num_hidden_layers: 16 });
    if (!half.ok) throw new Error("refused");
    expect(half.model.layers.length).toBe(16);
    expect(half.model.name).toBe("mosaicml/mpt-7b (changed)");
    const short = extendModel("deepseek-v4-flash", { num_hidden_layers: 16 });
    expect(short.ok && short.model.layers.length).toBe(16);
  });

  it("merges objects field by field", () => {
    const result = extendModel("mpt-70b", { attn_config: { attn_type: "grouped_query_attention", kv_n_heads: 8 } });
    const mixer = result.ok ? result.model.layerKinds[0]?.mixer : undefined;
    expect(mixer).toMatchObject({ heads: 64, keyValueHeads: 8 });
    expect(result.ok && result.model.embedding.positionParameters).toBe(2048 * 8192);
  });

  it("refuses unknown names, unknown fields and bad values at their place", () => {
    const paths = (name: string, fields: Record<string, unknown>): string[] => {
      const result = extendModel(name, fields);
      return result.ok ? [] : result.problems.map((problem) => `${problem.path}; ${problem.hint ?? problem.message}`);
    };
    expect(paths("mpt-8b", {})[0]).toContain("model.extends; did you mean");
    expect(paths("mpt-7b", { n_layrs: 3 })).toEqual(['model.n_layrs; did you mean "n_layers"?']);
    expect(paths("llama-3-8b", { rope_theta: 1e6 })[0]).toContain("model.rope_theta");
    expect(paths("llama-3-8b", { hidden_size: 0 })[0]).toContain("model.hidden_size; expected a whole number");
    expect(paths("deepseek-v4-flash", { num_hidden_layers: 60 })[0]).toContain("compress_ratios");
  });
});

describe("models given by dimensions", () => {
  it("a GPT, a Llama and a grouped-query model with a plain MLP", () => {
    const family = (dimensions: Parameters<typeof denseConfig>[0]): [string, number] => {
      const result = importModel(denseConfig(dimensions));
      if (!result.ok) throw new Error(JSON.stringify(result.problems));
      return [result.model.family, countParameters(result.model).total];
    };
    const size = { layers: 96, hidden: 12288, heads: 96, vocabulary: 51200, positions: 2048 };
    const [h, v] = [12288, 51200];
    expect(family(size)).toEqual(["gpt2", 96 * (12 * h * h + 13 * h) + v * h + 2048 * h + 2 * h]);
    expect(family({ ...size, tied: "untied" })[1] - family(size)[1]).toBe(v * h);
    const eight = { layers: 32, hidden: 4096, heads: 32, keyValueHeads: 8, width: 14336, vocabulary: 128256 };
    expect(family({ ...eight, gated: "gated", positions: 8192 })).toEqual(["llama", 8030261248]);
    expect(family({ ...eight, positions: 8192 })[0]).toBe("nemotron");
  });
});

describe("FLOP", () => {
  it("Llama 3.1 405B trains with 2.52e12 FLOP a token at 8192", () => {
    const flop = forwardFlopPerToken(model("llama-3.1-405b"), 8192, "causal");
    expect((3 * flop.total) / 1e12).toBeCloseTo(2.524, 3);
    expect(flop.linear + flop.core + flop.recurrent + flop.logits).toBe(flop.total);
    expect(flop.logits).toBe(2 * 16384 * 128256);
    const square = forwardFlopPerToken(model("llama-3.1-405b"), 8192, "square");
    expect(square.core / flop.core).toBeCloseTo((2 * 8192) / 8193, 9);
  });

  it("V4-Pro decodes at a million tokens with 26 % of the FLOP of V3.2", () => {
    const million = 2 ** 20;
    const pro = decodeFlopPerToken(model("DeepSeek-V4-Pro"), million);
    const old = decodeFlopPerToken(model("DeepSeek-V3.2"), million);
    expect(pro.total / 1e9).toBeCloseTo(303, 0);
    expect(pro.indexer / 1e9).toBeCloseTo(128.8, 1);
    expect((pro.core - pro.indexer) / 1e9).toBeCloseTo(76.7, 1);
    expect((pro.linear + pro.logits) / 1e9).toBeCloseTo(97.7, 0);
    expect(old.total / 1e9).toBeCloseTo(1158, 0);
    expect(old.core / 1e9).toBeCloseTo(1083, 0);
    expect((100 * pro.total) / old.total).toBeCloseTo(26, 0);
  });

  it("linear FLOP are twice the active matrices: everything but vectors and the embedding", () => {
    for (const name of ["llama-3.1-70b", "DeepSeek-V3", "gpt-oss-120b", "Kimi-K3", "nemotron-3-super", "qwen3-next"]) {
      const found = model(name);
      const { linear, logits } = forwardFlopPerToken(found, 4096, "causal");
      const ratio = (linear + logits) / (2 * countParameters(found).activeWithoutEmbedding);
      expect(ratio).toBeLessThan(1);
      expect(ratio).toBeGreaterThan(0.999);
    }
  });

  it("a window, a chunk and a selection that hold the sequence cost what full attention costs", () => {
    const core = (name: string, fields: Record<string, unknown>): number => {
      const result = extendModel(name, fields);
      if (!result.ok) throw new Error(JSON.stringify(result.problems));
      const flop = forwardFlopPerToken(result.model, 4096, "causal");
      return flop.core - flop.indexer;
    };
    const full = core("mistral-7b", { sliding_window: null });
    expect(core("mistral-7b", { sliding_window: 4096 })).toBeCloseTo(full, 0);
    expect(core("mistral-7b", { sliding_window: 1024 })).toBeLessThan(full / 2);
    const dense = forwardFlopPerToken(model("deepseek-v3"), 4096, "causal").core;
    expect(core("deepseek-v3.2", { index_topk: 4096 })).toBeCloseTo(dense, 0);
    const scout = core("llama-4-scout", { attention_chunk_size: 4096 });
    expect(core("llama-4-scout", { attention_chunk_size: null })).toBeCloseTo(scout, 0);
    expect(core("llama-4-scout", { attention_chunk_size: 1024 })).toBeLessThan(scout);
  });

  it("never falls as the sequence grows", () => {
    for (const entry of models.entries) {
      const found = model(entry.name);
      let [trained, decoded] = [0, 0];
      for (const length of [1, 128, 512, 4096, 8192, 65536, 2 ** 20]) {
        const next = forwardFlopPerToken(found, length, "causal").total;
        expect(next).toBeGreaterThanOrEqual(trained);
        trained = next;
        expect(forwardFlopPerToken(found, length, "square").total).toBeGreaterThanOrEqual(next);
        // A chunk empties when it is full, so that its decode cost may fall.
        const atDecode = decodeFlopPerToken(found, length).total;
        if (found.family !== "llama4_text") expect(atDecode).toBeGreaterThanOrEqual(decoded);
        decoded = atDecode;
      }
    }
  });
});

describe("cache", () => {
  const GiB = 2 ** 30;
  it("V4-Pro holds a million tokens in 9.62 GiB, V3.2 in 83.9", () => {
    expect(cacheBytes(model("DeepSeek-V4-Pro"), 2 ** 20, 2).total / GiB).toBeCloseTo(9.62, 2);
    expect(cacheBytes(model("DeepSeek-V3.2"), 2 ** 20, 2).total / GiB).toBeCloseTo(83.9, 1);
  });

  it.each([
    ["Llama-3.1-405B", 516096],
    ["DeepSeek-V3", 1152 * 61],
    ["gpt-oss-120b", 18 * 2048],
    ["GLM-4.5", 8 * 128 * 2 * 2 * 92],
    ["MiMo-V2-Flash", 9 * 2560],
    ["gemma-4-26B-A4B", 5 * 4096],
    ["MiniMax-M3", 60 * 2048 + 57 * 256],
    ["nemotron-3-super", 8 * 1024],
    ["Kimi-K3", 24 * 1152],
    ["qwen3-next", 12 * 2048],
  ])("%s grows by %i bytes a token in 16 bits", (name, bytes) => {
    expect(cacheBytesPerToken(model(name), 2)).toBe(bytes);
  });

  it.each([
    ["qwen3-next", 77.3],
    ["Qwen3.5-397B-A17B", 192.1],
    ["nemotron-3-super", 170.2],
    ["nemotron-3-ultra", 408.0],
    ["Nemotron-H-56B", 912.6],
    ["Kimi-K3", 449.4],
  ])("%s keeps %f MB of state a sequence", (name, megabytes) => {
    expect(cacheBytes(model(name), 1, 2).state / 1e6).toBeCloseTo(megabytes, 1);
  });

  it("windows hold no more than their size, unless the engine keeps everything", () => {
    const cache = cacheBytes(model("gpt-oss-120b"), 65536, 2);
    expect(cache.attention).toBe(2048 * 18 * (65536 + 128));
    expect(cache.attentionUnwindowed).toBe(2048 * 36 * 65536);
  });
});

describe("weights", () => {
  const GiB = 2 ** 30;
  it.each([
    ["gpt-oss-120b", 60.77],
    ["gpt-oss-20b", 12.82],
  ])("%s takes %f GiB", (name, size) => {
    expect(weightBytes(model(name)) / GiB).toBeCloseTo(size, 2);
  });

  it("one routed expert of Kimi K3 takes 17,547,264 bytes", () => {
    expect(3 * 3584 * 3072 * bytesPerWeight("mxfp4")).toBe(17547264);
  });

  it("unquantised models take two bytes a parameter, block fp8 a little over one", () => {
    expect(weightBytes(model("Llama-3.1-8B"))).toBe(2 * 8030261248);
    const ratio = weightBytes(model("DeepSeek-V3")) / 671026419200;
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(1.01);
  });
});

describe("vision towers", () => {
  it.each([
    ["Qwen3.5-27B", 27.781],
    ["Qwen3.5-35B-A3B", 35.952],
    ["Qwen3.5-122B-A10B", 125.086],
    ["Qwen3.5-397B-A17B", 403.398],
    ["Llama-4-Scout-17B-16E", 108.642],
    ["Llama-4-Maverick-17B-128E", 401.584],
  ])("%s with tower and draft module equals its checkpoint, %f billion", (name, billions) => {
    const found = model(name);
    const { total, multiToken } = countParameters(found);
    if (typeof found.vision?.parameters !== "number") throw new Error("no tower");
    expect((total + multiToken + found.vision.parameters) / 1e9).toBeCloseTo(billions, 3);
    expect(found.assumptions.join()).toContain("left out: vision tower");
  });

  it("says what cannot be derived", () => {
    expect(model("Kimi-K3").vision?.parameters).toBe("not-derivable");
    expect(model("Kimi-K3").assumptions.join()).toContain("projector patchmergerv2");
    expect(model("gemma-4-26B-A4B").assumptions.join()).toContain("pooler and position table");
  });
});
