/**
 * NVIDIA Megatron-Bridge performance tables (25.09 to 26.06). The row states degrees and batch; `plan.recipe.flags`
 * holds the flags of the matching recipe file: recompute, graphs, overlap, dispatcher, optimizer types.
 */

import { megatronRecipes } from "../../../training/index.ts";
import type { Assumption, Section, Use } from "../../record.ts";
import { assume, type Drafted, type SourceReader } from "../converter.ts";
import { countOf, type RawRow, section, textOf } from "../raw.ts";
import { machineOf } from "./clusters.ts";
import { bridgeLayout } from "./megatron-bridge-layout.ts";
import { bridgeSoftware } from "./megatron-bridge-software.ts";
import { catalogModel } from "./models.ts";

export const megatronBridge: SourceReader = {
  name: "Megatron-Bridge performance summary",
  matches: (row) => row.source.title.includes("Megatron-Bridge performance summary"),
  draft,
};

function draft(row: RawRow): Drafted {
  const model = catalogModel(row);
  if (model === undefined) return { skip: `model ${String(row.workload.model)} is not in the catalog` };
  const machine = machineOf(row);
  if (machine === undefined) return { skip: `accelerator ${textOf(row.system.accelerator)} is not in the catalog` };
  const flags = section(section(row.plan.recipe).flags);
  const layout = bridgeLayout(row, flags);
  if ("skip" in layout) return layout;
  const software = bridgeSoftware(row, flags);
  return {
    use: useOf(row),
    cluster: machine.cluster,
    workload: workloadOf(row, flags, model),
    layout: layout.layout,
    software: software.software,
    flopConvention: "megatron-core-2024",
    inferred: closest(row) ? ["layout.recompute", "layout.stageLayers", "software"] : [],
    assumptions: [
      ...machine.assumptions,
      ...layout.assumptions,
      ...software.assumptions,
      ...workloadAssumptions(row, flags),
    ],
  };
}

function closest(row: RawRow): boolean {
  return section(row.plan.recipe).plan_match === "closest";
}

/** Llama 3 and DeepSeek-V3 calibrate, the other models judge; rows with a merely likely recipe never calibrate. */
function useOf(row: RawRow): Use {
  const family = /^(llama-3|deepseek-v3)/.test(String(row.workload.model));
  return family && !closest(row) && !/regression/i.test(row.notes) ? "fit" : "judge";
}

function workloadOf(row: RawRow, flags: Section, model: string): Section {
  const recipe = textOf(flags.low_precision_recipe);
  const modules =
    countOf(row.workload, "mtp_layers") ?? (row.workload.mtp_layers === 0 ? 0 : countOf(flags, "mtp_num_layers"));
  const last = countOf(flags, "num_layers_at_end_in_bf16");
  const peft = section(flags.peft);
  return {
    kind: "training",
    model,
    sequenceLength: countOf(row.workload, "seq"),
    globalBatch: countOf(row.workload, "global_batch_sequences"),
    precision: megatronRecipes[recipe] ?? "bf16",
    ...(row.workload.task === "lora"
      ? {
          tuning: {
            method: "lora",
            rank: countOf(peft, "dim") ?? 16,
            targets: peft.target_modules,
            // fp8_param_gather: weights are kept in 8 bit; block-scaled recipes keep two copies, as 16 bit would.
            ...(flags.fp8_param_gather === true && recipe === "tensorwise" ? { base: "fp8" } : {}),
          },
        }
      : {}),
    ...(modules ? { multiTokenPrediction: modules } : {}),
    ...(last ? { highPrecisionLayers: { first: 0, last } } : {}),
  };
}

function workloadAssumptions(row: RawRow, flags: Section): readonly Assumption[] {
  const list: Assumption[] = [];
  const match = textOf(section(row.plan.recipe).plan_match);
  const release = textOf(section(row.plan.recipe).from_release);
  if (match !== "exact") {
    list.push(assume("software", `recipe of ${release}`, `the stored recipe is only likely the row's (${match})`));
  } else if (/taken for|commit/.test(release)) {
    list.push(assume("software", release, "no recipe of the row's own release is stored"));
  }
  if (row.workload.moe_tokens === "tokendrop") {
    list.push(
      assume("software.expertImbalance", 1, "tokens are dropped to capacity 1.0: every expert gets the same number"),
    );
  } else if (flags.moe_force_balanced_routing === true) {
    list.push(assume("software.expertImbalance", 1, "benchmark routing is force-balanced"));
  }
  if (flags.mtp_use_repeated_layer === true) {
    list.push(assume("workload.multiTokenPrediction", 2, "one shared module run twice; weights counted per module"));
  }
  return list;
}
