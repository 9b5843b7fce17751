/**
 * Exact parameter counts: the whole model, what is active for one token, and each layer by how tensor
 * parallelism holds it. Biases, norms, routers and indexers are counted; a tied head is not counted twice.
 */

import type { FeedForward, LayerKind, Mixer, ModelArchitecture, ParameterCount } from "../model.ts";

/** Parameters of one layer in the buckets that training and serving divide differently. */
export interface LayerParameters {
  /** Divided by the tensor-parallel degree: projections, MLP, shared experts. */
  readonly split: number;
  /** Held in full by every tensor-parallel rank: norms, router, latent projections, indexers. */
  readonly replicated: number;
  /** Routed experts: divided by expert parallelism, and by expert-tensor parallelism inside an expert. */
  readonly routed: number;
  readonly total: number;
  /** Multiplied for one token: routed experts count by top-k of all. */
  readonly active: number;
}

/** Parameters of one kind of layer. */
export function layerParameters(kind: LayerKind): LayerParameters {
  const mixer = mixerParameters(kind.mixer);
  const feedForward = feedForwardParameters(kind.feedForward);
  const split = mixer.split + feedForward.split;
  const replicated = mixer.replicated + feedForward.replicated + kind.otherParameters;
  const { routed, routedActive } = feedForward;
  return { split, replicated, routed, total: split + replicated + routed, active: split + replicated + routedActive };
}

function mixerParameters(mixer: Mixer): { split: number; replicated: number } {
  if (mixer.kind === "none") return { split: 0, replicated: 0 };
  return { split: mixer.parameters - mixer.replicatedParameters, replicated: mixer.replicatedParameters };
}

function feedForwardParameters(feedForward: FeedForward): {
  split: number;
  replicated: number;
  routed: number;
  routedActive: number;
} {
  if (feedForward.kind === "none") return { split: 0, replicated: 0, routed: 0, routedActive: 0 };
  if (feedForward.kind === "dense") {
    const replicated = feedForward.replicatedParameters ?? 0;
    return { split: feedForward.parameters - replicated, replicated, routed: 0, routedActive: 0 };
  }
  const { routed, shared, replicated } = feedForward.parameters;
  return { split: shared, replicated, routed, routedActive: (routed / feedForward.experts) * feedForward.topK };
}

/** Parameters of the token embedding: V x its width. */
export function embeddingParameters(model: ModelArchitecture): number {
  return model.vocabulary * (model.embedding.width ?? model.hidden);
}

/**
 * All parameters of the text model, draft modules apart.
 *
 * `active` includes embedding and head, `activeWithoutEmbedding` leaves the looked-up table out: vendors publish
 * either. With a tied head the table is left out all the same, though its product is computed.
 */
export function countParameters(model: ModelArchitecture): ParameterCount {
  const { embedding } = model;
  const table = embeddingParameters(model);
  const head = embedding.tied === "untied" ? table : 0;
  const lookup = table + (embedding.tableParameters ?? 0);
  const outside = lookup + head + embedding.positionParameters + embedding.otherParameters;
  const kinds = model.layerKinds.map(layerParameters);
  let total = outside;
  let active = outside;
  for (const index of model.layers) {
    total += kinds[index]?.total ?? 0;
    active += kinds[index]?.active ?? 0;
  }
  return {
    total,
    active,
    activeWithoutEmbedding: active - lookup,
    multiToken: draftParameters(model),
    embedding: table,
    head,
  };
}

/** Parameters of the draft modules, without the copies of embedding and head that some checkpoints store. */
function draftParameters(model: ModelArchitecture): number {
  const draft = model.multiToken;
  if (!draft) return 0;
  return draft.modules * (layerParameters(draft.layer).total + draft.otherParameters);
}
