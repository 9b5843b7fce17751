/** Degrees of a Megatron-Bridge row with the stage split, recompute and sharding of its recipe flags. */

import { accountedStages, megatronModules, stageLayersOf } from "../../../training/index.ts";
import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { countOf, type RawRow, textOf } from "../raw.ts";
import { layersOf } from "./models.ts";

type Layout = { readonly layout: Section; readonly assumptions: readonly Assumption[] } | { readonly skip: string };

export function bridgeLayout(row: RawRow, flags: Section): Layout {
  const plan = row.plan;
  const pipeline = countOf(plan, "pp") ?? 1;
  const virtualStages = countOf(plan, "vpp") ?? 1;
  const expert = countOf(plan, "ep") ?? 1;
  const data = countOf(plan, "dp");
  const tensor = countOf(plan, "tp") ?? 1;
  const context = countOf(plan, "cp") ?? 1;
  if (data === undefined) return { skip: "data-parallel degree not stated" };
  if ((tensor * context * data) % expert !== 0) {
    const ranks = tensor * context * data;
    return {
      skip: `the source's layout cannot be: expert degree ${expert} on the ${ranks} ranks of one pipeline stage`,
    };
  }
  const stages = stageSplit(row, flags, pipeline * virtualStages);
  if ("skip" in stages) return stages;
  const offload = offloadOf(row, flags);
  const sharding = shardingOf(flags);
  return {
    layout: {
      tensor,
      sequenceParallel: flags.sequence_parallel === true ? "on" : "off",
      context,
      pipeline,
      virtualStages,
      data,
      expert,
      expertTensor: countOf(flags, "expert_tensor_parallel") ?? 1,
      microBatch: countOf(plan, "micro_batch"),
      schedule: virtualStages > 1 ? "interleaved" : "1f1b",
      recompute: recomputeOf(flags),
      sharding: sharding.value,
      ...(stages.split === undefined ? {} : { stageLayers: stages.split }),
      ...(offload.fraction > 0 ? { activationOffload: offload.fraction } : {}),
    },
    assumptions: [...stages.assumptions, ...offload.assumptions, ...sharding.assumptions],
  };
}

function recomputeOf(flags: Section): string | readonly string[] {
  const named = Array.isArray(flags.recompute_modules) ? flags.recompute_modules : [];
  const list = named.flatMap((name: unknown) => megatronModules[textOf(name)] ?? []);
  return list.length > 0 ? list : "none";
}

function shardingOf(flags: Section): { readonly value: string; readonly assumptions: readonly Assumption[] } {
  if (flags.use_megatron_fsdp === true) return { value: "full", assumptions: [] };
  if (flags.distributed_optimizer === true) return { value: "optimizer", assumptions: [] };
  const reason = "Muon's layer-wise form: each rank updates whole matrices of its own";
  return { value: "optimizer", assumptions: [assume("layout.sharding", "optimizer", reason)] };
}

type Split =
  | { readonly split?: readonly number[]; readonly assumptions: readonly Assumption[] }
  | { readonly skip: string };

/** DeepSeek-V3's layouts by number of virtual stages, as the recipes of other releases write them. */
const deepSeekLayouts: Readonly<Record<number, string>> = {
  8: "Et*8|(t*8|)*6t*5mL",
  16: "Et*4|(t*4|)*14tmL",
  32: "Et|(tt|)*30mL",
};

function stageSplit(row: RawRow, flags: Section, stages: number): Split {
  const layers = layersOf(row);
  if (stages === 1) return { assumptions: [] };
  const written = textOf(flags.pipeline_layout);
  if (written !== "") {
    const split = stageLayersOf(written);
    if (split?.length === stages) return { split, assumptions: [] };
    return { skip: `pipeline layout ${written} does not have ${stages} stages` };
  }
  if (layers === undefined) return { skip: "number of layers unknown" };
  if (flags.account_for_embedding_in_pipeline_split === true && flags.account_for_loss_in_pipeline_split === true) {
    const split = accountedStages(layers, stages);
    if (split !== undefined) return { split, assumptions: [] };
  }
  if (layers % stages === 0) return { assumptions: [] };
  const usual = row.workload.model === "deepseek-v3" ? deepSeekLayouts[stages] : undefined;
  const split = usual === undefined ? undefined : stageLayersOf(usual);
  if (usual === undefined || split === undefined)
    return { skip: `${layers} layers over ${stages} stages: split not stated` };
  return {
    split,
    assumptions: [assume("layout.stageLayers", usual, "the recipe has no layout; the one of its releases")],
  };
}

function offloadOf(
  row: RawRow,
  flags: Section,
): { readonly fraction: number; readonly assumptions: readonly Assumption[] } {
  const moved = countOf(flags, "cpu_offloading_num_layers");
  const layers = layersOf(row);
  if (flags.activation_offload !== true || moved === undefined || layers === undefined) {
    return { fraction: 0, assumptions: [] };
  }
  const fraction = Math.min(1, Number((moved / layers).toPrecision(4)));
  const reason = `activations of ${moved} of ${layers} layers go to host memory`;
  return { fraction, assumptions: [assume("layout.activationOffload", fraction, reason)] };
}
