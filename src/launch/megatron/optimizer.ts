/** The update in Megatron's words: its rule, state in host memory, and activations there. */

import { megatronRules } from "../../training/index.ts";
import { assume, countOf, credit, find, put, realOf, type Sheet, truthOf, wordOf } from "../sheet.ts";
import { named } from "./rows.ts";

/** Writes the rule of the update, and the part of its state on the host; `usual` where no fraction is given. */
export function placeOptimizer(sheet: Sheet, usual: { readonly fraction: number }): void {
  placeRule(sheet);
  const on = find(sheet, ...named("optimizer-cpu-offload", "optimizer"));
  const part = find(sheet, ...named("optimizer-offload-fraction", "optimizer"));
  const overlap = find(sheet, ...named("overlap-cpu-optimizer-d2h-h2d", "optimizer"));
  const kernels = find(sheet, ...named("use-torch-optimizer-for-cpu-offload", "optimizer"));
  if (kernels !== undefined) sheet.idle.set(kernels, "which code updates on the host: bound by its memory either way");
  if (truthOf(sheet, on) !== "on") {
    credit(sheet, on, "layout.optimizerOffload");
    for (const setting of [part, overlap])
      if (setting !== undefined) sheet.idle.set(setting, "without --optimizer-cpu-offload");
    return;
  }
  const fraction = part === undefined ? usual.fraction : realOf(sheet, part);
  if (fraction === undefined) return;
  put(sheet, "layout.optimizerOffload", fraction, on, part);
  if (part === undefined)
    assume(sheet, "layout.optimizerOffload", fraction, `not given: the default of ${sheet.program}`);
  put(sheet, "software.overlap.optimizerOffload", truthOf(sheet, overlap) ?? "off", overlap);
}

function placeRule(sheet: Sheet): void {
  const key = "software.optimizerRule";
  const setting = find(sheet, ...named("optimizer", "optimizer"));
  const word = wordOf(sheet, setting)?.toLowerCase();
  if (setting === undefined || word === undefined) return;
  const rule = megatronRules[word];
  if (rule === undefined) {
    sheet.unmodelled.set(setting, `"${setting.text}" has no counterpart in the language yet`);
    return;
  }
  const sharding = sheet.values.get("layout.sharding");
  if (rule === "muon" && sharding !== "none" && sharding !== "optimizer") {
    sheet.unmodelled.set(setting, "muon under sharded gradients is not modelled: predicted with adam");
    return;
  }
  put(sheet, key, rule, setting);
  if (word !== "dist_muon") return;
  put(sheet, "layout.sharding", "optimizer", setting);
  assume(sheet, "layout.sharding", "optimizer", "dist_muon: whole matrices are spread over the data-parallel ranks");
}

/** Writes layout.activationOffload: activations of so many layers go to host memory. */
export function placeOffload(sheet: Sheet, layers: number | undefined): void {
  const on = find(sheet, ...named("cpu-offloading", "model"));
  const count = find(sheet, ...named("cpu-offloading-num-layers", "model"));
  const activations = find(sheet, ...named("cpu-offloading-activations", "model"));
  const moved = countOf(sheet, count, 0);
  const off = (on !== undefined && truthOf(sheet, on) !== "on") || truthOf(sheet, activations) === "off";
  credit(sheet, activations, "layout.activationOffload");
  if (moved === undefined || moved === 0 || layers === undefined || off) {
    for (const setting of [on, count]) credit(sheet, setting, "layout.activationOffload");
    return;
  }
  const share = Math.min(1, Number((moved / layers).toPrecision(4)));
  put(sheet, "layout.activationOffload", share, count, on);
  assume(sheet, "layout.activationOffload", share, `activations of ${moved} of ${layers} layers go to host memory`);
}
