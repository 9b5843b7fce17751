/**
 * Exchange of the tensor-parallel group for low-rank adapters. Ignores: overlap; stacks run it on the computation's
 * stream.
 */

import type { Seconds } from "../../base/quantity.ts";
import { adaptedProjections, type LayerShard, tokensBetweenBlocks, tokensPerRank } from "../../compute/index.ts";
import { collectiveSeconds } from "../../network/index.ts";
import type { AdapterTuning } from "../case.ts";
import type { LayerOptions, PassTimes } from "./exchange.ts";
import { nothing } from "./exchange.ts";

type Operation = "all-gather" | "all-reduce" | "all-to-all" | "reduce-scatter";

/**
 * Beside a column-parallel projection: z is gathered (A is split by rank), its gradient summed. The normalised input
 * is the projection's own, gathered once for both; where userbuffers gather it inside the product, the adapter gathers
 * it again and scatters its gradient; without sequence parallelism that gradient is summed.
 * Beside a row-parallel one: z is summed both ways, and the output, split by columns, is gathered whole and cut by
 * tokens (backward gathers), or changes places directly. Adapters of experts sum z over the expert-tensor group.
 * @source megatron-bridge-peft
 */
export function adapterExchange(options: LayerOptions, shard: LayerShard, tuning: AdapterTuning): PassTimes {
  const { kind, platform, groups } = options;
  const { model, layout, software } = options.case;
  if ((layout.tensor === 1 && layout.expertTensor === 1) || tuning.rank === 0) return nothing;
  const sequence = layout.sequenceParallel === "on";
  const time = (operation: Operation, elements: number, group = groups.tensor): Seconds =>
    group.size === 1 ? 0 : collectiveSeconds(platform, { operation, size: 2 * elements, group });
  const tokens = tokensPerRank(shard);
  let [forward, backward] = [0, 0];
  for (const projection of adaptedProjections(kind, model.hidden, tuning.targets)) {
    const low = tokens * tuning.rank;
    if (projection.split.startsWith("expert")) {
      const rows = expertRows(options, shard) * tuning.rank;
      const summed = time("all-reduce", rows, groups.expertTensor);
      forward += projection.split === "expert-row" ? summed : time("all-gather", rows, groups.expertTensor);
      backward += summed;
      continue;
    }
    forward += time(projection.split === "row" ? "all-reduce" : "all-gather", low);
    backward += time("all-reduce", low);
    const input = tokens * projection.in;
    const output = tokens * projection.out;
    if (projection.split === "column" && !sequence) backward += time("all-reduce", input);
    if (projection.split === "column" && sequence && software.overlap.tensor === "on") {
      forward += time("all-gather", input);
      backward += time("reduce-scatter", input);
    }
    if (projection.split === "row" && sequence && tuning.exchange === "all-to-all") {
      forward += time("all-to-all", output / layout.tensor);
      backward += time("all-to-all", output / layout.tensor);
    } else if (projection.split === "row") {
      forward += time("all-gather", output);
      if (sequence) backward += time("all-gather", output);
    }
  }
  return { forward, backward };
}

/** Rows that reach this rank's experts. */
function expertRows({ kind }: LayerOptions, shard: LayerShard): number {
  const feed = kind.feedForward;
  if (feed.kind !== "experts") return 0;
  const share = shard.sequenceParallel === "on" ? 1 : 1 / shard.tensor;
  return tokensBetweenBlocks(shard) * feed.topK * share * shard.expertTensor;
}
