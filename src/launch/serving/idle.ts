/** Settings of engines and of the programs that load them which change neither time nor memory here, with the reason. */

import { chance, checking, logging, paths, profiling, type ReasonRow, starting } from "../idle.ts";

const interfaceReason = "what clients see, not how fast they are served";

/** Words that several engines share. */
export const engineIdle: readonly ReasonRow[] = [
  {
    pattern:
      /^(model|model-path|model-name|tokenizer|tokenizer-path|tokenizer-mode|tokenizer-worker-num|served-model-name|revision|tokenizer-revision|code-revision|download-dir|hf-config-path|model-impl|load-format|config-format|config|extra-llm-api-options|config-file)$/,
    reason: paths,
  },
  {
    pattern:
      /^(trust-remote-code|skip-tokenizer-init|hf-token|api-key|admin-api-key|allow-credentials|allowed-.*|ssl-.*|root-path|middleware|cors.*)$/,
    reason: interfaceReason,
  },
  {
    pattern:
      /^(host|port|uds|nccl-port|nccl-init-addr|dist-init-addr|master-addr|master-port|node-rank|data-parallel-(address|rpc-port|start-rank|rank|size-local|backend|hybrid-lb|external-lb)|headless|api-server-count|distributed-executor-backend|distributed-executor-config|distributed-backend|ray-.*|base-gpu-id|gpu-id-step|gpus-per-node|cluster-size|worker-.*-cls|server-role|metadata-server-config-file|orchestrator-type|numa-.*)$/,
    reason: starting,
  },
  {
    pattern:
      /^((no-)?(disable|enable)-log-(requests|stats|outputs|deltas)|disable-uvicorn-access-log|uvicorn-log-level|log-.*|show-time-cost|enable-metrics.*|enable-request-time-stats-logging|decode-log-interval|collect-detailed-traces|otlp-traces-endpoint|enable-trace|prompt-tokens-bucket|print-iter-log|print-iteration-log|enable-iter-perf-stats|enable-iter-req-stats|return-perf-metrics|perf-metrics-max-requests|max-log-len|crash-dump-folder|kv-events-config|enable-server-load-tracking)$/,
    reason: logging,
  },
  { pattern: /^(seed|random-seed|enable-deterministic-inference|sampling-seed)$/, reason: chance },
  {
    pattern:
      /^(watchdog-timeout|dist-timeout|skip-server-warmup|warmups|fail-fast-on-attention-window-too-large|build-timeout)$/,
    reason: checking,
  },
  { pattern: /^(profiler-config|enable-profile.*|enable-layerwise-nvtx.*)$/, reason: profiling },
  {
    pattern:
      /^(chat-template.*|(enable-auto-)?tool-choice|enable-auto-tool-choice|tool-call-parser|tool-server|tool-parser.*|reasoning-parser.*|enable-reasoning|response-role|generation-config|override-generation-config|sampling-defaults|preferred-sampling-params|max-logprobs|logits-processors|logits-processor-pattern|guided-decoding-backend|guided-decoding-config|grammar-backend|structured-outputs-config.*|constrained-json-.*|return-token(s-as-token)?-ids|enable-prompt-tokens-details|enable-request-id-headers|enable-force-include-usage|completion-template|lora-modules|lora-paths|is-embedding|enable-cache-report|file-storage-path|limit-mm-per-prompt|mm-.*|interleave-mm-strings|media-io-kwargs|enable-multimodal|disable-fast-image-processor|keep-mm-.*|language-model-only|num-postprocess-workers|postprocess-tokenizer-dir|stream-output)$/,
    reason: interfaceReason,
  },
  {
    pattern:
      /^(swap-space|use-v2-block-manager|disable-frontend-multiprocessing|enable-lora|enable-sleep-mode|block-allocator|device|device-id|ipc|daemon|rm)$/,
    reason: "nothing that an engine of these versions does differently while it serves",
  },
  { pattern: /^dtype$/, reason: "activations are in 16 bits" },
  { pattern: /^cuda-graph-config\.enable-padding$/, reason: "batches are padded to the captured sizes" },
  { pattern: /^backend$/, reason: "the engine's PyTorch backend is what is modelled" },
];

/** Of the program that sends requests. */
export const benchIdle: readonly ReasonRow[] = [
  {
    pattern:
      /^bench --(model|model-path|model-name|tokenizer|tokenizer-mode|served-model-name|backend|endpoint|endpoint-type|base-url|host|port|header|api-key|use-chat-template|trust-remote-code|bench-serving-dir|tp|pp|ep|extra-llm-api-options|config|streaming|kv-cache-free-gpu-mem-fraction|max-batch-size|max-num-tokens|max-seq-len|engine-dir)$/,
    reason: "how the engine is reached, or said of the engine already",
  },
  {
    pattern:
      /^bench --(dataset|dataset-name|dataset-path|hf-.*|custom-.*|output|stdout|skip-chat-template|apply-chat-template|sharegpt-context-len|extra-inputs)$/,
    reason: "which texts are sent: only their lengths are predicted from",
  },
  {
    pattern:
      /^bench --(save-result|save-detailed|append-result|result-dir|result-filename|metadata|label|percentile-metrics|metric-percentiles|goodput|report-json|iteration-log|request-json|output-file|output-details|print-requests|disable-tqdm|plot-.*|result-.*)$/,
    reason: logging,
  },
  { pattern: /^bench --(seed|random-seed|task-id)$/, reason: chance },
  {
    pattern:
      /^bench --(profile|server-pid|num-warmups|warmup|warmup-requests|ready-check-timeout-sec|disable-warmup|flush-cache)$/,
    reason: "not part of what is measured",
  },
  {
    pattern:
      /^bench --(ignore-eos|disable-ignore-eos|disable-stream|temperature|top-p|top-k|min-p|logprobs|best-of|use-beam-search|eos-id|extra-request-body|extra-body|random-batch-size)$/,
    reason: "answers are as long as they are said to be",
  },
];

/** Settings of several engines that have an effect, and no counterpart. */
export const engineUnmodelled: readonly ReasonRow[] = [
  {
    pattern:
      /^(attention-backend|attention-config|prefill-attention-backend|decode-attention-backend|sampling-backend|fp8-gemm-backend|fp8-gemm-runner-backend|fp4-gemm-backend|moe-runner-backend|moe-backend|moe-config\..*|attn-backend|enable-flashinfer-.*|enable-fused-.*|flashinfer-.*|nvfp4-gemm-config\..*|triton-.*|speculative-moe-.*)$/,
    reason: "which kernels run: those that the engine's times were calibrated with are taken",
  },
  {
    pattern:
      /^(compilation-config(\..*)?|o|cc\..*|optimization-level|torch-compile-config(\..*)?|enable-torch-compile|torch-compile-max-bs|enable-piecewise-.*|disable-piecewise-.*|performance-mode|additional-config|hf-overrides|json-model-override-args)$/,
    reason: "what is compiled is as the engine's version does by itself",
  },
  {
    pattern:
      /^(disable-custom-all-reduce|enable-nccl-nvls|enable-mscclpp|enable-symm-mem|enable-torch-symm-mem|allreduce-strategy|enable-dp-lm-head|moe-dense-tp-size|moe-a2a-backend|all2all-backend|deepep-.*|enable-deepep-moe|enable-two-batch-overlap|enable-single-batch-overlap|enable-dbo|dbo-.*|ubatch-size|tbo-.*|enable-eplb|eplb-.*|ep-num-redundant-experts|ep-dispatch-.*|init-expert-location|expert-placement-strategy|expert-distribution-.*|decode-context-parallel-size|dcp|prefill-context-parallel-size|attn-cp-size|moe-cluster-parallel-size|moe-tensor-parallel-size|context-parallel-size|enable-ep-watchdog|nnodes-per-replica)$/,
    reason: "a detail of communication that is not modelled",
  },
  {
    pattern:
      /^(stream-interval|num-continuous-decode-steps|num-scheduler-steps|multi-step-stream-outputs|max-num-partial-prefills|max-long-partial-prefills|schedule-conservativeness|prefill-max-requests|max-queued-requests|batch-wait-timeout-ms|stream-buffer-.*|enable-dynamic-chunking|load-balance-method|preemption-mode|scheduler-cls|disable-hybrid-kv-cache-manager|enable-adaptive-.*|request-timeout|scheduler-config\.(context-chunking-policy|dynamic-batch-config.*|use-python-scheduler))$/,
    reason: "this detail of scheduling is not modelled",
  },
  {
    pattern:
      /^(cpu-offload-gb|cpu-offload-params|offload-.*|enable-memory-saver|delete-ckpt-after-loading|kv-cache-memory-bytes|kv-cache-config\.(max-gpu-total-bytes|sink-token-length|max-attention-window.*|event-buffer-max-size|enable-partial-reuse|copy-on-partial-reuse|secondary-offload-min-priority|cross-kv-cache-fraction|use-uvm|mamba-.*))$/,
    reason: "this use of memory is not modelled",
  },
  {
    pattern:
      /^(kv-transfer-config|ec-transfer-config|disaggregation-.*|pdlb-url|enable-hierarchical-cache|hicache-.*|enable-lmcache|kv-offloading-.*|kv-connector-config.*|cache-transceiver-config.*|kv-cache-config\.(host-cache-size|onboard-blocks)|prefix-caching-hash-algo|radix-eviction-policy)$/,
    reason: "tiers and hand-over of the cache: write serving.cache or serving.pools by hand",
  },
  {
    pattern: /^(speculative-.*|spec-.*|num-speculative-tokens|decoding-type)(\..*)?$/,
    reason: "this detail of drafting is not modelled",
  },
  {
    pattern:
      /^(max-cpu-loras|fully-sharded-loras|lora-(dtype|extra-vocab-size|backend|target-modules|eviction-policy)|max-loaded-loras|lora-config.*|enable-lora-overlap-loading)$/,
    reason: "adapters beyond their slots and rank are not modelled",
  },
  {
    pattern:
      /^(cuda-graph-config\.max-batch-size|disable-cuda-graph-padding|cuda-graph-max-bs|enable-profile-cuda-graph|use-cuda-graph|cuda-graph-padding-enabled)$/,
    reason: "captured sizes are those that the engine takes by itself",
  },
  {
    pattern:
      /^(quantization-param-path|modelopt-.*|torchao-config|quant-config.*|calculate-kv-scales|rl-quant-profile)$/,
    reason: "formats are those of --quantization, or as published",
  },
  {
    pattern:
      /^bench --(ramp-up-.*|lora-.*|max-outstanding-requests|target-input-len|target-output-len|gsp-.*|sharegpt-.*|blazedit-.*|random-mm-.*|random-image-.*|image-.*|prefix-repetition-.*|beam-width|concurrency-.*|mooncake-.*|use-trace-timestamps)$/,
    reason: "this load is not modelled: write workload.requests by hand",
  },
];
