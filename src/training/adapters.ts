/**
 * Low-rank adapters: beside each targeted projection W (in x out) stand A (in x r) and B (r x out), which learn while W
 * does not.
 *
 *     parameters = r (in + out) for each targeted projection of each layer
 *
 * Projections of one input are one matrix, as stacks store query, key and value. Both factors are split over the tensor
 * group; those of routed experts, one pair an expert, over expert and expert-tensor ranks.
 * @source hu-2021-lora section 4.1 @source megatron-bridge-guide
 */

import { type AdapterTarget, adaptedProjections } from "../compute/index.ts";
import type { TrainingCase } from "./case.ts";
import { kindOf, type StagePlan } from "./stages.ts";
import type { WeightBuckets } from "./weights.ts";

/** All targets, which is the default of current stacks. */
export const adapterTargets: readonly AdapterTarget[] = Object.freeze([
  "linear_qkv",
  "linear_proj",
  "linear_fc1",
  "linear_fc2",
]);

/** Adapter parameters of one pipeline rank; none where every weight learns. MTP modules get no adapters. */
export function rankAdapters(c: TrainingCase, plan: StagePlan, rank: number): WeightBuckets {
  let [split, experts] = [0, 0];
  if (c.tuning.method === "full") return { split, replicated: 0, experts };
  const { layout, model, tuning } = c;
  for (const type of plan.rankTypes[rank]!) {
    const { counts } = plan.types[type]!;
    for (let index = 0; index < counts.length; index++) {
      const kind = counts[index] === 0 ? undefined : kindOf(model, index);
      // Layers below the first that learns have none (see `stagePlan`).
      if (kind === undefined || index >= 2 * model.layerKinds.length) continue;
      for (const { split: way, in: from, out, copies } of adaptedProjections(kind, model.hidden, tuning.targets)) {
        if (way.startsWith("expert")) experts += counts[index]! * copies * (from + out);
        else split += counts[index]! * (from + out);
      }
    }
  }
  return {
    split: (tuning.rank * split) / layout.tensor,
    replicated: 0,
    experts: (tuning.rank * experts) / (layout.expert * layout.expertTensor),
  };
}
