/** Number formats and kernels of the Trainer with DeepSpeed. */

import { assume, bothFormats, credit, find, put, type Sheet, truthOf, wordOf } from "../sheet.ts";

/** 16 bits where the JSON or the Trainer says so; "auto" is the Trainer's. */
export function placePrecision(sheet: Sheet): void {
  const key = "workload.precision";
  for (const word of ["bf16", "fp16"]) credit(sheet, find(sheet, `${word}.enabled`), key);
  bothFormats(sheet, find(sheet, "bf16.enabled", "bf16_enabled"), find(sheet, "fp16.enabled", "fp16_enabled"));
  bothFormats(sheet, find(sheet, "bf16"), find(sheet, "fp16"));
  for (const word of ["bf16", "fp16"]) {
    const own = find(sheet, `${word}.enabled`, `${word}_enabled`);
    const trainer = find(sheet, word);
    for (const setting of [own, trainer]) credit(sheet, setting, key);
    const said = own?.text === "auto" || own === undefined ? truthOf(sheet, trainer) : truthOf(sheet, own);
    if (said === "on") {
      put(sheet, key, word, own, trainer);
      return;
    }
  }
  const type = find(sheet, "mixed_precision", "dtype", "torch_dtype");
  const word = wordOf(sheet, type)?.replace("bfloat16", "bf16").replace("float16", "fp16");
  if (word === "bf16" || word === "fp16") {
    put(sheet, key, word, type);
    return;
  }
  const open = find(sheet, "bf16.enabled", "fp16.enabled");
  const command = find(sheet, "zero_stage");
  // DeepSpeed-Chat's scripts train in fp16 unless --dtype says otherwise.
  const chat = open === undefined && command !== undefined;
  put(sheet, key, chat ? "fp16" : "fp32", type);
  const reason = chat
    ? "not given: fp16 is the default of DeepSpeed-Chat"
    : "neither bf16 nor fp16 is on: DeepSpeed computes in 32 bits";
  assume(sheet, key, chat ? "fp16" : "fp32", reason);
}

/** Eager PyTorch modules; attention by PyTorch's own kernel unless one is named. Gradients stay in 16 bit. */
export function placeKernels(sheet: Sheet): void {
  const attention = find(sheet, "attn_implementation", "flash_attn", "use_flash_attention_2");
  const eager = attention !== undefined && /eager|disabled|false/i.test(attention.text);
  put(sheet, "software.kernels.attention", eager ? "unfused" : "flash", attention);
  if (attention === undefined)
    assume(sheet, "software.kernels.attention", "flash", "not given: PyTorch's fused attention");
  const compile = find(sheet, "torch_compile", "compile.enabled");
  put(sheet, "software.kernels.elementwise", truthOf(sheet, compile) === "on" ? "compiled" : "eager", compile);
  const liger = find(sheet, "use_liger_kernel", "enable_liger_kernel");
  put(sheet, "software.kernels.crossEntropy", truthOf(sheet, liger) === "on" ? "fused" : "eager", liger);
  const type = find(sheet, "communication_data_type", "data_types.grad_accum_dtype");
  const wide = sheet.values.get("workload.precision") === "fp32" || /32/.test(type?.text ?? "");
  put(sheet, "software.bytes.gradient", wide ? 4 : 2, type);
  put(sheet, "software.bytes.gradientReduce", wide ? 4 : 2, type);
}

/** Updates as DeepSpeed's JSON or the Trainer names them: the rule, and the kernels. */
const updates: Readonly<Record<string, { readonly rule: string; readonly kernels?: string }>> = {
  adam: { rule: "adam", kernels: "fused" },
  adamw: { rule: "adam", kernels: "fused" },
  fusedadam: { rule: "adam", kernels: "fused" },
  adamw_torch_fused: { rule: "adam", kernels: "fused" },
  adamw_apex_fused: { rule: "adam", kernels: "fused" },
  adamw_torch: { rule: "adam", kernels: "multi-tensor" },
  sgd: { rule: "sgd", kernels: "multi-tensor" },
  muon: { rule: "muon" },
};

/** Writes the rule of the update; the JSON's own optimizer comes before the Trainer's. */
export function placeOptimizer(sheet: Sheet): void {
  const own = find(sheet, "optimizer.type");
  const trainer = find(sheet, "optim");
  const setting = own ?? trainer;
  if (own !== undefined && trainer !== undefined) sheet.idle.set(trainer, `${own.name} comes first`);
  const word = wordOf(sheet, setting)?.toLowerCase();
  if (setting === undefined || word === undefined) return;
  const found = updates[word];
  const sharding = sheet.values.get("layout.sharding");
  const whole = sharding === "none" || sharding === "optimizer";
  if (found === undefined || (found.rule === "muon" && !whole)) {
    const where = found === undefined ? "" : ` under sharding: ${sharding}`;
    sheet.unmodelled.set(setting, `"${setting.text}" is not modelled${where}: predicted with Adam`);
    return;
  }
  put(sheet, "software.optimizerRule", found.rule, setting);
  if (found.kernels !== undefined) put(sheet, "software.optimizer", found.kernels, setting);
}
