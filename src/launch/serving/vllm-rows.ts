/** Arguments of vLLM for the keys of a scenario; its YAML has the same words. @source vllm-engine */

import { vllmGraphSizes } from "../../serving/step/engine-kernels.ts";
import { countRow, flagRow, type Row, refusalRow, wordRow } from "../rows.ts";
import { largestRow, pairRows, shareRow, sizesRow, tokensRow } from "./row-kinds.ts";

const engine = "serving.engine";

/** The older flag: one number stands for 1, 2, 4 and every 8 up to it. @source vllm-engine */
function everyEight(most: number): readonly number[] {
  const sizes = [1, 2, 4];
  for (let size = 8; size <= most; size += 8) sizes.push(size);
  return sizes.filter((size) => size <= most);
}

export const vllmRows: readonly Row[] = [
  countRow("serving.tensor", ["tensor-parallel-size", "tp"]),
  countRow("serving.pipeline", ["pipeline-parallel-size", "pp"]),
  tokensRow(`${engine}.maxBatchedTokens`, ["max-num-batched-tokens"]),
  tokensRow(`${engine}.maxSequences`, ["max-num-seqs"]),
  tokensRow(`${engine}.maxLength`, ["max-model-len"]),
  countRow(`${engine}.blockTokens`, ["block-size"]),
  countRow(`${engine}.cacheBlocks`, ["num-gpu-blocks-override"]),
  shareRow(`${engine}.memoryUtilization`, ["gpu-memory-utilization"]),
  shareRow(`${engine}.watermark`, ["watermark"]),
  ...pairRows(
    `${engine}.chunkedPrefill`,
    { on: ["enable-chunked-prefill"], off: ["no-enable-chunked-prefill"] },
    flagRow,
    refusalRow,
  ),
  tokensRow(`${engine}.longPrefillThreshold`, ["long-prefill-token-threshold"]),
  ...pairRows(
    `${engine}.prefixCaching`,
    { on: ["enable-prefix-caching"], off: ["no-enable-prefix-caching"] },
    flagRow,
    refusalRow,
  ),
  ...pairRows(`${engine}.hostOverlap`, { on: ["async-scheduling"], off: ["no-async-scheduling"] }, flagRow, refusalRow),
  reservationRow("scheduler-reserve-full-isl", { on: "whole-prompt", off: "chunk" }),
  reservationRow("no-scheduler-reserve-full-isl", { on: "chunk", off: "whole-prompt" }),
  wordRow(`${engine}.queueOrder`, ["scheduling-policy"], { fcfs: "arrival", priority: "priority" }),
  wordRow(`${engine}.precision`, ["quantization", "q"], {
    fp8: "fp8",
    modelopt: "fp8",
    fbgemm_fp8: "fp8",
    modelopt_fp4: "nvfp4",
    nvfp4: "nvfp4",
    mxfp4: "mxfp4",
    awq: "int4",
    awq_marlin: "int4",
    gptq: "int4",
    gptq_marlin: "int4",
    experts_int8: "int8",
  }),
  wordRow(`${engine}.cachePrecision`, ["kv-cache-dtype"], {
    fp8: "fp8",
    fp8_e4m3: "fp8",
    fp8_e5m2: "fp8",
    bfloat16: "bf16",
  }),
  refusalRow(`${engine}.graphs`, ["enforce-eager"]),
  sizesRow(`${engine}.graphSizes`, ["cudagraph-capture-sizes"]),
  sizesRow(`${engine}.graphSizes`, ["cuda-graph-sizes"], everyEight),
  largestRow(`${engine}.graphSizes`, ["max-cudagraph-capture-size"], vllmGraphSizes),
  tokensRow(`${engine}.adapterSlots`, ["max-loras"]),
  tokensRow(`${engine}.adapterRank`, ["max-lora-rank"]),
];

function reservationRow(name: string, words: { readonly on: string; readonly off: string }): Row {
  const { read, ...row } = flagRow(`${engine}.reservation`, [name]);
  return {
    ...row,
    read: (sheet, setting) => {
      const said = read(sheet, setting);
      return said === "on" ? words.on : said === "off" ? words.off : undefined;
    },
    write: (value) => (value === words.on ? true : undefined),
  };
}
