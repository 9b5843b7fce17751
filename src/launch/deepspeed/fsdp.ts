/**
 * PyTorch's FSDP in the words of the Trainer (`--fsdp "full_shard auto_wrap"`) and of Accelerate (`--use_fsdp` with
 * `--fsdp_sharding_strategy`). Wrapping by layers is taken as given; HYBRID_SHARD_ZERO2 is refused, and files with
 * settings of FSDP or Accelerate are not read.
 * @source transformers-trainer @source accelerate-launch
 */

import { assume, complain, credit, find, put, type Setting, type Sheet, truthOf, wordOf, wordsOf } from "../sheet.ts";

const key = "layout.sharding";

/** Words of both programs, and the numbers that Accelerate takes too. */
const strategies: Readonly<Record<string, string>> = {
  full_shard: "full",
  shard_grad_op: "gradients",
  no_shard: "none",
  hybrid_shard: "hybrid",
  "1": "full",
  "2": "gradients",
  "3": "none",
  "4": "hybrid",
};
const trainerWords = ["full_shard", "shard_grad_op", "no_shard", "hybrid_shard"];

/** Writes layout.sharding and what overlaps; `none` where the launch does not ask for FSDP. */
export function placeFsdp(sheet: Sheet): "placed" | "none" {
  const trainer = find(sheet, "fsdp");
  const launcher = find(sheet, "use_fsdp");
  const strategy = find(sheet, "fsdp_sharding_strategy");
  const words = wordOf(sheet, trainer) === undefined ? [] : wordsOf(trainer).map((each) => each.toLowerCase());
  if (trainer !== undefined && words.some((each) => !/^(false|)$/.test(each))) placeTrainer(sheet, trainer, words);
  else if (truthOf(sheet, launcher) === "on") placeAccelerate(sheet, launcher, strategy);
  else {
    for (const setting of [trainer, launcher]) credit(sheet, setting, key);
    if (strategy !== undefined) sheet.idle.set(strategy, "without --use_fsdp");
    return "none";
  }
  placeDetails(sheet, words.includes("offload") ? trainer : undefined);
  return "placed";
}

function placeTrainer(sheet: Sheet, setting: Setting, words: readonly string[]): void {
  const [word] = words.filter((each) => !/^(auto_wrap|offload|true)$/.test(each));
  const known = word === undefined ? undefined : trainerWords.find((each) => each === word);
  if (word !== undefined && known === undefined)
    complain(
      sheet,
      setting,
      `found "${word}", expected ${trainerWords.join(", ")}`,
      "with auto_wrap or offload beside",
    );
  put(sheet, key, known === undefined ? "full" : strategies[known], setting);
  if (word === undefined) assume(sheet, key, "full", `${setting.name} names no strategy: full_shard`);
}

function placeAccelerate(sheet: Sheet, launcher: Setting | undefined, strategy: Setting | undefined): void {
  const word = wordOf(sheet, strategy)?.toLowerCase();
  const version = find(sheet, "fsdp_version");
  const reshard = find(sheet, "fsdp_reshard_after_forward");
  credit(sheet, version, key);
  if (strategy !== undefined && word !== undefined && strategies[word] === undefined)
    complain(sheet, strategy, `found "${strategy.text}", expected ${trainerWords.join(", ").toUpperCase()}`);
  // Of the second version the one switch says what the strategy says of the first.
  if (strategy === undefined && version?.text === "2" && truthOf(sheet, reshard) === "off")
    put(sheet, key, "gradients", launcher, reshard);
  else {
    put(sheet, key, word === undefined ? "full" : strategies[word], launcher, strategy);
    credit(sheet, reshard, key);
  }
  if (word === undefined && reshard === undefined)
    assume(sheet, key, "full", "no --fsdp_sharding_strategy: FULL_SHARD is Accelerate's default");
}

function placeDetails(sheet: Sheet, offload: Setting | undefined): void {
  const sharding = sheet.values.get(key);
  const whole = sharding !== "full" && sharding !== "hybrid";
  const host = find(sheet, "fsdp_offload_params");
  const on = offload ?? (truthOf(sheet, host) === "on" ? host : undefined);
  if (on === undefined) credit(sheet, host, "layout.weightOffload");
  else if (sharding === "none") sheet.idle.set(on, "nothing is sharded");
  else if (whole) put(sheet, "layout.optimizerOffload", 1, on);
  else put(sheet, "layout.weightOffload", "on", on);
  const recompute = find(sheet, "gradient_checkpointing", "fsdp_activation_checkpointing");
  put(sheet, "layout.recompute", truthOf(sheet, recompute) === "on" ? "full" : "none", recompute);
  const prefetch = find(sheet, "fsdp_backward_prefetch", "fsdp_backward_prefetch_policy");
  const early = /pre/i.test(prefetch?.text ?? "backward_pre") && !/^no/i.test(prefetch?.text ?? "");
  put(sheet, "software.state.prefetch", early ? "before" : "after", prefetch);
  put(sheet, "software.overlap.gradientReduce", "on");
  put(sheet, "software.overlap.parameterGather", whole ? "off" : "on");
  assume(sheet, "software.overlap", "on", "PyTorch's FSDP; all else as the Trainer's profile has it");
}
