/** State over the data-parallel ranks in Megatron's words: its optimizer's own sharding, Megatron-FSDP, PyTorch's FSDP2. */

import { assume, complain, countOf, credit, find, numberOf, put, type Sheet, truthOf, wordOf } from "../sheet.ts";
import { named } from "./rows.ts";

const strategies: Readonly<Record<string, string>> = {
  no_shard: "none",
  optim: "optimizer",
  optim_grads: "gradients",
  optim_grads_params: "full",
};

/** Writes layout.sharding. `usual` holds where the file says nothing. */
export function placeSharding(sheet: Sheet, usual: { readonly sharding: string; readonly reason: string }): void {
  const key = "layout.sharding";
  const own = find(sheet, "use-megatron-fsdp", "use-custom-fsdp", "ddp.use_megatron_fsdp", "dist.use_megatron_fsdp");
  const torch = find(sheet, "use-torch-fsdp2", "dist.use_torch_fsdp2");
  const strategy = find(sheet, ...named("data-parallel-sharding-strategy", "ddp"));
  const distributed = find(sheet, ...named("use-distributed-optimizer", "ddp", "optimizer"));
  const optimizer = find(sheet, "model.optim.name", "optim.name");
  for (const setting of [own, torch, distributed]) credit(sheet, setting, key);
  if (truthOf(sheet, own) === "on") {
    const word = wordOf(sheet, strategy)?.toLowerCase();
    const found = word === undefined ? "optimizer" : strategies[word];
    if (found === undefined)
      complain(sheet, strategy, `found "${word}", expected ${Object.keys(strategies).join(", ")}`);
    else put(sheet, key, found, own, strategy);
  } else if (truthOf(sheet, torch) === "on") {
    put(sheet, key, "full", torch);
    placeReshard(sheet);
  } else if (distributed !== undefined)
    put(sheet, key, truthOf(sheet, distributed) === "on" ? "optimizer" : "none", distributed);
  else if (optimizer !== undefined) {
    put(sheet, key, /distributed/.test(optimizer.text) ? "optimizer" : "none", optimizer);
  } else {
    put(sheet, key, usual.sharding);
    assume(sheet, key, usual.sharding, usual.reason);
  }
  if (strategy !== undefined && truthOf(sheet, own) !== "on")
    sheet.idle.set(strategy, "holds for Megatron's own FSDP only");
}

/** FSDP2's weights after the forward pass. */
function placeReshard(sheet: Sheet): void {
  const key = "layout.reshardAfterForward";
  const kept = find(sheet, "torch-fsdp2-no-reshard-after-forward");
  const rule = find(sheet, "torch-fsdp2-reshard-after-forward");
  if (truthOf(sheet, kept) === "on") {
    put(sheet, key, "never", kept);
    return;
  }
  credit(sheet, kept, key);
  if (rule === undefined || rule.text === "auto") {
    credit(sheet, rule, key);
    return;
  }
  const ranks = numberOf(rule.value);
  put(sheet, key, ranks ?? (truthOf(sheet, rule) === "off" ? "never" : "always"), rule);
}

/** Several copies of fully sharded weights are hybrid sharding; of the optimizer's state alone they have no key. */
export function placeCopies(sheet: Sheet): void {
  const setting = find(sheet, ...named("num-distributed-optimizer-instances", "ddp"));
  const copies = countOf(sheet, setting);
  const data = sheet.values.get("layout.data");
  if (setting === undefined || copies === undefined || typeof data !== "number") return;
  const key = "layout.sharding";
  if (copies === 1) {
    credit(sheet, setting, key);
    return;
  }
  if (sheet.values.get(key) !== "full") {
    sheet.unmodelled.set(setting, "several copies of a sharded optimizer beside whole weights are not modelled");
    return;
  }
  const context = sheet.values.get("layout.context");
  const ranks = data * (typeof context === "number" ? context : 1);
  if (ranks % copies !== 0) {
    complain(sheet, setting, `${copies} copies over ${ranks} data-parallel ranks`, "choose a divisor of the ranks");
    return;
  }
  put(sheet, key, "hybrid", setting);
  put(sheet, "layout.shardGroup", ranks / copies, setting);
}
