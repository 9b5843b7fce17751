/**
 * Calibrated constants of training steps. Kernel rates come from the kernel tables; these say what a training stack
 * and hours under load make of them. Fitted values, with the runs they were fitted on and their error on runs they
 * were not, are in `training.generated.ts`; the others say where they come from here.
 */

import type { Seconds } from "../../base/quantity.ts";

/** Values that `npm run calibrate training` fits on measured runs. */
export interface FittedTraining {
  /** Joules per FLOP of matrix products at the power limit, by generation and operand width. */
  readonly energy: {
    readonly ampere16: number;
    readonly hopper8: number;
    readonly blackwell8: number;
    readonly blackwell4: number;
  };
  /** Share of the dense peak that first-generation flash attention reaches on Ampere at head dimension 128. */
  readonly firstFlashShare: number;
  /**
   * Memory passes of eager FSDP stacks over fused ones (bias gradients, norm parameter gradients, copies of queries,
   * keys and values, a 32-bit residual are passes of their own).
   */
  readonly fsdpElementwise: number;
  /** Memory passes of Megatron stacks over those counted. */
  readonly megatronElementwise: number;
  /** Time of its own that one routed row costs each way between ranks. */
  readonly rowTime: Seconds;
  /** Host time per counted kernel without graphs, the framework's own work around each launch included. */
  readonly launch: Seconds;
  /** From the router's end, where the host waits for the routed block's shapes, to the block's first kernel. */
  readonly routedWait: Seconds;
  /** Attention rate of parts with doubled exponential units over the rest of their generation. */
  readonly fastSoftmaxGain: number;
  readonly provenance: readonly TrainingProvenance[];
}

export interface TrainingProvenance {
  readonly constants: readonly string[];
  readonly fittedOn: string;
  readonly rows: number;
  readonly families: readonly string[];
  /** Median and 90th percentile of |predicted / measured - 1| of step time. */
  readonly fitted: { readonly median: number; readonly p90: number; readonly bias: number };
  readonly judged: {
    readonly on: string;
    readonly rows: number;
    readonly median: number;
    readonly p90: number;
    readonly bias: number;
  };
}

/** Constants of the host and of what it runs beside. */
export interface StackConstants {
  /** Host time per counted kernel without graphs. */
  readonly launch: Seconds;
  /** Host time of a plain PyTorch operation, without a module of the framework around it. @source pytorch-dispatch */
  readonly operation: Seconds;
  /** From the router's end to the routed block's first kernel when the host waits for the shapes. */
  readonly sync: Seconds;
  /** Fixed work per step: data loading, loss, clipping. Assumed. */
  readonly perStep: Seconds;
  /** Computation lost per time of communication beside it. @source calculon */
  readonly interference: number;
  readonly elementwise: number;
  readonly shardedOverlap: number;
}

export interface TrainingCalibration {
  readonly firstFlash: {
    readonly share: number;
    /** Rate of Ampere's matrix instructions on Hopper over its own. @source luo-2024 */
    readonly withoutWarpGroups: number;
  };
  readonly stacks: Readonly<Record<"megatron" | "fsdp" | "xla", StackConstants>>;
  /** Step lost per doubling of nodes to ranks that finish at different times. @source jiang-2024-megascale */
  readonly jitter: number;
  readonly rowTime: Seconds;
  readonly fastSoftmaxGain: number;
}

/** All constants from a set of fitted ones; the fit itself walks over sets. */
export function trainingCalibrationOf(fitted: FittedTraining): TrainingCalibration {
  const operation = 10e-6;
  const host = { launch: fitted.launch, operation, sync: fitted.routedWait, perStep: 20e-3, interference: 0.15 };
  return {
    firstFlash: { share: fitted.firstFlashShare, withoutWarpGroups: 0.62 },
    stacks: {
      megatron: { ...host, elementwise: fitted.megatronElementwise, shardedOverlap: 1 },
      // Forward gathers and reductions run beside computation; with BACKWARD_POST, llm-foundry's setting, the backward
      // gathers start when the computation before them has ended: two of three transfers are covered.
      // @source llm-foundry-fsdp, pytorch-dispatch for the launch of a plain PyTorch module's kernel
      fsdp: { ...host, launch: operation, elementwise: fitted.fsdpElementwise, shardedOverlap: 2 / 3 },
      // XLA compiles the whole step: nothing is launched one by one, elementwise work is fused into its neighbours.
      xla: { launch: 0, operation: 0, sync: 0, perStep: 5e-3, interference: 0.05, elementwise: 0.8, shardedOverlap: 1 },
    },
    jitter: 0.002,
    rowTime: fitted.rowTime,
    fastSoftmaxGain: fitted.fastSoftmaxGain,
  };
}
