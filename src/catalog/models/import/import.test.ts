import { describe, expect, it } from "vitest";
import { countParameters, forwardFlopPerToken, models, parseConfig } from "../index.ts";
import { importModel, modelTypes } from "./index.ts";

type Config = Record<string, unknown>;

function config(name: string, changes: Config = {}): Config {
  return { ...models.get(name).config(), ...changes };
}

function problems(value: unknown): string[] {
  const result = importModel(value);
  return result.ok ? [] : result.problems.map((problem) => `${problem.path}: ${problem.message}`);
}

const step = {
  model_type: "step3p7",
  num_hidden_layers: 45,
  hidden_size: 4096,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 128896,
  intermediate_size: 11264,
  sliding_window: 512,
  first_k_dense_replace: 3,
  num_experts: 288,
  num_experts_per_tok: 8,
  moe_intermediate_size: 1280,
  share_expert_dim: 1280,
  use_moe_router_bias: true,
};

describe("what cannot be derived is refused by the name of its field", () => {
  it("step3p7 without attention_other_setting", () => {
    expect(problems(step)).toEqual(["attention_other_setting: not derivable: field attention_other_setting unknown"]);
  });

  it("step3p7 with the vendor's fields gives the vendor's total", () => {
    const other = {
      attention_type: "sliding_attention",
      num_attention_heads: 96,
      num_attention_groups: 8,
      head_dim: 128,
    };
    const result = importModel({ ...step, attention_other_setting: other, use_head_wise_attn_gate: true });
    if (!result.ok) throw new Error("refused");
    expect(Math.round(countParameters(result.model).total / 1e6)).toBe(196956);
  });

  it("step3p7 as filed is counted on request, and says so", () => {
    const result = importModel(step, { missing: "as-filed" });
    if (!result.ok) throw new Error("refused");
    expect(countParameters(result.model).total).toBe(195832712256);
    expect(result.model.assumptions.join()).toContain("attention_other_setting absent");
  });

  it("minimax_m3 with an index value branch", () => {
    const base = config("MiniMax-M3");
    const sparse = { ...(base.sparse_attention_config as Config), sparse_disable_index_value: Array(60).fill(0) };
    expect(problems({ ...base, sparse_attention_config: sparse })).toEqual([
      "sparse_attention_config.sparse_disable_index_value: not derivable: index value branch unknown",
    ]);
  });

  it("gemma4 with use_double_wide_mlp", () => {
    expect(problems(config("gemma-4-26B-A4B", { use_double_wide_mlp: true }))[0]).toContain("use_double_wide_mlp");
  });

  it.each([
    ["another ratio", { compress_ratios: Array(62).fill(8) }],
    ["no list", { compress_ratios: null }],
    ["an empty list", { compress_ratios: [] }],
  ])("deepseek_v4 compress_ratios: %s", (_, changes) => {
    const found = problems(config("DeepSeek-V4-Pro", changes));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toContain("not derivable: field compress_ratios unknown");
  });

  it("an unknown class, with the nearest known one", () => {
    const result = importModel(config("Llama-3.1-8B", { model_type: "lama" }));
    if (result.ok) throw new Error("accepted");
    expect(result.problems[0]?.message).toBe('class unknown: "lama"');
    expect(result.problems[0]?.hint).toContain('did you mean "llama"?');
  });

  it("a block letter other than M * E -", () => {
    expect(problems(config("nemotron-3-nano", { hybrid_override_pattern: "MEMX" }))[0]).toContain(
      'block text "X" unknown',
    );
  });

  it("a required field", () => {
    expect(problems(config("Llama-3.1-8B", { vocab_size: undefined }))).toEqual([
      "vocab_size: not derivable: field vocab_size unknown",
    ]);
  });

  it("a switch whose effect on the matrices is unknown", () => {
    expect(problems(config("DeepSeek-V3", { attention_bias: true }))[0]).toContain("field attention_bias true");
  });
});

describe("what can be counted but is uncertain is warned about", () => {
  const warnings = (value: Config): string => {
    const result = importModel(value);
    return result.ok ? result.warnings.join("; ") : "refused";
  };

  it.each([
    ["mimo_v2_flash", config("MiMo-V2-Flash"), "number of draft (MTP) modules unknown"],
    ["minimax_m2", config("MiniMax-M2.5", { num_mtp_modules: 3 }), "counted 0"],
    ["minimax_m3", config("MiniMax-M3", { num_mtp_modules: 7 }), "counted 0"],
    ["glm4_moe", config("GLM-4.5", { num_nextn_predict_layers: undefined }), "one draft module assumed"],
    ["qwen3_next", config("qwen3-next", { mtp_num_hidden_layers: undefined }), "one draft module assumed"],
    ["glm_moe_dsa", config("GLM-5", { index_topk_freq: undefined }), "every layer runs its own indexer"],
    ["reconstructed", config("Llama-2-70B", { _note: "from memory" }), "reconstructed file: from memory"],
    ["architectures", config("Llama-2-70B", { architectures: ["OtherForCausalLM"] }), "OtherForCausalLM"],
    [
      "ignore",
      config("Qwen3-8B", { quantization_config: { quant_method: "fp8", ignore: ["model.blocks.3.foo"] } }),
      "field ignore unmatched",
    ],
  ])("%s", (_, value, expected) => {
    expect(warnings(value)).toContain(expected);
  });
});

describe("the format of the cache that a checkpoint asks for", () => {
  const asked = (quantization: Config): string | undefined => {
    const result = importModel(config("Qwen3-8B", { quantization_config: quantization }));
    return result.ok ? result.model.weights?.cache : "refused";
  };
  const modelopt = { quant_method: "modelopt", quant_algo: "NVFP4" };
  const scheme = { dynamic: false, num_bits: 8, type: "float" };

  it("is read by name and by scheme from files of ModelOpt", () => {
    expect(asked(modelopt)).toBeUndefined();
    expect(asked({ ...modelopt, kv_cache_quant_algo: "FP8" })).toBe("fp8");
    expect(asked({ ...modelopt, kv_cache_scheme: scheme })).toBe("fp8");
    expect(asked({ ...modelopt, kv_cache_scheme: { ...scheme, num_bits: 4 } })).toBeUndefined();
    expect(asked({ quant_method: "fp8", kv_cache_scheme: scheme })).toBeUndefined();
  });
});

describe("rules of the reader", () => {
  it.each(["text_config", "language_config", "llm_config"])(
    "takes the text model from %s, tying from the root",
    (nest) => {
      const nested = { model_type: "wrapper", tie_word_embeddings: true, [nest]: config("Llama-3.1-8B") };
      const result = importModel(nested);
      if (!result.ok) throw new Error("refused");
      expect(result.model.family).toBe("llama");
      expect(countParameters(result.model).total).toBe(8030261248 - 128256 * 4096);
    },
  );

  it("names a nested field by its path", () => {
    expect(problems({ text_config: config("Llama-3.1-8B", { hidden_size: -1 }) })).toEqual([
      "text_config.hidden_size: expected a whole number from 1 to 2147483648, found -1",
    ]);
  });

  it("lists by layer may be longer than the model, never shorter", () => {
    expect(problems(config("DeepSeek-V4-Flash", { num_hidden_layers: 16 }))).toEqual([]);
    expect(problems(config("DeepSeek-V4-Flash", { num_hidden_layers: 60 }))).toEqual([
      "compress_ratios: has 44 entries for 60 layers",
    ]);
  });

  it("collects all problems of a file", () => {
    const broken = { hidden_size: "4096", num_attention_heads: 0, intermediate_size: Number.NaN, vocab_size: 1.5 };
    expect(problems(config("Llama-3.1-8B", broken)).map((text) => text.split(":")[0])).toEqual([
      "hidden_size",
      "vocab_size",
      "num_attention_heads",
      "intermediate_size",
    ]);
  });

  it("heads that do not divide are refused", () => {
    expect(problems(config("Llama-3.1-8B", { num_attention_heads: 30, head_dim: 128 }))[0]).toContain("30 heads");
    expect(problems(config("Llama-3.1-8B", { num_attention_heads: 24 }))[0]).toContain("does not divide by 24 heads");
    expect(problems(config("gpt-3", { n_head: 7 }))[0]).toContain("does not divide by 7 heads");
    expect(problems(config("Mixtral-8x7B", { num_experts_per_tok: 9 }))[0]).toContain("9 experts a token of only 8");
  });

  it("mistral's window is 4096 when its key is missing, and none when it is null", () => {
    const span = (changes: Config): unknown => {
      const result = importModel(config("mistral-7b", changes));
      const mixer = result.ok ? result.model.layerKinds[0]?.mixer : undefined;
      return mixer?.kind === "attention" ? mixer.span : undefined;
    };
    expect(span({ sliding_window: undefined })).toEqual({ kind: "window", size: 4096 });
    expect(span({ sliding_window: null })).toEqual({ kind: "full" });
  });

  it("reads newly saved V4 files by layer_types and compress_rates", () => {
    const old = config("DeepSeek-V4-Flash");
    const types = ["sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention"];
    const ratios = old.compress_ratios as number[];
    const saved = {
      ...old,
      compress_ratios: undefined,
      layer_types: ratios.map((ratio) => types[[0, 4, 128].indexOf(ratio)]),
      compress_rates: { compressed_sparse_attention: 4, heavily_compressed_attention: 128 },
    };
    const before = importModel(old);
    const after = importModel(saved);
    expect(after).toMatchObject({ ok: true });
    if (before.ok && after.ok) expect(after.model.layers).toEqual(before.model.layers);
  });
});

describe("text of a file", () => {
  it("may hold Infinity and NaN, but not inside its texts", () => {
    expect(parseConfig('{"a": [0.0, Infinity], "b": "Infinity NaN", "c": -Infinity, "d": NaN}')).toEqual({
      a: [0, null],
      b: "Infinity NaN",
      c: null,
      d: null,
    });
    expect(() => parseConfig("{'a': Infinity}")).toThrow(SyntaxError);
    expect(() => parseConfig("{")).toThrow(SyntaxError);
  });
});

describe("any JSON value gives an answer, never an exception", () => {
  const values: readonly unknown[] = [
    null,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    0,
    0.5,
    1,
    1e300,
    2 ** 31,
    "text",
    true,
    [],
    [0],
    [null, "x", {}],
    {},
    { a: 1 },
  ];

  it.each([null, undefined, 1, "x", [], [1], true, {}, { model_type: 3 }, { text_config: {} }, { text_config: 4 }])(
    "%j",
    (value) => {
      expect(importModel(value).ok).toBe(false);
    },
  );

  const families = new Map(models.entries.map((entry) => [String(entry.config().model_type), entry]));
  const extras = [
    "layer_types",
    "mlp_layer_types",
    "quantization_config",
    "vision_config",
    "attention_bias",
    "attn_config",
  ];
  it.each([...families])("%s with each field replaced by each kind of value", (_, entry) => {
    const base = entry.config();
    const bad: string[] = [];
    for (const key of [...Object.keys(base), ...extras, "num_nextn_predict_layers", "mtp_layers_block_type"]) {
      const before = base[key];
      const inner =
        typeof before === "object" && before !== null && !Array.isArray(before) ? Object.entries(before) : [];
      for (const value of values) {
        const variants = [value, ...inner.map(([name]) => ({ ...(before as Config), [name]: value }))];
        for (const changed of variants) {
          const complaint = complaintAbout({ ...base, [key]: changed });
          if (complaint !== null) bad.push(`${key} = ${JSON.stringify(changed)}: ${complaint}`);
        }
      }
    }
    expect(bad).toEqual([]);
  });

  /** What is wrong with the answer to a value, if anything. */
  function complaintAbout(value: Config): string | null {
    const result = importModel(value);
    if (!result.ok) {
      const long = result.problems.find((problem) => problem.message === "" || problem.message.length > 300);
      return result.problems.length === 0 ? "refused without a problem" : (long?.message ?? null);
    }
    const { total, active } = countParameters(result.model);
    if (!Number.isSafeInteger(total) || total <= 0 || active > total) return `${active} of ${total} parameters`;
    const flop = forwardFlopPerToken(result.model, 4096, "causal").total;
    return Number.isFinite(flop) && flop > 0 ? null : `${flop} FLOP`;
  }

  it("our entries cover every class but step3p7", () => {
    expect(modelTypes.filter((type) => !families.has(type))).toEqual(["step3p7"]);
  });
});
