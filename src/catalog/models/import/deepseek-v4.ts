/**
 * DeepSeek V4: one shared key-value head, compressed keys (CSA by 4 with selection, HCA by 128), hyper-connected
 * residual streams, experts on every layer.
 * @source deepseek-v4-2026
 */

import type { Attention, LayerKind, Projection, SparseSelection } from "../../model.ts";
import { unlimitedKeys } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import { draftModule, expertFeedForward, layer, replicatedWeights, weights } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import { indexerProjections } from "./latent-attention.ts";
import type { Fields } from "./reader.ts";
import { fieldsOf, notDerivable, numberEntry, rangeOf, wordEntry } from "./reader.ts";
import { names, plainEmbedding, readExperts, readStack, refuseFlag } from "./shape.ts";

export const deepseekV4Classes: readonly ModelClass[] = [
  {
    modelTypes: ["deepseek_v4"],
    architectures: ["DeepseekV4ForCausalLM"],
    sources: ["transformers-models", "deepseek-v4-2026"],
    read: readDeepseekV4,
  },
];

type Ratio = 0 | 4 | 128;
const ratios: readonly Ratio[] = [0, 4, 128];
const layerTypes = ["sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention"] as const;
type LayerType = (typeof layerTypes)[number];

interface Shape {
  readonly hidden: number;
  readonly heads: number;
  readonly headDim: number;
  readonly queryRank: number;
  readonly outputRank: number;
  readonly outputGroups: number;
  readonly window: number;
  readonly indexer: { readonly heads: number; readonly dim: number };
  readonly indexKeys: number;
}

function readDeepseekV4(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden, vocabulary } = stack;
  refuseFlag(fields, "attention_bias");
  const shape = readShape(fields, hidden);
  const streams = fields.integer("hc_mult");
  const layerRatios = readRatios(fields, stack.layers);
  const hashed = readHashed(fields, stack.layers);
  const experts = readFeedForwards(fields, hidden);
  const hyper = hyperConnections(streams, hidden);
  const layers = layerRatios.map((ratio, index): LayerKind => {
    return layer(v4Attention(shape, ratio), hashed[index] ? experts.hash : experts.scored, {
      parameters: 2 * hidden + hyper.parameters,
      norms: 2,
      flop: hyper.flop,
    });
  });
  const modules = fields.integer("num_nextn_predict_layers", 0, { min: 0, max: 16 });
  const draft = layer(v4Attention(shape, 0), experts.scored, {
    parameters: 2 * hidden + hyper.parameters,
    norms: 2,
    flop: hyper.flop,
  });
  if (modules > 0) {
    fields.assume("draft module: one sliding-window block with hyper-connections and its own stream head (unverified)");
  }
  return {
    ...stack,
    embedding: plainEmbedding(stack, hidden + hyper.head),
    layers,
    streams,
    ...(modules > 0
      ? {
          multiToken: draftModule({
            hidden,
            modules,
            layer: draft,
            copyParameters: 2 * vocabulary * hidden,
            extraParameters: hyper.head,
          }),
        }
      : {}),
  };
}

function readShape(fields: Fields, hidden: number): Shape {
  const heads = fields.integer(names.heads);
  const headDim = fields.integer("head_dim");
  const outputGroups = fields.integer("o_groups");
  const keyValueHeads = fields.integer("num_key_value_heads", 1);
  if (keyValueHeads !== 1)
    fields.problem("num_key_value_heads", `expected 1 shared key-value head, found ${keyValueHeads}`);
  if (fields.sound() && (heads * headDim) % outputGroups !== 0) {
    fields.problem("o_groups", `output of ${heads} x ${headDim} does not divide into ${outputGroups} groups`);
  }
  return {
    hidden,
    heads,
    headDim,
    queryRank: fields.integer("q_lora_rank"),
    outputRank: fields.integer("o_lora_rank"),
    outputGroups,
    window: fields.integer("sliding_window"),
    indexer: { heads: fields.integer("index_n_heads"), dim: fields.integer("index_head_dim") },
    indexKeys: fields.integer("index_topk"),
  };
}

/** `compress_ratios`, or `layer_types` with `compress_rates` in newly saved files. */
function readRatios(fields: Fields, layers: number): Ratio[] {
  const types = fields.perLayer("layer_types", layers, wordEntry(fields, layerTypes));
  if (types) {
    const rates = fields.section("compress_rates") ?? fieldsOf({}, "compress_rates.", fields.report);
    const rate = (type: LayerType, expected: Ratio): Ratio => {
      if (!types.includes(type)) return expected;
      const value = rates.integer(type);
      if (value !== expected) rates.problem(type, `${notDerivable("compress_rates")}: ${value}, known: ${expected}`);
      return expected;
    };
    const sparse = rate("compressed_sparse_attention", 4);
    const heavy = rate("heavily_compressed_attention", 128);
    return types.map((type) =>
      type === "sliding_attention" ? 0 : type === "compressed_sparse_attention" ? sparse : heavy,
    );
  }
  const listed = fields.perLayer("compress_ratios", layers, numberEntry(fields, ratios));
  if (listed === null && fields.sound()) {
    fields.problem("compress_ratios", notDerivable("compress_ratios"), "one of 0, 4, 128 for each layer");
  }
  return listed ?? rangeOf(layers).map(() => 0);
}

/** Layers routed by a table of token ids. */
function readHashed(fields: Fields, layers: number): boolean[] {
  const listed = fields.perLayer("mlp_layer_types", layers, wordEntry(fields, ["hash_moe", "moe"]));
  if (listed) return listed.map((type) => type === "hash_moe");
  const count = fields.integer("num_hash_layers", undefined, { min: 0, max: layers });
  return rangeOf(layers).map((index) => index < count);
}

function readFeedForwards(
  fields: Fields,
  hidden: number,
): { readonly scored: LayerKind["feedForward"]; readonly hash: LayerKind["feedForward"] } {
  const { experts, topK } = readExperts(fields);
  const width = fields.integer("moe_intermediate_size");
  const scoring = fields.word("scoring_func", ["sqrtsoftplus", "sigmoid", "softmax"], "sqrtsoftplus");
  const sharedWidth = fields.integer("n_shared_experts", undefined, { min: 0 }) * width;
  const shape = { hidden, experts, topK, width, sharedWidth };
  return {
    scored: expertFeedForward({ ...shape, routing: scoring, routerVectors: scoring === "softmax" ? 0 : experts }),
    hash: expertFeedForward({ ...shape, routing: "hash" }),
  };
}

/**
 * h u + u + u a d + h d + d + R a d + G R h + a, with u query rank, R output rank, G output groups;
 * a compressor by 4 adds 4 h d + 8 d + d and its indexer, a compressor by 128 adds 2 h d + 128 d + d.
 */
function v4Attention(shape: Shape, ratio: Ratio): Attention {
  const { hidden, heads, headDim, queryRank, outputRank, outputGroups } = shape;
  const queryWidth = heads * headDim;
  const own: Projection[] = [
    { name: "query-down", in: hidden, out: queryRank, split: "replicated" },
    { name: "query-up", in: queryRank, out: queryWidth, split: "column" },
    { name: "key-value", in: hidden, out: headDim, split: "replicated" },
    // Block-diagonal: each group of heads has its own factor, so the product has the inner size of one group.
    {
      name: "output-down",
      in: queryWidth / outputGroups,
      out: outputRank * outputGroups,
      split: "column",
      splitLimit: outputGroups,
    },
    { name: "output-up", in: outputRank * outputGroups, out: hidden, split: "row" },
  ];
  const compressed = compressor(shape, ratio);
  const projections = [...own, ...compressed.projections];
  const norms = queryRank + headDim;
  return {
    kind: "attention",
    heads,
    keyValueHeads: 1,
    headDim,
    valueHeadDim: headDim,
    span: { kind: "window", size: shape.window },
    ...(compressed.sparse ? { sparse: compressed.sparse } : {}),
    cacheElements: headDim,
    parameters: weights(projections) + norms + heads + compressed.vectors,
    replicatedParameters: replicatedWeights(projections) + norms + compressed.vectors,
    projections,
  };
}

function compressor(
  shape: Shape,
  ratio: Ratio,
): { readonly projections: readonly Projection[]; readonly vectors: number; readonly sparse?: SparseSelection } {
  const { hidden, headDim, indexer } = shape;
  if (ratio === 0) return { projections: [], vectors: 0 };
  if (ratio === 128) {
    return {
      projections: [{ name: "compressor", in: hidden, out: 2 * headDim, split: "replicated" }],
      vectors: ratio * headDim + headDim,
      sparse: { method: "hca", keys: unlimitedKeys, ratio },
    };
  }
  const [query, , weight] = indexerProjections(indexer, hidden, shape.queryRank);
  const indexProjections = [query, weight].filter((projection) => projection !== undefined);
  return {
    // Overlapping groups: keys and gates are each made twice.
    projections: [
      { name: "compressor", in: hidden, out: 4 * headDim, split: "replicated" },
      { name: "index-compressor", in: hidden, out: 4 * indexer.dim, split: "replicated" },
      ...indexProjections,
    ],
    vectors: 9 * headDim + 9 * indexer.dim,
    sparse: { method: "csa", keys: shape.indexKeys, ratio, indexer },
  };
}

/**
 * Manifold hyper-connections over m streams: 2 ((2 + m) m m h + (2 + m) m + 3) a layer, head m m h + m + 1.
 * FLOP a token and layer: twice the matrices, and 4 (m² + 2 m) h for mixing the streams.
 */
function hyperConnections(m: number, hidden: number): { parameters: number; head: number; flop: number } {
  return {
    parameters: 2 * ((2 + m) * m * m * hidden + (2 + m) * m + 3),
    head: m * m * hidden + m + 1,
    flop: 4 * (2 + m) * m * m * hidden + 4 * (m * m + 2 * m) * hidden,
  };
}
