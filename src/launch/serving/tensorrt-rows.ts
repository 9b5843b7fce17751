/** Arguments of trtllm-serve, trtllm-bench and fields of their YAML for the keys of a scenario. @source tensorrt-llm-arguments */

import { countRow, flagRow, type Row, refusalRow, wordRow } from "../rows.ts";
import { iterationsRow, shareRow, sizesRow, tokensRow } from "./row-kinds.ts";

const engine = "serving.engine";
const cache = "kv_cache_config";

/** Fields first, which are written; arguments behind them. */
export const tensorrtRows: readonly Row[] = [
  countRow("serving.pipeline", ["pipeline_parallel_size", "pp_size", "pp"]),
  tokensRow(`${engine}.maxBatchedTokens`, ["max_num_tokens"]),
  tokensRow(`${engine}.maxSequences`, ["max_batch_size"]),
  tokensRow(`${engine}.maxLength`, ["max_seq_len"]),
  countRow(`${engine}.blockTokens`, [`${cache}.tokens_per_block`]),
  shareRow(`${engine}.memoryUtilization`, [
    `${cache}.free_gpu_memory_fraction`,
    "kv_cache_free_gpu_memory_fraction",
    "kv_cache_free_gpu_mem_fraction",
    "free_gpu_memory_fraction",
  ]),
  fieldRow(`${engine}.chunkedPrefill`, ["enable_chunked_prefill", "enable_chunked_context"]),
  fieldRow(`${engine}.prefixCaching`, [`${cache}.enable_block_reuse`]),
  refusalRow(`${engine}.hostOverlap`, ["disable_overlap_scheduler"]),
  wordRow(`${engine}.capacityPolicy`, ["scheduler_config.capacity_scheduler_policy"], {
    guaranteed_no_evict: "guaranteed-no-evict",
    max_utilization: "max-utilization",
  }),
  fieldRow(`${engine}.balance`, ["attention_dp_config.enable_balance"]),
  iterationsRow(`${engine}.balanceTimeout`, ["attention_dp_config.timeout_iters"]),
  iterationsRow(`${engine}.balanceWait`, ["attention_dp_config.batching_wait_iters"]),
  iterationsRow(`${engine}.batchWaitIterations`, ["batch_wait_timeout_iters"]),
  shareRow(`${engine}.batchWaitShare`, ["batch_wait_max_tokens_ratio"], "read"),
  wordRow(`${engine}.precision`, ["quant_config.quant_algo"], {
    fp8: "fp8",
    fp8_block_scales: "fp8-block",
    nvfp4: "nvfp4",
    w4a16_awq: "int4",
    w8a16: "int8",
    w4a16_mxfp4: "mxfp4",
  }),
  wordRow(`${engine}.cachePrecision`, [`${cache}.dtype`, "kv_cache_dtype"], { fp8: "fp8", bfloat16: "bf16" }),
  sizesRow(`${engine}.graphSizes`, ["cuda_graph_config.batch_sizes"]),
];

/** A switch whose field says on and off. */
function fieldRow(key: string, names: readonly string[]): Row {
  return {
    ...flagRow(key, names),
    write: (value) => (value === "on" ? true : value === "off" ? false : undefined),
  };
}
