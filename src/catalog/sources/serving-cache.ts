/** Sources of cache tiers and of hand-off between prefill and decode pools. */

import type { Source } from "./source.ts";

const read = "2026-11";

export const servingCacheSources: Readonly<Record<string, Source>> = {
  "vllm-offloading": {
    title: "vLLM: the offloading connector and its managers of blocks below the accelerator",
    year: 2026,
    where:
      "vllm/v1/kv_offload (lookup, touch in reverse order, prepare and complete of loads and stores), kv_connector/v1/offloading_connector.py",
    url: "https://github.com/vllm-project/vllm",
    date: read,
    kind: "source-code",
  },
  "sglang-hicache": {
    title: "SGLang HiCache: design of the hierarchical cache (write-through, write-back, selective; staged prefetch)",
    year: 2026,
    where: "docs.sglang.io: HiCache system design and optimization",
    url: "https://docs.sglang.io/advanced_features/hicache_design.html",
    date: read,
    kind: "documentation",
  },
  "vllm-disaggregated-prefill": {
    title: "vLLM: disaggregated prefilling; decode instances fetch all but the last token of a prompt",
    year: 2026,
    where: "docs.vllm.ai: features/disagg_prefill; vllm/v1/core/sched/scheduler.py, WAITING_FOR_REMOTE_KVS",
    url: "https://docs.vllm.ai/en/latest/features/disagg_prefill/",
    date: read,
    kind: "documentation",
  },
  "mooncake-vllm-pd": {
    title: "Mooncake documentation: vLLM prefill/decode hand-off on H800, transfer times by prompt length",
    year: 2025,
    where: "docs: performance of the vLLM v1 integration; 0.4 ms + bytes / 145 GB/s fits its rows",
    url: "https://kvcache-ai.github.io/Mooncake/",
    date: read,
    kind: "measurement",
  },
  "dynamo-conditional-disaggregation": {
    title: "NVIDIA Dynamo: conditional disaggregation by effective prompt length",
    year: 2026,
    where: "docs.nvidia.com/dynamo: advanced-customizations/conditional-disaggregation",
    url: "https://docs.nvidia.com/dynamo/advanced-customizations/conditional-disaggregation",
    date: read,
    kind: "documentation",
  },
};
