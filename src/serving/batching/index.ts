/** All batching policies. */

import { type Registry, registry } from "../../base/registry.ts";
import type { BatchingPolicy } from "./policy.ts";
import { sarathi } from "./sarathi.ts";
import { sglang } from "./sglang.ts";
import { tensorrtLlm } from "./tensorrt-llm.ts";
import { vllm } from "./vllm.ts";
import { vllmV0 } from "./vllm-v0.ts";

export type { Batching, BatchingPolicy } from "./policy.ts";

export const batchingPolicies: Registry<BatchingPolicy> = registry("batching policy", [
  vllm,
  sglang,
  tensorrtLlm,
  vllmV0,
  sarathi,
]);
