/** What learns and on what loss, in the words of the Trainer, LLaMA-Factory and DeepSpeed-Chat. */

import {
  assume,
  complain,
  countOf,
  credit,
  find,
  numberOf,
  put,
  type Setting,
  type Sheet,
  truthOf,
  wordOf,
  wordsOf,
} from "../sheet.ts";

const key = "workload.tuning";

/** Hugging Face's modules in the projections of the language. */
const projections: Readonly<Record<string, string>> = {
  q_proj: "linear_qkv",
  k_proj: "linear_qkv",
  v_proj: "linear_qkv",
  qkv_proj: "linear_qkv",
  o_proj: "linear_proj",
  gate_proj: "linear_fc1",
  up_proj: "linear_fc1",
  gate_up_proj: "linear_fc1",
  down_proj: "linear_fc2",
};

/** Writes workload.tuning where adapters have a rank. */
export function placeTuning(sheet: Sheet): void {
  const rank = find(sheet, "lora_dim", "lora_r", "lora_rank");
  const count = countOf(sheet, rank, 0);
  credit(sheet, rank, key);
  const modules = find(sheet, "lora_target", "lora_target_modules", "lora_module_name");
  const rate = find(sheet, "lora_dropout");
  if (rank === undefined || count === undefined || count === 0) {
    for (const setting of [modules, rate]) if (setting !== undefined) sheet.idle.set(setting, "without adapters");
    return;
  }
  const dropout = rate !== undefined && (numberOf(rate.value) ?? 0) > 0 ? { dropout: "on" } : {};
  const base = baseOf(sheet);
  const tuning = { method: "lora", rank: count, ...targetsOf(sheet, modules), ...base.value, ...dropout };
  put(sheet, key, tuning, rank, modules, rate, base.from);
}

function targetsOf(sheet: Sheet, modules: Setting | undefined): { readonly targets?: readonly string[] } {
  const words = wordsOf(modules);
  const found = [...new Set(words.flatMap((word) => projections[word] ?? []))];
  if (found.length > 0) return { targets: found };
  if (modules === undefined || !/^all(-linear)?$/.test(modules.text)) {
    const reason = "adapters on every projection: names of modules are not told apart";
    assume(sheet, `${key}.targets`, "all four", reason);
  }
  return {};
}

/** Four bits of bitsandbytes are NF4 unless another format is named; its eight bits have no key. */
function baseOf(sheet: Sheet): { readonly value: { readonly base?: "nf4" }; readonly from?: Setting } {
  const from = find(sheet, "quantization_bit", "load_in_4bit", "use_qlora");
  const eight = find(sheet, "load_in_8bit");
  const format = find(sheet, "bnb_4bit_quant_type");
  const four = from !== undefined && (from.text === "4" || (!/^\d+$/.test(from.text) && truthOf(sheet, from) === "on"));
  for (const setting of [eight, four ? undefined : from]) {
    if (setting !== undefined && setting.text !== "false")
      sheet.unmodelled.set(setting, "frozen weights in INT8 are not modelled");
  }
  if (!four) return { value: {} };
  if (format !== undefined && format.text !== "nf4") sheet.unmodelled.set(format, "counted as NF4");
  else credit(sheet, format, key);
  return { value: { base: "nf4" }, from };
}

/** Stages of LLaMA-Factory; of its preference losses, those with a name of their own. */
const stages: Readonly<Record<string, string>> = { dpo: "dpo", kto: "kto", rm: "reward", ppo: "ppo" };

/** Writes workload.objective: batches of pairs are counted in pairs, there as here. */
export function placeObjective(sheet: Sheet): void {
  const path = "workload.objective";
  const setting = find(sheet, "stage");
  const loss = find(sheet, "pref_loss");
  const word = wordOf(sheet, setting)?.toLowerCase();
  if (setting === undefined || word === undefined) return;
  const found = stages[word];
  if (found === undefined) {
    if (!/^(pt|sft)$/.test(word))
      complain(sheet, setting, `found "${word}", expected pt, sft, ${Object.keys(stages).join(", ")}`);
    credit(sheet, setting, path);
    if (loss !== undefined) sheet.idle.set(loss, "for preferences only");
    return;
  }
  const named = word === "dpo" && /^(orpo|simpo)$/.test(loss?.text ?? "") ? loss?.text : undefined;
  put(sheet, path, named ?? found, setting, loss);
}
