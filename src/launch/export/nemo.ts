/** A design as overrides of a Megatron-Bridge recipe, NeMo's configuration of Megatron-Core: YAML by section. */

import { stringify } from "yaml";
import { place } from "../stack.ts";
import { megatronTarget } from "./megatron.ts";
import { megatronSettings } from "./settings.ts";
import { heading, type Target } from "./target.ts";

export const nemoTarget: Target = {
  name: "nemo",
  summary: "NeMo: overrides of a Megatron-Bridge recipe in YAML",
  stacks: megatronTarget.stacks,
  format: "bridge",
  reasons: [
    { path: /^cluster/, reason: "the launcher says how many nodes" },
    ...megatronTarget.reasons.filter(({ path }) => path.source !== "."),
    { path: /./, reason: "no field of a Megatron-Bridge configuration says it" },
  ],
  write(design) {
    const { model, parallel, training, stack } = megatronSettings(design);
    const c = design.training.case;
    const value: Record<string, unknown> = {};
    for (const { config, value: written, configValue } of [...(model ?? []), ...parallel, ...training, ...stack]) {
      if (config !== undefined) place(value, config.split("."), configValue ?? written);
    }
    if (c.tuning.method === "lora") value.peft = { dim: c.tuning.rank, target_modules: [...c.tuning.targets] };
    const head = heading(design, "a recipe, data, tokenizer, learning rate, checkpoints; nodes belong to the launcher");
    return {
      text: `${head.join("\n")}\n${stringify(value, { lineWidth: 0 })}`,
      model: model === undefined ? "not stated" : "stated",
    };
  },
};
