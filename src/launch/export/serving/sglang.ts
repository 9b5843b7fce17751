/** A serving design as `sglang.launch_server` with its arguments, and `sglang.bench_serving` for its requests. */

import { sglangRows } from "../../serving/sglang-rows.ts";
import { loadFlags, loadOf } from "./load.ts";
import { command, engineSettings, flags, type Pool, type ServingTarget, servingHeading } from "./target.ts";

export const sglangTarget: ServingTarget = {
  name: "sglang",
  summary: "SGLang: sglang.launch_server, and sglang.bench_serving for the requests",
  engine: "sglang",
  reasons: [
    { path: /^serving\.replicas/, reason: "data-parallel ranks share their attention, or are engines: not both" },
    { path: /^serving\.engine\.precision/, reason: "weights in this format have a name of their own: publish them so" },
    { path: /^serving\.engine\.(watermark|reservation|longPrefillThreshold)/, reason: "SGLang has no such setting" },
  ],
  write(design, pool) {
    const model = design.model.name;
    const program = `python3 -m sglang.launch_server --model-path ${model}`;
    const server = command(program, [
      ...degrees(pool),
      ...chunk(pool),
      ...flags(engineSettings(design, pool, sglangRows, "sglang")),
    ]);
    const load = loadOf(design);
    // Its lengths are drawn from a share of the one that is named up to it.
    const bench =
      load === undefined
        ? []
        : [command("python3 -m sglang.bench_serving", [...loadFlags(model, load), "--random-range-ratio 1.0"])];
    return `${[servingHeading(design, pool), `${server} &`, ...bench].join("\n\n")}\n`;
  },
};

function degrees({ layout, replicas, adapters }: Pool): readonly string[] {
  const { tensor, attentionData, expert } = layout;
  const shared = attentionData > 1;
  const ranks = shared ? attentionData : replicas;
  return [
    `--tp-size ${tensor * attentionData}`,
    ...(ranks > 1 ? [`--dp-size ${ranks}`] : []),
    ...(shared ? ["--enable-dp-attention"] : []),
    ...(expert > 1 ? [`--ep-size ${expert}`] : []),
    ...(adapters === undefined ? [] : ["--enable-lora"]),
  ];
}

/** Tokens of a chunk, and those of the whole cache where it is given. */
function chunk({ engine, memory }: Pool): readonly string[] {
  const { chunkedPrefill, maxBatchedTokens, blocks, blockTokens } = engine;
  return [
    `--chunked-prefill-size ${chunkedPrefill === "off" ? -1 : maxBatchedTokens}`,
    ...(blocks === memory.blocks ? [] : [`--max-total-tokens ${blocks * blockTokens}`]),
  ];
}
