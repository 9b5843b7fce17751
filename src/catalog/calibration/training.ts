/**
 * Calibrated constants of training steps. Kernel rates come from the kernel tables; these say what a training stack
 * and hours under load make of them.
 */

export interface StackConstants {
  readonly launch: number;
  readonly sync: number;
  readonly perStep: number;
  readonly interference: number;
  readonly elementwise: number;
  readonly shardedOverlap: number;
}

export interface TrainingCalibration {
  /** First-generation flash attention over the tables' kernels, and what of it is left without warp-group instructions. */
  readonly firstFlash: { readonly share: number; readonly withoutWarpGroups: number };
  readonly stacks: Readonly<Record<"megatron" | "fsdp" | "xla" | "megatron-moe", StackConstants>>;
  readonly jitter: number;
  readonly perRow: number;
}

const megatron: StackConstants = {
  launch: 10e-6,
  sync: 100e-6,
  perStep: 20e-3,
  interference: 0.15,
  elementwise: 1,
  shardedOverlap: 1,
};

export const trainingCalibration: TrainingCalibration = {
  firstFlash: { share: 0.5, withoutWarpGroups: 0.6 },
  stacks: {
    megatron,
    "megatron-moe": megatron,
    fsdp: { launch: 9e-6, sync: 100e-6, perStep: 20e-3, interference: 0.15, elementwise: 1.35, shardedOverlap: 0.13 },
    xla: { launch: 0, sync: 0, perStep: 5e-3, interference: 0.05, elementwise: 0.8, shardedOverlap: 1 },
  },
  jitter: 0.002,
  perRow: 8e-9,
};
