/**
 * What one checkpoint holds: all weights that learn, once, with what the optimizer keeps of each. Frozen weights lie
 * where they were loaded from.
 *
 *     size = parameters x (weight + master + moments (+ gradient))         2 + 4 + 4 + 4 bytes under Adam
 *
 * A 32-bit shard that is the weight has no 16-bit copy beside it: 12 bytes.
 * Ignores: state of data loaders and random streams, formats' own overhead.
 * @source mlcommons-storage
 */

import type { Bytes } from "../base/quantity.ts";
import type { LayerKind } from "../catalog/model.ts";
import { countParameters, layerParameters } from "../catalog/models/index.ts";
import { adaptedProjections } from "../compute/index.ts";
import type { TrainingCase } from "./case.ts";
import { layerMatrices } from "./muon.ts";

export type CheckpointContents = "weights" | "optimizer" | "gradients";

/** Bytes of a checkpoint; `perParameter` replaces what follows from contents and software. */
export function checkpointSize(
  c: TrainingCase,
  { contents, perParameter }: { readonly contents: CheckpointContents; readonly perParameter?: Bytes },
): Bytes {
  const parameters = learningParameters(c);
  if (perParameter !== undefined) return parameters * perParameter;
  const { bytes, state } = c.software;
  const sharded = c.layout.sharding === "full" || c.layout.sharding === "hybrid";
  const weight = sharded && state.weightShard === "master" ? 0 : 2;
  if (contents === "weights") return 2 * parameters;
  const gradient = contents === "gradients" ? bytes.gradient : 0;
  const missing = (bytes.moments / 2) * withoutSecondMoment(c, parameters);
  return parameters * (weight + bytes.master + bytes.moments + gradient) - missing;
}

/** Layers whose weights or adapters learn. */
function learningLayers({ model, tuning }: TrainingCase): readonly LayerKind[] {
  return model.layers.slice(tuning.frozenLayers ?? 0).map((index) => model.layerKinds[index]!);
}

/** Parameters that learn, of the whole model, each once. */
export function learningParameters(c: TrainingCase): number {
  const { model, tuning } = c;
  if (tuning.method === "lora") {
    const adapters = learningLayers(c).flatMap((kind) => adaptedProjections(kind, model.hidden, tuning.targets));
    return adapters.reduce((sum, { in: from, out, copies }) => sum + tuning.rank * copies * (from + out), 0);
  }
  const { total, embedding, head, multiToken } = countParameters(model);
  const layers = learningLayers(c).reduce((sum, kind) => sum + layerParameters(kind).total, 0);
  const frozen = tuning.frozenLayers ?? 0;
  const everyLayer = model.layers.reduce((sum, index) => sum + layerParameters(model.layerKinds[index]!).total, 0);
  // Below frozen layers the embedding learns nothing, unless the head shares its table.
  const table = frozen > 0 && model.embedding.tied === "untied" ? embedding : 0;
  const columns = c.objective?.head === "scalar" ? head - model.hidden : 0;
  const stored = model.multiToken?.modules ?? 0;
  const modules = stored === 0 ? 0 : (multiToken * c.multiTokenModules) / stored;
  return total - everyLayer + layers - table - columns + modules;
}

/** Parameters of which one moment is kept: all under plain momentum, matrices of the layers under Muon. */
function withoutSecondMoment(c: TrainingCase, parameters: number): number {
  const { optimizerRule } = c.software;
  if (optimizerRule === "adam") return 0;
  if (optimizerRule === "sgd" || c.tuning.method === "lora") return parameters;
  const whole = { ...c.layout, tensor: 1, expert: 1, expertTensor: 1 };
  return learningLayers(c)
    .flatMap((kind) => layerMatrices(kind, c.model.hidden, whole))
    .reduce((sum, { rows, columns, count }) => sum + rows * columns * count, 0);
}
