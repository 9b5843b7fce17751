/** A design as overrides of a Megatron-Bridge recipe, NeMo's configuration of Megatron-Core: YAML by section. */

import { stringify } from "yaml";
import type { AdapterTuning } from "../../training/index.ts";
import { place } from "../stack.ts";
import { megatronTarget } from "./megatron.ts";
import { megatronSettings } from "./settings.ts";
import { heading, type Target } from "./target.ts";

/** Dropout of any rate counts alike; 0.1 stands for it. */
function adapterFields({ rank, targets, dropout, exchange }: AdapterTuning): Readonly<Record<string, unknown>> {
  return {
    dim: rank,
    target_modules: [...targets],
    dropout: dropout === "on" ? 0.1 : 0,
    ...(exchange === undefined ? {} : { a2a_experimental: exchange === "all-to-all" }),
  };
}

export const nemoTarget: Target = {
  name: "nemo",
  summary: "NeMo: overrides of a Megatron-Bridge recipe in YAML",
  stacks: megatronTarget.stacks,
  format: "bridge",
  reasons: [
    { path: /^cluster/, reason: "the launcher says how many nodes" },
    { path: /^workload\.tuning/, reason: "peft: has no field for it" },
    { path: /^workload\.objective/, reason: "recipes train on the next token; the batch counts sequences" },
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
    if (c.tuning.method === "lora") value.peft = adapterFields(c.tuning);
    const head = heading(design, "a recipe, data, tokenizer, learning rate, checkpoints; nodes belong to the launcher");
    return {
      text: `${head.join("\n")}\n${stringify(value, { lineWidth: 0 })}`,
      model: model === undefined ? "not stated" : "stated",
    };
  },
};
