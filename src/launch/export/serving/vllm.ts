/** A serving design as `vllm serve` with its arguments, and `vllm bench serve` for its requests. */

import { vllmRows } from "../../serving/vllm-rows.ts";
import { loadFlags, loadOf } from "./load.ts";
import { command, engineSettings, flags, type Pool, type ServingTarget, servingHeading } from "./target.ts";

export const vllmTarget: ServingTarget = {
  name: "vllm",
  summary: "vLLM: vllm serve, and vllm bench serve for the requests",
  engine: "vllm",
  reasons: [
    {
      path: /^serving\.(replicas|attentionData)/,
      reason:
        "data-parallel ranks are in lockstep with experts, engines of their own without: start the rest by themselves",
    },
    { path: /^serving\.expert/, reason: "vLLM spreads experts over all ranks or cuts them like the rest" },
    { path: /^serving\.engine\.precision/, reason: "weights in this format have a name of their own: publish them so" },
  ],
  write(design, pool) {
    const model = design.model.name;
    const server = command(`vllm serve ${model}`, [
      ...degrees(pool),
      ...flags(engineSettings(design, pool, vllmRows, "vllm")),
    ]);
    const load = loadOf(design);
    const bench = load === undefined ? [] : [command("vllm bench serve", loadFlags(model, load))];
    return `${[servingHeading(design, pool), `${server} &`, ...bench].join("\n\n")}\n`;
  },
};

function degrees({ layout, replicas, adapters }: Pool): readonly string[] {
  const ranks = layout.attentionData > 1 ? layout.attentionData : replicas;
  const whole = layout.expert > 1 && layout.expert === layout.tensor * layout.attentionData;
  return [
    ...(ranks > 1 ? [`--data-parallel-size ${ranks}`] : []),
    ...(whole ? ["--enable-expert-parallel"] : []),
    ...(adapters === undefined ? [] : ["--enable-lora"]),
  ];
}
