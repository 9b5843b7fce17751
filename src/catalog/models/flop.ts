/**
 * Model FLOP of one token: what the architecture asks for, whatever a stack executes.
 *
 *     forward = 2 x multiplied weights + 2 a (d_qk + d_v) keys + recurrent cores + 2 h V
 *
 * Training multiplies the forward pass by three. Ignores: softmax, norms, positions, activation functions.
 * @source architectures-reference @source megatron-bridge-flops
 */

import type { Flop } from "../../base/quantity.ts";
import type { FeedForward, LayerKind, Mixer, ModelArchitecture, Projection } from "../model.ts";
import { weights } from "./import/blocks.ts";
import type { CoreCounting, SoftmaxMixer } from "./span.ts";
import { keysAtDecode, keysIndexed, keysMean } from "./span.ts";

/** FLOP of one token, forward. `router` is a part of `linear`, `indexer` a part of `core`. */
export interface ForwardFlop {
  /** Products with weights of the layers, experts by top-k, routers and short convolutions included. */
  readonly linear: Flop;
  /** Attention scores and their products with values, and the scores of indexers. */
  readonly core: Flop;
  /** Cores of recurrent mixers. */
  readonly recurrent: Flop;
  /** Head: 2 h V, tied or not. */
  readonly logits: Flop;
  /** All draft modules: block, fusion and logits. */
  readonly multiToken: Flop;
  readonly router: Flop;
  readonly indexer: Flop;
  /** linear + core + recurrent + logits; draft modules are not in it. */
  readonly total: Flop;
}

interface LayerFlop {
  readonly linear: number;
  readonly core: number;
  readonly recurrent: number;
  readonly router: number;
  readonly indexer: number;
}

/** How many keys a query meets, and how many its indexer looks at. */
type Meeting = (mixer: SoftmaxMixer) => { readonly keys: number; readonly looked: number; readonly absorbed: boolean };

/**
 * Forward FLOP per token of a sequence processed at once (training, prefill of a whole prompt).
 * `causal` counts the keys a token sees, `square` all keys of the sequence (inside its window).
 */
export function forwardFlopPerToken(
  model: ModelArchitecture,
  sequenceLength: number,
  attention: CoreCounting,
): ForwardFlop {
  const looked = attention === "causal" ? (sequenceLength + 1) / 2 : sequenceLength;
  return modelFlop(model, (mixer) => ({ keys: keysMean(mixer, sequenceLength, attention), looked, absorbed: false }));
}

/** Forward FLOP of one token decoded after `context` tokens; latent attention runs absorbed, in its latent space. */
export function decodeFlopPerToken(model: ModelArchitecture, context: number): ForwardFlop {
  return modelFlop(model, (mixer) => ({ keys: keysAtDecode(mixer, context), looked: context, absorbed: true }));
}

function modelFlop(model: ModelArchitecture, meeting: Meeting): ForwardFlop {
  const kinds = model.layerKinds.map((kind) => layerFlop(kind, meeting));
  const sum = { linear: 0, core: 0, recurrent: 0, router: 0, indexer: 0 };
  for (const index of model.layers) {
    const flop = kinds[index];
    if (!flop) continue;
    sum.linear += flop.linear;
    sum.core += flop.core;
    sum.recurrent += flop.recurrent;
    sum.router += flop.router;
    sum.indexer += flop.indexer;
  }
  const logits = 2 * model.vocabulary * (model.embedding.width ?? model.hidden);
  const linear = sum.linear + 2 * weights(model.embedding.projections ?? []);
  return {
    ...sum,
    linear,
    logits,
    multiToken: draftFlop(model, meeting, logits),
    total: linear + sum.core + sum.recurrent + logits,
  };
}

/** Block + 4 h h of fusion + logits, for each module. */
function draftFlop(model: ModelArchitecture, meeting: Meeting, logits: number): number {
  const draft = model.multiToken;
  if (!draft) return 0;
  const { linear, core, recurrent } = layerFlop(draft.layer, meeting);
  return draft.modules * (linear + core + recurrent + 2 * weights(draft.projections ?? []) + logits);
}

function layerFlop(kind: LayerKind, meeting: Meeting): LayerFlop {
  const feedForward = feedForwardFlop(kind.feedForward);
  return {
    linear: mixerLinearFlop(kind.mixer) + feedForward.linear + (kind.otherFlop ?? 0),
    ...coreFlop(kind.mixer, meeting),
    recurrent: "coreFlop" in kind.mixer ? kind.mixer.coreFlop : 0,
    router: feedForward.router,
  };
}

function mixerLinearFlop(mixer: Mixer): number {
  if (mixer.kind === "none") return 0;
  const convolution = "convolution" in mixer ? mixer.convolution.channels * mixer.convolution.kernel : 0;
  return 2 * (weights(mixer.projections) + convolution);
}

function feedForwardFlop(feedForward: FeedForward): { linear: number; router: number } {
  if (feedForward.kind === "none") return { linear: 0, router: 0 };
  const matrices = feedForward.gated === "gated" ? 3 : 2;
  if (feedForward.kind === "dense") {
    const biases =
      feedForward.replicatedParameters === undefined
        ? 0
        : denseBiases(feedForward.width, matrices, feedForward.replicatedParameters);
    return { linear: 2 * (feedForward.parameters - biases), router: 0 };
  }
  const { inner, width, topK, parameters } = feedForward;
  const projections: readonly Projection[] = feedForward.projections ?? [];
  const router = 2 * weights(projections.filter((projection) => projection.name === "router"));
  const linear = 2 * (topK * matrices * inner * width + parameters.shared + weights(projections));
  return { linear, router };
}

function denseBiases(width: number, matrices: number, outputBias: number): number {
  return (matrices - 1) * width + outputBias;
}

/** 2 a (d_qk + d_v) per key; absorbed latent attention reads keys of r + p and values of r. */
function coreFlop(mixer: Mixer, meeting: Meeting): { core: number; indexer: number } {
  if (mixer.kind !== "attention" && mixer.kind !== "latent-attention") return { core: 0, indexer: 0 };
  const { keys, looked, absorbed } = meeting(mixer);
  const { sparse } = mixer;
  const indexer = sparse?.indexer ? 2 * sparse.indexer.heads * sparse.indexer.dim * keysIndexed(looked, sparse) : 0;
  return { core: 2 * mixer.heads * perKey(mixer, absorbed) * keys + indexer, indexer };
}

function perKey(mixer: SoftmaxMixer, absorbed: boolean): number {
  if (mixer.kind === "attention") return mixer.headDim + mixer.valueHeadDim;
  if (absorbed) return 2 * mixer.keyValueRank + mixer.ropeDim;
  return mixer.nopeDim + mixer.ropeDim + mixer.valueHeadDim;
}
