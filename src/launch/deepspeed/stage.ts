/**
 * ZeRO in DeepSpeed's words: its stage, smaller groups of ranks (ZeRO++'s secondary partition, MiCS), and state on the
 * host. State on NVMe is not modelled.
 */

import { assume, complain, countOf, credit, find, put, realOf, type Setting, type Sheet, truthOf } from "../sheet.ts";
import { placeFsdp } from "./fsdp.ts";

const stages = ["none", "optimizer", "gradients", "full"] as const;

/** Writes layout.sharding, recompute and what runs under what. */
export function placeStage(sheet: Sheet): void {
  const setting = find(sheet, "zero_optimization.stage", "zero_stage");
  const stage = countOf(sheet, setting, 0);
  if (setting !== undefined && stage === undefined) return;
  if (setting === undefined && placeFsdp(sheet) === "placed") return;
  const sharding = stages[stage ?? 0];
  if (sharding === undefined) complain(sheet, setting, `found ${stage}, expected a ZeRO stage of 0 to 3`);
  else put(sheet, "layout.sharding", sharding, setting);
  if (setting === undefined) assume(sheet, "layout.sharding", "none", "no ZeRO stage is given: plain data parallel");
  if (stage === 3) placeGroups(sheet);
  const recompute = find(sheet, "gradient_checkpointing");
  put(sheet, "layout.recompute", truthOf(sheet, recompute) === "on" ? "full" : "none", recompute);
  const overlap = find(sheet, "zero_optimization.overlap_comm");
  const prefetch = find(sheet, "zero_optimization.stage3_prefetch_bucket_size");
  const usual = stage === 3 ? "on" : "off";
  put(sheet, "software.overlap.gradientReduce", truthOf(sheet, overlap) ?? usual, overlap);
  const ahead = stage === 3 && Number(prefetch?.value ?? 1) !== 0 ? "on" : "off";
  put(sheet, "software.overlap.parameterGather", ahead, stage === 3 ? prefetch : undefined);
  const split = sheet.values.get("layout.context");
  if (typeof split === "number" && split > 1) put(sheet, "software.contextExchange", "all-to-all");
}

/** hpZ: weights of the backward pass lie on so many ranks; MiCS: a copy of the state on every so many. */
function placeGroups(sheet: Sheet): void {
  const secondary = find(sheet, "zero_optimization.zero_hpz_partition_size");
  const group = find(sheet, "zero_optimization.mics_shard_size");
  const near = countOf(sheet, secondary);
  if (near !== undefined && near > 1) put(sheet, "layout.reshardAfterForward", near, secondary);
  else credit(sheet, secondary, "layout.reshardAfterForward");
  if (group === undefined) return;
  if (Number(group.value) === -1) {
    credit(sheet, group, "layout.sharding");
    return;
  }
  const ranks = countOf(sheet, group);
  if (ranks === undefined) return;
  put(sheet, "layout.sharding", "hybrid", group);
  put(sheet, "layout.shardGroup", ranks, group);
}

/** Writes weightOffload, or optimizerOffload: parameters on the host need the optimizer's state there too. */
export function placeOffload(sheet: Sheet): void {
  const optimizer = deviceOf(sheet, "optimizer");
  const parameters = deviceOf(sheet, "param");
  const chat = find(sheet, "offload");
  const all = truthOf(sheet, chat) === "on";
  const sharding = sheet.values.get("layout.sharding");
  const whole = sharding !== "full" && sharding !== "hybrid";
  const ratio = find(sheet, "zero_optimization.offload_optimizer.ratio");
  if (parameters.on || (all && !whole)) {
    if (whole && parameters.from !== undefined) sheet.idle.set(parameters.from, "for ZeRO-3 only");
    else {
      put(sheet, "layout.weightOffload", "on", parameters.from, optimizer.from, chat);
      if (ratio !== undefined) sheet.idle.set(ratio, "parameters on the host take all optimizer state with them");
      return;
    }
  }
  if (!optimizer.on && !all) {
    for (const setting of [optimizer.from, chat]) credit(sheet, setting, "layout.optimizerOffload");
    if (!whole) credit(sheet, parameters.from, "layout.weightOffload");
    if (ratio !== undefined) sheet.idle.set(ratio, "the optimizer's state stays on the accelerator");
    return;
  }
  put(sheet, "layout.optimizerOffload", ratio === undefined ? 1 : realOf(sheet, ratio), optimizer.from, ratio, chat);
}

function deviceOf(sheet: Sheet, part: "optimizer" | "param"): { readonly on: boolean; readonly from?: Setting } {
  const from = find(sheet, `zero_optimization.offload_${part}.device`);
  if (from === undefined) return { on: false };
  if (from.text === "nvme") {
    sheet.unmodelled.set(from, "state on NVMe is not modelled: predicted as if it stayed on the accelerator");
    return { on: false };
  }
  return { on: from.text === "cpu", from };
}
