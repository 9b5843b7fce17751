/** A serving design as `trtllm-serve` with the YAML of its options, which the script writes, and a load for its requests. */

import { stringify } from "yaml";
import type { ServingDesign } from "../../../scenario/index.ts";
import { tensorrtRows } from "../../serving/tensorrt-rows.ts";
import { place } from "../../stack.ts";
import { loadFlags, loadOf } from "./load.ts";
import { command, engineSettings, type Pool, type ServingTarget, servingHeading } from "./target.ts";

export const tensorrtTarget: ServingTarget = {
  name: "tensorrt-llm",
  summary: "TensorRT-LLM: trtllm-serve with the YAML of its options, and a load for the requests",
  engine: "tensorrt-llm",
  reasons: [
    { path: /^serving\.replicas/, reason: "one command starts one engine: start it so many times" },
    { path: /^serving\.(tensor|attentionData)/, reason: "with attention data parallelism every rank has whole heads" },
    {
      path: /^serving\.engine\.(watermark|reservation|longPrefillThreshold|queueOrder)/,
      reason: "TensorRT-LLM has no such setting",
    },
  ],
  write(design, pool) {
    const model = design.model.name;
    const load = loadOf(design);
    const program = "python3 -m tensorrt_llm.serve.scripts.benchmark_serving";
    const bench = load === undefined ? [] : [command(program, loadFlags(model, load))];
    const file = `cat > options.yaml << EOF\n${stringify(options(design, pool), { lineWidth: 0 })}EOF`;
    const server = `trtllm-serve ${model} --extra_llm_api_options options.yaml &`;
    return `${[servingHeading(design, pool), file, server, ...bench].join("\n\n")}\n`;
  },
};

function options(design: ServingDesign, pool: Pool): Readonly<Record<string, unknown>> {
  const { layout, engine, memory, graphs } = pool;
  const { tensor, attentionData, expert } = layout;
  const into: Record<string, unknown> = { tensor_parallel_size: tensor * attentionData };
  if (attentionData > 1) into.enable_attention_dp = true;
  if (expert > 1) into.moe_expert_parallel_size = expert;
  for (const { name, value } of engineSettings(design, pool, tensorrtRows, "tensorrt-llm")) {
    const list = name === "cuda_graph_config.batch_sizes" ? String(value).split(" ").map(Number) : value;
    place(into, name.split("."), typeof list === "string" && /scheduler|quant/.test(name) ? list.toUpperCase() : list);
  }
  if (engine.blocks !== memory.blocks)
    place(into, ["kv_cache_config", "max_tokens"], engine.blocks * engine.blockTokens);
  if (graphs.captured === "off") into.cuda_graph_config = null;
  return into;
}
