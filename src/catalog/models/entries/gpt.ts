/** GPT-3 and its contemporaries: OPT, BLOOM, MPT, PaLM, MT-NLG, and the GPT families of published benchmarks. */

import type { ModelConfig, ModelEntry } from "../entry.ts";
import { decoder } from "../entry.ts";
import { denseConfig } from "../gpt.ts";

/** Name, layers, hidden, heads. */
type Row = readonly [name: string, layers: number, hidden: number, heads: number];

interface Family {
  readonly organisation: string;
  readonly source: string;
  readonly vocabulary: number;
  readonly positions: number;
  readonly rows: readonly Row[];
}

/** GPT models known by their dimensions: width 4 h, learned positions, tied head. */
function gptFamily(family: Family): ModelEntry[] {
  const { vocabulary, positions } = family;
  return family.rows.map(([name, layers, hidden, heads]) => ({
    name: `${family.organisation}/${name}`,
    config: () => denseConfig({ layers, hidden, heads, vocabulary, positions }),
    sources: [family.source],
  }));
}

/** MPT as llm-foundry builds it for its benchmark: biases and learned positions for the sequence of the run. */
function mptBenchmark([name, layers, hidden, heads]: Row, positions: number): ModelEntry {
  return {
    name: `mosaicml/${name}-benchmark`,
    // The released 7B and 30B differ; the other sizes exist only as a benchmark.
    aliases: name === "mpt-7b" || name === "mpt-30b" ? [] : [`mosaicml/${name}`],
    config: () => ({
      ...mpt(layers, hidden, heads, 50368),
      max_seq_len: positions,
      no_bias: false,
      attn_config: { alibi: false },
    }),
    sources: ["llm-foundry"],
  };
}

function mpt(layers: number, hidden: number, heads: number, vocabulary: number): ModelConfig {
  return {
    model_type: "mpt",
    n_layers: layers,
    d_model: hidden,
    n_heads: heads,
    vocab_size: vocabulary,
    max_seq_len: 2048,
  };
}

const mptSizes: readonly Row[] = [
  ["mpt-125m", 12, 768, 12],
  ["mpt-350m", 24, 1024, 16],
  ["mpt-760m", 24, 1536, 12],
  ["mpt-1b", 24, 2048, 16],
  ["mpt-3b", 32, 2560, 20],
  ["mpt-7b", 32, 4096, 32],
  ["mpt-13b", 40, 5120, 40],
  ["mpt-30b", 48, 7168, 56],
  ["mpt-70b", 80, 8192, 64],
];

const optSizes: readonly Row[] = [
  ["opt-125m", 12, 768, 12],
  ["opt-1.3b", 24, 2048, 32],
  ["opt-6.7b", 32, 4096, 32],
  ["opt-13b", 40, 5120, 40],
  ["opt-30b", 48, 7168, 56],
  ["opt-66b", 64, 9216, 72],
  ["opt-175b", 96, 12288, 96],
];

/** MaxText's scalable decoder: Llama-like, heads of 128, without grouping. Layers, hidden, heads, MLP width. */
const maxtextSizes: readonly (readonly [string, number, number, number, number])[] = [
  ["maxtext-gpt-16b", 32, 4096, 64, 28672],
  ["maxtext-gpt-32b", 32, 8192, 64, 28672],
  ["maxtext-gpt-64b", 64, 8192, 64, 28672],
  ["maxtext-gpt-128b", 64, 8192, 128, 57344],
  ["maxtext-gpt-256b", 64, 16384, 128, 57344],
  ["maxtext-gpt-512b", 128, 16384, 128, 57344],
  ["maxtext-gpt-1024b", 128, 16384, 256, 114688],
];

export const gptEntries: readonly ModelEntry[] = [
  {
    name: "openai/GPT-3-175B",
    aliases: ["gpt-3", "gpt3", "gpt3-175b"],
    config: () => denseConfig({ layers: 96, hidden: 12288, heads: 96, vocabulary: 50257, positions: 2048 }),
    sources: ["brown-2020"],
  },
  {
    name: "microsoft/MT-NLG-530B",
    aliases: ["megatron-turing-nlg-530b"],
    config: () => denseConfig({ layers: 105, hidden: 20480, heads: 128, vocabulary: 50272, positions: 2048 }),
    sources: ["mt-nlg-2022"],
  },
  {
    name: "google/PaLM-540B",
    config: () =>
      decoder({
        type: "palm",
        hidden: 18432,
        width: 73728,
        layers: 118,
        heads: 48,
        groups: 1,
        headDim: 256,
        vocabulary: 256000,
        length: 2048,
      }),
    sources: ["chowdhery-2022"],
  },
  {
    name: "bigscience/bloom",
    aliases: ["bigscience/bloom-176b"],
    config: () => ({
      model_type: "bloom",
      n_layer: 70,
      n_embed: 14336,
      n_head: 112,
      vocab_size: 250880,
      seq_length: 2048,
    }),
    sources: ["bloom-2022"],
  },
  { name: "mosaicml/mpt-7b", config: () => mpt(32, 4096, 32, 50432), sources: ["llm-foundry"] },
  {
    name: "mosaicml/mpt-30b",
    config: () => ({ ...mpt(48, 7168, 64, 50432), max_seq_len: 8192 }),
    sources: ["llm-foundry"],
  },
  ...mptSizes.map((row) => mptBenchmark(row, 2048)),
  ...optSizes.map(([name, layers, hidden, heads]): ModelEntry => {
    const shape = { type: "opt", hidden, layers, heads, vocabulary: 50272, length: 2048 };
    return { name: `facebook/${name}`, config: () => decoder(shape, { ffn_dim: 4 * hidden }), sources: ["opt-2022"] };
  }),
  ...gptFamily({
    organisation: "megatron-2022",
    source: "korthikanti-2022",
    vocabulary: 51200,
    positions: 2048,
    rows: [
      ["gpt-22b", 48, 6144, 64],
      ["gpt-175b", 96, 12288, 96],
      ["gpt-530b", 105, 20480, 128],
      ["gpt-1t", 128, 25600, 160],
    ],
  }),
  ...gptFamily({
    organisation: "vtrain",
    source: "vtrain-2024",
    vocabulary: 51200,
    positions: 2048,
    rows: [
      ["gpt-3.6b", 30, 3072, 32],
      ["gpt-18.4b", 40, 6144, 48],
      ["gpt-39.1b", 48, 8192, 64],
    ],
  }),
  ...gptFamily({
    organisation: "megatron-lm",
    source: "megatron-lm-readme",
    vocabulary: 131072,
    positions: 4096,
    rows: [
      ["gpt-1.7b", 24, 2048, 16],
      ["gpt-7.1b", 30, 4096, 32],
      ["gpt-16b", 32, 6144, 48],
      ["gpt-32b", 48, 7168, 56],
      ["gpt-70b", 84, 8192, 64],
      ["gpt-119b", 92, 10240, 80],
      ["gpt-177b", 96, 12288, 96],
      ["gpt-314b", 96, 16384, 128],
      ["gpt-462b", 112, 18432, 144],
    ],
  }),
  ...maxtextSizes.map(([name, layers, hidden, heads, width]): ModelEntry => {
    const shape = { type: "llama", hidden, width, layers, heads, headDim: 128, vocabulary: 32000, length: 2048 };
    return { name: `maxtext/${name}`, config: () => decoder(shape), sources: ["maxtext-models"] };
  }),
];
