/**
 * Who drafts tokens on the accelerators, as a small model that runs once for each drafted token: the model's own
 * multi-token prediction module, an EAGLE head, or another model. N-grams are looked up on the host and are none of it.
 *
 * An EAGLE head is one layer like the model's last with attention, its feed-forward dense and as wide as what a token
 * uses of the experts; it has no head of its own. Ignores: heads with a vocabulary of their own, trees of drafts.
 * @source eagle-2024
 */

import type { FeedForward, LayerKind, ModelArchitecture } from "../../catalog/model.ts";

export interface Drafter {
  readonly method: "mtp" | "eagle" | "draft-model";
  /** Layers that run for one drafted token; embedding and head are this model's too. */
  readonly model: ModelArchitecture;
  /** Modules that are loaded; a drafted token runs through one. */
  readonly modules: number;
  /** Hidden vectors that one product joins before the layer; 0 where there is no such product. */
  readonly joined: 0 | 2;
}

/** The drafter of a method; undefined where the model has no module for it. */
export function drafterOf(
  method: Drafter["method"],
  model: ModelArchitecture,
  draftModel?: ModelArchitecture,
): Drafter | undefined {
  if (method === "draft-model") {
    return draftModel === undefined ? undefined : { method, model: draftModel, modules: 1, joined: 0 };
  }
  if (method === "eagle") {
    const layer = eagleLayer(model);
    return layer && { method, model: plainWeights(headOf(model, layer)), modules: 1, joined: 2 };
  }
  const { multiToken } = model;
  if (multiToken === undefined || multiToken.modules === 0) return undefined;
  return { method, model: headOf(model, multiToken.layer), modules: multiToken.modules, joined: 2 };
}

/** The model cut down to one layer. */
function headOf({ multiToken: _, ...model }: ModelArchitecture, layer: LayerKind): ModelArchitecture {
  return { ...model, name: `${model.name}, drafting`, layerKinds: [layer], layers: [0] };
}

/** Heads that others trained for a model are stored in 16 bit. */
function plainWeights({ weights: _, weightFormat: __, ...model }: ModelArchitecture): ModelArchitecture {
  return model;
}

function eagleLayer({ layers, layerKinds, hidden }: ModelArchitecture): LayerKind | undefined {
  const kinds = layers.map((index) => layerKinds[index]);
  const last = kinds.findLast((kind) => kind?.mixer.kind === "attention" || kind?.mixer.kind === "latent-attention");
  return last && { ...last, feedForward: denseOf(last.feedForward, hidden), otherParameters: 2 * hidden };
}

function denseOf(feed: FeedForward, hidden: number): FeedForward {
  if (feed.kind !== "experts") return feed;
  const width = feed.topK * feed.width + feed.sharedWidth + feed.parallelDenseWidth;
  const matrices = feed.gated === "gated" ? 3 : 2;
  return { kind: "dense", width, gated: feed.gated, activation: "silu", parameters: matrices * hidden * width };
}
