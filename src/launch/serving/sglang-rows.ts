/** Arguments of SGLang for the keys of a scenario. @source sglang-server-args */

import { countRow, flagRow, type Row, refusalRow, wordRow } from "../rows.ts";
import { shareRow, sizesRow, tokensRow } from "./row-kinds.ts";

const engine = "serving.engine";

export const sglangRows: readonly Row[] = [
  countRow("serving.pipeline", ["pp-size", "pipeline-parallel-size", "pp"]),
  tokensRow(`${engine}.maxSequences`, ["max-running-requests"]),
  tokensRow(`${engine}.maxLength`, ["context-length"]),
  countRow(`${engine}.blockTokens`, ["page-size"]),
  shareRow(`${engine}.memoryUtilization`, ["mem-fraction-static"]),
  refusalRow(`${engine}.prefixCaching`, ["disable-radix-cache"]),
  refusalRow(`${engine}.hostOverlap`, ["disable-overlap-schedule"]),
  flagRow(`${engine}.mixedChunk`, ["enable-mixed-chunk"]),
  tokensRow(`${engine}.maxPrefillTokens`, ["max-prefill-tokens"]),
  countRow(`${engine}.receiveInterval`, ["scheduler-recv-interval"]),
  wordRow(`${engine}.queueOrder`, ["schedule-policy"], { fcfs: "arrival", lpm: "longest-prefix" }),
  priorityRow("enable-priority-scheduling"),
  wordRow(`${engine}.precision`, ["quantization"], {
    fp8: "fp8",
    w8a8_fp8: "fp8",
    modelopt: "fp8",
    modelopt_fp8: "fp8",
    modelopt_fp4: "nvfp4",
    mxfp4: "mxfp4",
    awq: "int4",
    awq_marlin: "int4",
    gptq: "int4",
    gptq_marlin: "int4",
    w8a8_int8: "int8",
  }),
  wordRow(`${engine}.cachePrecision`, ["kv-cache-dtype"], {
    fp8_e4m3: "fp8",
    fp8_e5m2: "fp8",
    bf16: "bf16",
    bfloat16: "bf16",
  }),
  refusalRow(`${engine}.graphs`, ["disable-cuda-graph"]),
  sizesRow(`${engine}.graphSizes`, ["cuda-graph-bs"]),
  tokensRow(`${engine}.adapterSlots`, ["max-loras-per-batch"]),
  tokensRow(`${engine}.adapterRank`, ["max-lora-rank"]),
];

function priorityRow(name: string): Row {
  const { read, ...row } = flagRow(`${engine}.queueOrder`, [name]);
  return {
    ...row,
    read: (sheet, setting) => (read(sheet, setting) === "on" ? "priority" : undefined),
    write: (value) => (value === "priority" ? true : undefined),
  };
}
