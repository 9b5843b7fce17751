/**
 * A model architecture in Megatron's words: dense decoders and mixtures of experts with grouped-query or latent attention
 * in every layer. Anything else (windows, recurrent layers, sparse attention, sinks) has no arguments here.
 */

import type {
  Attention,
  ExpertFeedForward,
  FeedForward,
  LatentAttention,
  LayerKind,
  ModelArchitecture,
} from "../../catalog/model.ts";
import type { MegatronSetting } from "./settings.ts";

const flag = (argument: string, on: boolean, config = `model.${argument.replaceAll("-", "_")}`): MegatronSetting => ({
  argument,
  config,
  value: on,
});
const sized = (argument: string, value: number | string, config?: string): MegatronSetting => ({
  argument,
  config: config ?? `model.${argument.replaceAll("-", "_")}`,
  value,
});

/** The settings of a model; undefined where they cannot say it. */
export function modelSettings(model: ModelArchitecture): readonly MegatronSetting[] | undefined {
  const kinds = model.layers.map((index) => model.layerKinds[index] as LayerKind);
  const first = kinds[0];
  const last = kinds.at(-1);
  if (first === undefined || last === undefined || (model.streams ?? 1) !== 1) return undefined;
  const mixer = mixerSettings(model, first);
  const feed = feedSettings(kinds, last.feedForward);
  const same = kinds.every((kind) => JSON.stringify(kind.mixer) === JSON.stringify(first.mixer));
  if (mixer === undefined || feed === undefined || !same) return undefined;
  const positions = model.embedding.positionParameters;
  const dense = kinds.find(({ feedForward }) => feedForward.kind === "dense")?.feedForward;
  const any = dense ?? last.feedForward;
  const gated = (any.kind !== "none" && any.gated === "gated") || false;
  return [
    sized("num-layers", model.layers.length),
    sized("hidden-size", model.hidden),
    ...mixer,
    ...feed,
    { argument: "swiglu", config: "model.gated_linear_unit", value: gated },
    sized("vocab-size", model.vocabulary),
    ...(positions > 0
      ? [
          sized("max-position-embeddings", positions / model.hidden),
          sized("position-embedding-type", "learned_absolute"),
        ]
      : [
          ...(model.maximumLength === undefined ? [] : [sized("max-position-embeddings", model.maximumLength)]),
          sized("position-embedding-type", "rope"),
          sized("normalization", "RMSNorm"),
        ]),
    {
      argument: "untie-embeddings-and-output-weights",
      value: model.embedding.tied === "untied",
      config: "model.share_embeddings_and_output_weights",
      configValue: model.embedding.tied === "tied",
    },
    ...biasSettings(model, first),
  ];
}

function biasSettings(model: ModelArchitecture, { mixer, feedForward }: LayerKind): readonly MegatronSetting[] {
  const plain = mixer.kind === "none" ? 0 : mixer.projections.reduce((sum, next) => sum + next.in * next.out, 0);
  const norms = mixer.kind === "attention" && (mixer.normElements ?? 0) > 0 ? 2 * mixer.headDim : 0;
  const extra = mixer.kind === "attention" ? mixer.parameters - plain - norms : 0;
  const all = feedForward.kind === "dense" && feedForward.parameters > denseWeights(model.hidden, feedForward);
  const normed = mixer.kind === "attention" && (mixer.normElements ?? 0) > 0;
  return [
    { argument: "disable-bias-linear", value: !all, config: "model.add_bias_linear", configValue: all },
    flag("add-qkv-bias", !all && extra > 0),
    flag("qk-layernorm", normed || mixer.kind === "latent-attention"),
  ];
}

function denseWeights(hidden: number, feed: FeedForward & { readonly kind: "dense" }): number {
  return (feed.gated === "gated" ? 3 : 2) * hidden * feed.width;
}

function mixerSettings(model: ModelArchitecture, { mixer }: LayerKind): readonly MegatronSetting[] | undefined {
  if (mixer.kind === "attention") return groupedSettings(model, mixer);
  return mixer.kind === "latent-attention" ? latentSettings(mixer) : undefined;
}

function groupedSettings(model: ModelArchitecture, mixer: Attention): readonly MegatronSetting[] | undefined {
  const odd = mixer.span.kind !== "full" || mixer.sparse !== undefined || mixer.outputGate !== undefined;
  if (odd || mixer.headDim !== mixer.valueHeadDim || mixer.cacheElements !== undefined) return undefined;
  const channels = mixer.headDim * mixer.heads === model.hidden ? [] : [sized("kv-channels", mixer.headDim)];
  const grouped =
    mixer.keyValueHeads === mixer.heads
      ? []
      : [{ argument: "group-query-attention", value: true }, sized("num-query-groups", mixer.keyValueHeads)];
  return [sized("num-attention-heads", mixer.heads), ...channels, ...grouped];
}

function latentSettings(mixer: LatentAttention): readonly MegatronSetting[] | undefined {
  if (mixer.sparse !== undefined || mixer.outputGate !== undefined || mixer.span.kind !== "full") return undefined;
  return [
    sized("num-attention-heads", mixer.heads),
    flag("multi-latent-attention", true),
    ...(mixer.queryRank === null ? [] : [sized("q-lora-rank", mixer.queryRank)]),
    sized("kv-lora-rank", mixer.keyValueRank),
    sized("qk-head-dim", mixer.nopeDim),
    sized("qk-pos-emb-head-dim", mixer.ropeDim),
    sized("v-head-dim", mixer.valueHeadDim),
  ];
}

/** Dense layers first, experts in all others. */
function feedSettings(kinds: readonly LayerKind[], last: FeedForward): readonly MegatronSetting[] | undefined {
  const feeds = kinds.map(({ feedForward }) => feedForward);
  if (last.kind === "none") return undefined;
  const begin = feeds.findIndex(({ kind }) => kind === last.kind);
  const equal = (list: readonly FeedForward[]): boolean =>
    list.every((feed) => JSON.stringify(feed) === JSON.stringify(list[0]));
  if (!equal(feeds.slice(begin)) || !equal(feeds.slice(0, begin))) return undefined;
  if (last.kind === "dense") return begin === 0 ? [sized("ffn-hidden-size", last.width)] : undefined;
  const dense = feeds[0];
  if (begin > 0 && dense?.kind !== "dense") return undefined;
  return expertSettings(last, begin, feeds.length, dense?.kind === "dense" ? dense.width : last.width);
}

function expertSettings(
  feed: ExpertFeedForward,
  dense: number,
  layers: number,
  width: number,
): readonly MegatronSetting[] | undefined {
  if (feed.parallelDenseWidth > 0) return undefined;
  const { groups } = feed;
  return [
    sized("ffn-hidden-size", width),
    sized("num-experts", feed.experts, "model.num_moe_experts"),
    sized("moe-ffn-hidden-size", feed.width),
    sized("moe-router-topk", feed.topK),
    ...(feed.sharedWidth > 0 ? [sized("moe-shared-expert-intermediate-size", feed.sharedWidth)] : []),
    ...(dense > 0 ? [sized("moe-layer-freq", `[0]*${dense}+[1]*${layers - dense}`)] : []),
    ...(feed.routing === "sigmoid"
      ? [sized("moe-router-score-function", "sigmoid"), flag("moe-router-enable-expert-bias", true)]
      : []),
    ...(groups === undefined
      ? []
      : [sized("moe-router-num-groups", groups.count), sized("moe-router-group-topk", groups.limit)]),
    { argument: "moe-grouped-gemm", config: "model.moe_grouped_gemm", value: true },
  ];
}
