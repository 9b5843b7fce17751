/** Keys of DeepSpeed's JSON and arguments of the Trainer that change no step as it is modelled, and those that do. */

import { chance, checking, evaluation, learning, loading, logging, type ReasonRow, saving, starting } from "../idle.ts";
import { launcherIdle } from "../megatron/idle.ts";

export const deepspeedIdle: readonly ReasonRow[] = [
  ...launcherIdle,
  { pattern: /^(optimizer|scheduler)(\.|$)/, reason: learning },
  {
    pattern:
      /^(learning-rate|weight-decay|adam-.*|warmup-.*|num-warmup-steps|lr-scheduler.*|max-grad-norm|gradient-clipping|zero-allow-untested-optimizer|zero-force-ds-cpu-optimizer|lora-(alpha|learning-rate)|pref-(beta|ftx)|only-optimize-lora|dropout|disable-dropout|label-smoothing.*)$/,
    reason: learning,
  },
  {
    pattern: /^(num-train-epochs|max-steps|max-train-.*|num-epochs|total-num-steps)$/,
    reason: "the length of the run",
  },
  {
    pattern:
      /^(data-path|data-split|data-output-path|dataset.*|train-file|validation-file|preprocessing-.*|dataloader-.*|sft-only-data-path|remove-unused-columns|group-by-length|trust-remote-code|add-eot-token|template|overwrite-cache|packing)$/,
    reason: loading,
  },
  {
    pattern: /^(per-device-eval-batch-size|eval-.*|evaluation-.*|do-(train|eval|predict)|prediction-.*|validation-.*)$/,
    reason: evaluation,
  },
  {
    pattern: /^(output-dir|overwrite-output-dir|save-.*|load-best.*|resume-.*|hub-.*|push-.*|cache-dir|checkpoint.*)$/,
    reason: saving,
  },
  {
    pattern:
      /^(logging-.*|report-to|run-name|tensorboard.*|wandb.*|enable-tensorboard|print-loss|steps-per-print|wall-clock-breakdown|monitor-config.*|comms-config.*|comms-logger.*|flops-profiler.*|dump-state|plot-loss|disable-tqdm|tag)(\.|$)/,
    reason: logging,
  },
  {
    pattern: /^(seed|data-seed|local-rank|ddp-.*|master-port|no-local-rank|gradient-checkpointing-kwargs.*)$/,
    reason: chance,
  },
  {
    pattern:
      /^(fp16|bf16)\.(loss-scale.*|initial-scale-power|hysteresis|min-loss-scale|auto-cast|consecutive-hysteresis)$/,
    reason: "scaling of the loss",
  },
  {
    pattern:
      /^zero-optimization\.(allgather-partitions|allgather-bucket-size|reduce-scatter|reduce-bucket-size|contiguous-gradients|sub-group-size|stage3-(param-persistence-threshold|max-live-parameters|max-reuse-distance|gather.*|model-persistence-threshold)|round-robin-gradients|ignore-unused-parameters|memory-efficient-linear|prefetch-bucket-size|param-persistence-threshold)$/,
    reason: "sizes of buckets: their latency is part of the stack's constants",
  },
  {
    pattern: /^zero-optimization\.offload-(optimizer|param)\.(pin-memory|buffer-.*|fast-init|pipeline-.*|max-in-cpu)$/,
    reason: "a detail of offload",
  },
  {
    pattern: /^(deepspeed|enable-hybrid-engine|finetuning-type|quantization-method|low-cpu-mem-usage|tf32)$/,
    reason: "the implementation: a stack's profile stands for it",
  },
  {
    pattern:
      /^fsdp-(auto-wrap-policy|transformer-layer-cls-to-wrap|min-num-params|use-orig-params|cpu-ram-efficient-loading|sync-module-states|state-dict-type|forward-prefetch)$/,
    reason: "layers are wrapped one by one, as is usual",
  },
  { pattern: /^(machine-rank|main-process-(ip|port)|rdzv-backend|same-network|multi-gpu)$/, reason: starting },
  { pattern: /^(hostfile|include|exclude|master-addr|launcher)$/, reason: starting },
  { pattern: /^(ddp-timeout|timeout.*|debug)$/, reason: checking },
];

export const deepspeedUnmodelled: readonly ReasonRow[] = [
  {
    pattern: /^zero-optimization\.offload-(optimizer|param)\.nvme-path$/,
    reason: "state on NVMe is not modelled",
  },
  {
    pattern: /^zero-optimization\.zero-quantized-.*$/,
    reason: "what quantising costs is not modelled: predicted in 16 bits",
  },
  {
    pattern: /^zero-optimization\.(zero-hpz-partition-size|mics-.*)$/,
    reason: "groups of ranks inside ZeRO's are read with stage 3, and without a hierarchy of gathers",
  },
  { pattern: /^(fsdp-config|config-file)$/, reason: "this file is not read: state its settings with --set" },
  { pattern: /^activation-checkpointing\./, reason: "its partition and offload are not modelled" },
  { pattern: /^torch-compile-(backend|mode)$/, reason: "how kernels are compiled is not told apart" },
  { pattern: /^(galore|badam|use-galore|use-badam)(-.*)?$/, reason: "this optimizer is not modelled" },
];
