import { describe, expect, it } from "vitest";
import { checkTerm } from "../../base/term.ts";
import { clusterOf } from "../../catalog/cluster-of.ts";
import { nodes } from "../../catalog/index.ts";
import { findModel, weightBytes } from "../../catalog/models/index.ts";
import { platformOf } from "../../network/index.ts";
import { Batch } from "./batch.ts";
import { sglangKernels, tensorrtKernels, vllmKernels } from "./engine-kernels.ts";
import { engineTimes } from "./engine-times.ts";
import { allReduceSeconds } from "./exchange-work.ts";
import { publishedPrecision, type ServingLayout, type StepOptions } from "./options.ts";
import { stepTimeOf } from "./step-time.ts";

function optionsOf(name: string, nodeName: string, layout: Partial<ServingLayout> = {}): StepOptions {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  const node = nodes.get(nodeName);
  const { model } = found;
  return {
    model,
    accelerator: node.accelerator,
    platform: platformOf(clusterOf({ node, nodes: 1 })),
    layout: { tensor: 1, pipeline: 1, expert: 1, attentionData: 1, ...layout },
    precision: publishedPrecision(model, node.accelerator),
    cacheBytes: 2,
    engine: vllmKernels(256, "0.19"),
    constants: { gap: 1e-6, launch: 5e-6, opaqueLaunch: 5e-6 },
    sampling: "plain",
  };
}

function decodes(count: number, context: number): Batch {
  const batch = new Batch();
  for (let n = 0; n < count; n++) batch.addDecode(1, context);
  batch.sampled = count;
  return batch;
}

function prompt(chunk: number, cached = 0): Batch {
  const batch = new Batch();
  batch.addPrefill(chunk, cached);
  batch.sampled = 1;
  return batch;
}

const cases: readonly (readonly [string, string, Partial<ServingLayout>])[] = [
  ["meta-llama/Llama-3.1-8B", "hgx-h100", {}],
  ["meta-llama/Llama-3.1-70B", "hgx-h100", { tensor: 4 }],
  ["mistralai/Mixtral-8x7B-v0.1", "hgx-h100", { tensor: 2 }],
  ["openai/gpt-oss-120b", "hgx-b200", { tensor: 2, expert: 2 }],
  ["deepseek-ai/DeepSeek-V3", "hgx-b200", { attentionData: 8, expert: 8 }],
  ["Qwen/Qwen3-32B", "hgx-h200", { tensor: 2, pipeline: 2 }],
  ["Qwen/Qwen3-Next-80B-A3B-Instruct", "hgx-h200", { tensor: 2 }],
];

describe.each(cases)("iterations of %s on %s %o", (name, node, layout) => {
  const options = optionsOf(name, node, layout);
  const step = stepTimeOf(options);
  const ranks = options.layout.attentionData;
  const all = (batch: Batch): readonly Batch[] => Array.from({ length: ranks }, () => batch);

  it("take longer with more tokens, sequences and context", () => {
    let before = 0;
    for (const count of [1, 2, 4, 8, 40, 100, 256]) {
      const time = step.time(all(decodes(count, 1000)));
      expect(time).toBeGreaterThan(before);
      expect(step.time(all(decodes(count, 3000)))).toBeGreaterThan(time);
      before = time;
    }
    let chunked = 0;
    for (const chunk of [600, 1024, 2048, 8192]) {
      const time = step.time(all(prompt(chunk)));
      expect(time).toBeGreaterThan(chunked);
      expect(step.time(all(prompt(chunk, 4096)))).toBeGreaterThan(time);
      chunked = time;
    }
  });

  it("cost less together than apart, and no less than each alone", () => {
    const mixed = prompt(700, 100);
    for (let n = 0; n < 32; n++) mixed.addDecode(1, 500);
    mixed.sampled = 33;
    const together = step.time(all(mixed));
    const apart = [step.time(all(prompt(700, 100))), step.time(all(decodes(32, 500)))] as const;
    expect(together).toBeLessThan(apart[0] + apart[1]);
    expect(together).toBeGreaterThan(Math.max(...apart));
  });

  it("open up into parts that add up to the time", () => {
    const mixed = prompt(300, 64);
    for (let n = 0; n < 7; n++) mixed.addDecode(1, 100 * n);
    mixed.sampled = 8;
    for (const batch of [mixed, decodes(3, 50), new Batch()]) {
      const terms = step.terms(all(batch));
      checkTerm(terms);
      expect(terms.value).toBeCloseTo(step.time(all(batch)), 12);
    }
  });

  it("give the same answer whatever was asked before", () => {
    const fresh = stepTimeOf(options);
    expect(fresh.time(all(decodes(17, 777)))).toBe(step.time(all(decodes(17, 777))));
  });
});

describe("iterations", () => {
  it("of one sequence read every weight of a dense model once", () => {
    for (const tensor of [1, 2, 4, 8]) {
      const options = optionsOf("meta-llama/Llama-3.1-8B", "hgx-h100", { tensor });
      const { bandwidth } = options.accelerator.memory;
      const embedding = 2 * options.model.vocabulary * options.model.hidden;
      const floor = (weightBytes(options.model) - embedding) / tensor / bandwidth;
      expect(stepTimeOf(options).time([decodes(1, 100)])).toBeGreaterThan(floor);
    }
  });

  it("are padded to captured graphs", () => {
    const step = stepTimeOf(optionsOf("meta-llama/Llama-3.1-8B", "hgx-h100"));
    const at = (count: number): number => {
      const batch = decodes(count, 0);
      batch.sampled = 1;
      return step.time([batch]);
    };
    // 33 and 40 rows run as 40: only what belongs to a sequence differs.
    expect(at(40) - at(33)).toBeLessThan(at(41) - at(40));
    expect(at(40) - at(33)).toBeLessThan(1e-3 * at(33));
  });

  it("wait for the slowest attention rank", () => {
    const options = optionsOf("deepseek-ai/DeepSeek-V3", "hgx-b200", { attentionData: 8, expert: 8 });
    const step = stepTimeOf(options);
    const ranks = (longest: number): readonly Batch[] =>
      Array.from({ length: 8 }, (_, rank) => decodes(16, rank === 0 ? longest : 1000));
    expect(step.time(ranks(9000))).toBeGreaterThan(step.time(ranks(1000)));
    expect(step.time(ranks(500))).toBe(step.time(ranks(1000)));
  });

  it("reach more experts with more tokens until all are read", () => {
    const step = stepTimeOf(optionsOf("Qwen/Qwen3-235B-A22B", "hgx-h200", { tensor: 8 }));
    const experts = (count: number): number =>
      step.terms([decodes(count, 0)]).children.find(({ name }) => name === "experts")?.value ?? 0;
    expect(experts(16) / experts(1)).toBeGreaterThan(2);
    expect(experts(256) / experts(64)).toBeLessThan(1.5);
  });

  it("add up the squares of a norm over all heads over tensor ranks", () => {
    const part = (name: string, layout: Partial<ServingLayout>): number => {
      const terms = stepTimeOf(optionsOf("MiniMaxAI/MiniMax-M2.5", "hgx-b200", layout)).terms([decodes(8, 1000)]);
      return terms.children.find((child) => child.name === name)?.value ?? 0;
    };
    const options = optionsOf("MiniMaxAI/MiniMax-M2.5", "hgx-b200", { tensor: 4 });
    const kinds = options.model.layerKinds.map((kind) => {
      if (kind.mixer.kind !== "attention") throw new Error("MiniMax M2 has attention");
      const { normSpan, ...mixer } = kind.mixer;
      expect(normSpan).toBe("whole");
      return { ...kind, mixer };
    });
    const byHead = stepTimeOf({ ...options, model: { ...options.model, layerKinds: kinds } });
    const reduced = byHead.terms([decodes(8, 1000)]).children.find(({ name }) => name === "all-reduces")?.value ?? 0;
    const added = part("all-reduces", { tensor: 4 }) - reduced;
    // Each of 62 layers waits for one small all-reduce, a few microseconds.
    expect(added / 62).toBeGreaterThan(2e-6);
    expect(added).toBeLessThan(reduced);
    expect(part("all-reduces", { tensor: 1 })).toBe(0);
  });

  it("launch the casts of activations that are kernels of their own", () => {
    const launched = (options: StepOptions): number => {
      const engine = { ...options.engine, graphSizes: [] };
      const at = (launch: number): number =>
        stepTimeOf({ ...options, engine, constants: { gap: 0, launch, opaqueLaunch: launch } }).time([prompt(1)]);
      return Math.round(at(2) - at(1));
    };
    const deepSeek = optionsOf("deepseek-ai/DeepSeek-V3", "hgx-h200", { tensor: 8 });
    const plain = { compute: "bf16", weightBytes: 2 } as const;
    const uncast = { ...deepSeek.precision, attention: plain, dense: plain, shared: plain };
    for (const engine of [sglangKernels(128, "0.5.9"), tensorrtKernels(128, "1.3")]) {
      // Blocks of 128 are scaled apart in every engine: six products in 8 bit a layer.
      const casts = launched({ ...deepSeek, engine }) - launched({ ...deepSeek, engine, precision: uncast });
      expect(casts).toBe(6 * 61);
    }
    const llama = optionsOf("meta-llama/Llama-3.1-8B", "hgx-h100");
    const byChannel = { compute: "fp8", weightBytes: 1 } as const;
    const precision = { ...llama.precision, attention: byChannel, dense: byChannel };
    const more = (engine: StepOptions["engine"]): number =>
      launched({ ...llama, engine, precision }) - launched({ ...llama, engine });
    expect(more(vllmKernels(256, "0.19"))).toBeGreaterThan(0);
    expect(more(tensorrtKernels(256, "1.3"))).toBe(0);
  });

  it("norm inside small all-reduces under TensorRT-LLM", () => {
    const passes = (tensor: number, batch: Batch, separate: "norm" | "none" = "none"): number => {
      const options = optionsOf("openai/gpt-oss-120b", "hgx-b200", { tensor });
      const usual = tensorrtKernels(128, "1.3");
      const engine = { ...usual, fused: usual.fused.filter((pass) => pass !== separate) };
      const { children } = stepTimeOf({ ...options, engine }).terms([batch]);
      return children.find(({ name }) => name === "passes")?.value ?? 0;
    };
    const saved = (tensor: number, batch: Batch): number => passes(tensor, batch, "norm") - passes(tensor, batch);
    // Two small kernels in each of 36 layers.
    expect(saved(4, decodes(8, 1000)) / 36).toBeGreaterThan(3e-6);
    expect(saved(4, decodes(8, 1000)) / 36).toBeLessThan(8e-6);
    // Nothing to ride in on one accelerator, nor where the all-reduce is the library's.
    expect(saved(1, decodes(8, 1000))).toBe(0);
    expect(saved(4, prompt(8192))).toBe(0);
  });

  it("reduce up to 128 tokens in one shot under TensorRT-LLM before 1.2, however large they are", () => {
    const reduced = (version: string, tensor: number, tokens: number, node = "hgx-h200"): number => {
      const options = optionsOf("meta-llama/Llama-3.1-70B", node, { tensor });
      const work = { ...options, engine: tensorrtKernels(256, version) };
      return allReduceSeconds(work, tokens, 2 * options.model.hidden) * 1e6;
    };
    // Seven pushes of 2 MiB at the rate of those of 512 KiB; 4.2 ms an iteration more, of which 5.8 were measured.
    expect(reduced("1.1.0", 8, 128)).toBeGreaterThan(1.8 * reduced("1.3", 8, 128));
    expect(reduced("1.1.0", 8, 128)).toBeCloseTo(2 * reduced("1.1.0", 8, 64), -1);
    for (const [ranks, tokens] of [
      [8, 32],
      [4, 16],
      [2, 128],
      [2, 1000],
    ] as const) {
      expect(reduced("1.1.0", ranks, tokens)).toBe(reduced("1.3", ranks, tokens));
    }
    // Blackwell's links keep one shot the best, and four ranks push less than half as much.
    expect(Math.abs(reduced("1.1.0", 8, 128, "hgx-b200") / reduced("1.3", 8, 128, "hgx-b200") - 1)).toBeLessThan(0.1);
    expect(Math.abs(reduced("1.1.0", 4, 128) / reduced("1.3", 4, 128) - 1)).toBeLessThan(0.1);
    // Beyond, the collective library, and norms by themselves.
    expect(reduced("1.1.0", 8, 129)).toBeLessThan(reduced("1.1.0", 8, 128));
  });

  it("launch both ways of latent attention where decodes and prompts meet", () => {
    const options = optionsOf("moonshotai/Kimi-K2-Instruct", "hgx-b200", { tensor: 8 });
    const layers = options.model.layers.length;
    const launched = (batch: Batch): number => {
      const at = (opaqueLaunch: number): number =>
        stepTimeOf({ ...options, constants: { gap: 0, launch: 0, opaqueLaunch } }).time([batch]);
      return Math.round((at(2) - at(1)) / layers);
    };
    const decode = launched(decodes(600, 1000));
    const alone = launched(prompt(600));
    const mixed = prompt(600);
    mixed.addDecode(1, 1000);
    expect(launched(mixed)).toBe(alone + 4);
    // An iteration of decodes alone launches fewer: no keys are expanded, joined and copied.
    expect(alone - decode).toBe(2);
    // Graphs hold all but attention where there are prompts, and that too where there are none.
    expect(launched(prompt(64))).toBe(6);
    expect(launched(decodes(64, 1000))).toBe(0);
  });

  it("launch what a compiler does not see slower than the rest, above the captured sizes", () => {
    const options = optionsOf("moonshotai/Kimi-K2-Instruct", "hgx-b200", { tensor: 8 });
    const time = (opaqueLaunch: number, batch: Batch): number =>
      stepTimeOf({ ...options, constants: { gap: 0, launch: 5e-6, opaqueLaunch } }).time([batch]);
    expect(time(200e-6, prompt(513))).toBeGreaterThan(2 * time(5e-6, prompt(513)));
    expect(time(40e-6, prompt(8192))).toBe(time(5e-6, prompt(8192)));
  });

  it("weigh shared experts, split gated delta nets, and launch more for their prompts", () => {
    const options = optionsOf("Qwen/Qwen3-Next-80B-A3B-Instruct", "hgx-b200");
    const kinds = options.model.layerKinds.map((kind) => {
      const { feedForward } = kind;
      if (feedForward.kind !== "experts") throw new Error("all layers have experts");
      const projections = feedForward.projections?.filter(({ name }) => name !== "shared-gate") ?? [];
      return { ...kind, feedForward: { ...feedForward, projections } };
    });
    const ungated = { ...options, model: { ...options.model, layerKinds: kinds } };
    const batch = decodes(4, 1000);
    const more = stepTimeOf(options).time([batch]) - stepTimeOf(ungated).time([batch]);
    // Three small kernels in each of 48 layers.
    expect(more / 48).toBeGreaterThan(4e-6);
    expect(more / 48).toBeLessThan(20e-6);
    const eager = { ...options, engine: { ...options.engine, graphSizes: [] } };
    const launched = (of: Batch): number => {
      const at = (launch: number): number =>
        stepTimeOf({ ...eager, constants: { gap: 0, launch, opaqueLaunch: launch } }).time([of]);
      return Math.round(at(2) - at(1));
    };
    // Ten more in each of 36 gated delta nets; as many in the others.
    expect(launched(prompt(4)) - launched(decodes(4, 4))).toBe(10 * 36);
  });

  it("make the inputs of Qwen3.5's delta nets by four products, or by two and a pass that lays them apart", () => {
    const options = optionsOf("Qwen/Qwen3.5-397B-A17B", "hgx-b200", { tensor: 8 });
    const parts = (deltaInputs: "separate" | "as-stored", model = options.model) => {
      const { children } = stepTimeOf({ ...options, model, engine: { ...options.engine, deltaInputs } }).terms([
        decodes(4, 1000),
      ]);
      return (name: string): number => children.find((child) => child.name === name)?.value ?? Number.NaN;
    };
    const [two, four] = [parts("separate"), parts("as-stored")];
    // Two small products more in each of 45 layers, and a pass less.
    expect((four("products") - two("products")) / 45).toBeGreaterThan(5e-6);
    expect((four("products") - two("products")) / 45).toBeLessThan(15e-6);
    expect(two("passes")).toBeGreaterThan(four("passes"));
    // Qwen3-Next's checkpoint has them joined.
    const { model } = optionsOf("Qwen/Qwen3-Next-80B-A3B-Instruct", "hgx-b200");
    expect(parts("as-stored", model)("products")).toBe(parts("separate", model)("products"));
  });
});

describe("the host", () => {
  it("tokenises, so that first tokens of long prompts come later", () => {
    const { ingressPerToken, ingress } = engineTimes().host;
    expect(8192 * ingressPerToken).toBeGreaterThan(8e-3);
    expect(8192 * ingressPerToken).toBeLessThan(2 * ingress + 8e-3);
  });
});
