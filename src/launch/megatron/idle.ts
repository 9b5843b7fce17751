/** Arguments of Megatron's scripts, and fields of its configurations, that change no step as it is modelled. */

import {
  chance,
  checking,
  evaluation,
  learning,
  loading,
  logging,
  paths,
  profiling,
  type ReasonRow,
  saving,
  starting,
} from "../idle.ts";

/** Launchers: torchrun, srun, SLURM. */
export const launcherIdle: readonly ReasonRow[] = [
  {
    pattern: /^(master-(addr|port)|node-rank|rdzv.*|rank|local-rank|standalone|max-restarts|log-dir|tee|redirects)$/,
    reason: starting,
  },
  { pattern: /^#sbatch /, reason: "the scheduler's business" },
  {
    pattern:
      /^(container-.*|output|error|job-name|partition|account|exclusive|mpi|l|u|label|export|c|m|n|p|N|w|no-container.*|ntasks.*|cpus-per-task|env|hostfile|num-workers-per-.*|include|exclude)$/,
    reason: starting,
  },
];

/** Arguments; the fields of configurations match behind their section. */
export const megatronIdle: readonly ReasonRow[] = [
  ...launcherIdle,
  {
    pattern:
      /(^|\.)(lr(-.*)?|min-lr|decoupled-(min-)?lr|weight-decay.*|start-weight-decay|end-weight-decay|adam-(beta[12]|eps)|betas.*|clip-grad|sgd-momentum|override-opt-param-scheduler|use-checkpoint-opt-param-scheduler|warmup)$/,
    reason: learning,
  },
  {
    pattern:
      /(^|\.)(init-method(-std)?|use-scaled-init-method|.*-init-method.*|layernorm-epsilon|norm-epsilon|loss-scale.*|initial-loss-scale|min-loss-scale|hysteresis|moe-aux-loss-coeff|moe-z-loss-coeff|moe-router-(load-balancing-type|bias-update-rate|topk-scaling-factor|pre-softmax|dtype|score-function|enable-expert-bias|num-groups|group-topk)|mtp-loss-scaling-factor|calculate-per-token-loss|apply-query-key-layer-scaling|do-layer-norm-weight-decay|muon-.*|qk-clip.*|native-amp-.*|gradient-clip-val)$/,
    reason: learning,
  },
  {
    pattern:
      /(^|\.)(train-(iters|samples)|rampup-batch-size|max-(steps|epochs|time)|exit-(duration-in-mins|interval|on-missing-checkpoint)|accumulate-grad-batches|time-limit|num-epochs|dependency)$/,
    reason: "the length of the run",
  },
  {
    pattern:
      /(^|\.)(data-path.*|vocab-file|merge-file|tokenizer-(model|type|name-or-path)|tokenizer|split|data-cache-path|data-impl|mock-data|train-data-path|valid-data-path|test-data-path|tiktoken-.*|index-mapping-dir|data-prefix.*|splits-string|skip-warmup|num-workers|dataloader-type|reset-(position-ids|attention-mask)|eod-mask-loss|no-create-attention-mask-in-dataloader|no-mmap-bin-files|create-attention-mask-in-dataloader|legacy-tokenizer|trust-remote-code|num-dataset-builder-threads)$/,
    reason: loading,
  },
  { pattern: /^(dataset|data|tokenizer|model\.data|model\.tokenizer)\./, reason: loading },
  {
    pattern:
      /(^|\.)(save.*|load.*|no-(load|save)-.*|ckpt-.*|checkpoint-.*|finetune|use-checkpoint-args|dist-ckpt-.*|async-save|auto-detect-ckpt-format|non-persistent-.*|resume-.*|pretrained-checkpoint|restore-from-path|use-dist-ckpt|no-initialization)$/,
    reason: saving,
  },
  { pattern: /^(checkpoint|exp-manager|inprocess-restart|ft|straggler|rerun-state-machine)(\.|$)/, reason: saving },
  {
    pattern:
      /(^|\.)(log-.*|tensorboard-.*|wandb-.*|timing-log-.*|no-log-.*|logging-level|logger|enable-checkpointing|enable-model-summary|mlflow-.*|comet-.*|one-logger-.*)$/,
    reason: logging,
  },
  { pattern: /^logger(\.|$)/, reason: logging },
  {
    pattern: /(^|\.)(eval-(iters|interval)|val-check-interval|limit-(val|test)-batches|skip-train|validation-.*)$/,
    reason: evaluation,
  },
  {
    pattern: /(^|\.)(profile.*|use-pytorch-profiler|nsys-profile.*|record-memory-history|use-nsys-profiler)$/,
    reason: profiling,
  },
  { pattern: /^(profiling|model\.nsys-profile)(\.|$)/, reason: profiling },
  {
    pattern:
      /(^|\.)(seed|data-parallel-random-init|use-cpu-initialization|te-rng-tracker|deterministic-mode|init-model-with-meta-device)$|^rng\./,
    reason: chance,
  },
  {
    pattern:
      /(^|\.)(check-for-.*|distributed-timeout-.*|distributed-backend|manual-gc.*|empty-unused-memory-level|no-check-for-.*|nccl-communicator-config-path|enable-megatron-core-experimental|enable-experimental|apex-transformer-log-level|onnx-safe|sync-batch-comm|gc-interval|align-grad-reduce|gpus-per-task)$/,
    reason: checking,
  },
  {
    pattern:
      /(^|\.)(rotary-(base|percent|interleaved|seq-len-interpolation-factor|scaling-factor|percentage)|rope-.*|use-rope-scaling|mscale.*|beta-(fast|slow)|original-max-position-embeddings|no-rope-fusion|normalization|apply-layernorm-1p|norm-type|scale-positional-embedding)$/,
    reason: "elementwise: counted the same whatever its constants",
  },
  {
    pattern:
      /(^|\.)(use-mcore-models|use-legacy-models|transformer-impl|mcore-gpt|megatron-amp-o2|transformer-engine|ddp-impl|export-te-mcore-model|attention-type|transformer-block-type|headscale|openai-gelu|normalize-attention-scores|pre-process|post-process|name|accelerator|use-distributed-sampler|replace-sampler-ddp|benchmark|hf-model-id)$/,
    reason: "the implementation: a stack's profile stands for it",
  },
  {
    pattern:
      /(^|\.)(no-)?(masked-softmax-fusion|bias-(gelu|swiglu|dropout|activation)-fusion|bias-dropout-add-fusion|gradient-accumulation-fusion|persist-layer-norm|apply-rope-fusion|grad-div-ar-fusion|cross-entropy-fusion-impl|moe-permute-fusion|moe-router-fusion|moe-grouped-gemm|bias-activation-fusion|average-in-collective|ddp-average-in-collective)$/,
    reason: "a fused kernel that the stack's profile has",
  },
  {
    pattern:
      /(^|\.)(fp8-(amax-history-len|amax-compute-algo|margin|interval|wgrad|format|e4m3|hybrid)|attention-softmax-in-fp32|fp32-residual-connection|fp16-lm-cross-entropy|use-emha|reduce-amax)$/,
    reason: "scaling constants of a recipe",
  },
  {
    pattern: /(^|\.)(make-vocab-size-divisible-by|should-pad-vocab)$/,
    reason: "padding of the vocabulary, which is left out",
  },
  {
    pattern:
      /(^|\.)(gradient-as-bucket-view|grad-allreduce-chunk-size-mb|bucket-cap-mb|contiguous-(grad|param)-buffer|ddp-bucket-size|ddp-num-buckets)$/,
    reason: "sizes of buckets: their latency is part of the stack's constants",
  },
  {
    pattern:
      /^(run|hydra|defaults.*|env-vars|optim\.sched|model\.optim\.sched|model\.optim|optim|optimizer|scheduler|profiling|dist)(\.|$)/,
    reason: learning,
  },
  { pattern: /(^|\.)(-target-|explicit-log-dir|results-dir|path-to-cache)$/, reason: paths },
];

/** Whole sections of configurations; a field in them that is read was read before. */
export const bridgeIdle: readonly ReasonRow[] = [
  {
    pattern:
      /^(optim|model\.optim|optimizer)\.(name|lr|min-lr|weight-decay|betas|eps|sched\..*|adam-.*|clip-grad|log-num-zeros.*|decoupled.*|bf16|fp16|params-dtype.*|optimizer|use-distributed-optimizer|overlap-param-gather.*|-target-)$/,
    reason: learning,
  },
  { pattern: /^peft\.(dropout-position|alpha|lora-.*|-target-|normalize.*|dtype|(peft-)?scheme)$/, reason: learning },
  {
    pattern: /(^|\.)(params-dtype|pipeline-dtype|autocast-(dtype|enabled)|grad-reduce-in-fp32|-call-|-target-)(\..*)?$/,
    reason: "follows from the precision",
  },
  { pattern: /^run\./, reason: paths },
];

/** What changes a step, and has no key in the language yet. */
export const megatronUnmodelled: readonly ReasonRow[] = [
  {
    pattern: /(^|\.)(delay-wgrad-compute|defer-embedding-wgrad-compute|wgrad-deferral-limit)$/,
    reason: "weight gradients put off are not modelled",
  },
  {
    pattern: /(^|\.)(outer-dp-sharding-strategy|enable-full-sharding-in-hsdp)$/,
    reason: "an optimizer sharded over copies of sharded weights is not modelled",
  },
  {
    pattern:
      /(^|\.)(distribute-saved-activations|fine-grained-activation-offloading|offload-modules|cpu-offloading-weights|moe-layer-recompute)$/,
    reason: "kept activations elsewhere are not modelled in this form",
  },
  {
    pattern: /(^|\.)(hybrid-context-parallel|max-seqlen-per-dp-cp-rank)$/,
    reason: "this form of context parallelism is not modelled",
  },
  {
    pattern:
      /(^|\.)(microbatch-group-size-per-vp-stage|overlap-p2p-comm-warmup-flush|batch-p2p-comm|num-micro-?batches-with-partial-activation-checkpoints|activations-checkpoint-layers-per-pipeline)$/,
    reason: "this detail of the pipeline is not modelled",
  },
  {
    pattern:
      /(^|\.)(nccl-ub|use-sharp|sharp-enabled-group|high-priority-stream-groups|fsdp-double-buffer|tp-comm-overlap-cfg|ub-tp-comm-overlap-cfg|tp-comm-bootstrap-backend|use-tp-pp-dp-mapping)$/,
    reason: "a detail of communication that is not modelled",
  },
  {
    pattern:
      /(^|\.)(window-size|window-attn-skip-freq|attention-output-gate|experimental-attention-variant|linear-attention-freq)$/,
    reason: "this attention cannot be read from a command: name the model with --model",
  },
];
