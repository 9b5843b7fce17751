/**
 * Operators of a transformer layer: what one accelerator executes for one layer, shapes already divided by the
 * parallel degrees. A layer is a list of these; time, FLOP and kept activations follow from the list.
 */

import type { PassKind } from "../../catalog/calibration/kernels.ts";
import type { AttentionShape } from "../kernel.ts";

/** What an operator is reported under. */
export type Part =
  | "matrix"
  | "attention"
  | "experts"
  | "elementwise"
  | "quantize"
  | "recurrent"
  | "unpack"
  | "adapters";

/** Modules that recompute can throw away; `always` is never recomputed on its own. */
export type Module =
  | "attention-core"
  | "layer-norm"
  | "mlp"
  | "moe"
  | "expert-activation"
  | "latent-up-projection"
  | "attention"
  | "always";

interface Common {
  readonly name: string;
  readonly modules: readonly Module[];
}

/** y[m,n] = x[m,k] W[k,n]; backward makes dx = dy W' and dW = x' dy. */
export interface MatrixOperator extends Common {
  readonly kind: "matrix";
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Runs in the layer's low-precision recipe, or always in 16 bit. */
  readonly recipe: "layer" | "16-bit";
}

/** Expert products of one rank: rows x k times k x n for each of `groups` experts. */
export interface ExpertOperator extends Common {
  readonly kind: "experts";
  readonly groups: number;
  readonly rows: number;
  readonly n: number;
  readonly k: number;
  readonly imbalance: number;
}

export interface AttentionOperator extends Common {
  readonly kind: "attention";
  readonly shape: AttentionShape;
  /** Context-parallel ranks that share the (causally balanced) core of the shape. */
  readonly sharedBy: number;
  /** What one rank takes for its part, where that is not the shape's time over the ranks that share it. */
  readonly time?: { readonly forward: number; readonly backward: number; readonly launches: number };
}

/** Batched score products of unfused attention: `count` products of m x n x k. */
export interface BatchedOperator extends Common {
  readonly kind: "batched";
  readonly count: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Memory-bound pass: bytes moved forward and backward, and the kernels they take. */
export interface PassOperator extends Common {
  readonly kind: "pass";
  readonly part: "elementwise" | "quantize";
  /** What the kernels do: separate ones fall short of streaming speed each in their way. */
  readonly pass: PassKind;
  readonly forwardBytes: number;
  readonly backwardBytes: number;
  readonly forwardKernels: number;
  readonly backwardKernels: number;
  /** Of these, kernels of a loop over experts. */
  readonly looped?: { readonly forward: number; readonly backward: number };
}

/** Scan of a recurrent mixer (chunked form). */
export interface RecurrentOperator extends Common {
  readonly kind: "recurrent";
  readonly flop: number;
  /** Elements of the short convolution in front of the scan: read and written once. */
  readonly convolutionBytes: number;
}

/** Low-rank adapter beside a projection: x A, then B; sizes of this rank. */
export interface AdapterOperator extends Common {
  readonly kind: "adapter";
  readonly rows: number;
  readonly in: number;
  /** Columns of A on this rank, and rows of B. */
  readonly rankIn: number;
  readonly rank: number;
  readonly out: number;
  /** Elements of the passes over its input (dropout, gradient) and its output (scaling, addition). */
  readonly inputElements: number;
  readonly outputElements: number;
  readonly dropout: "on" | "off";
  /** Pairs of factors on this rank: 1, or one for each local expert. */
  readonly groups: number;
  readonly imbalance: number;
}

export type Operator =
  | MatrixOperator
  | ExpertOperator
  | AttentionOperator
  | BatchedOperator
  | PassOperator
  | RecurrentOperator
  | AdapterOperator;

/** How one layer is divided, and how much of a batch one rank sees. */
export interface LayerShard {
  readonly tensor: number;
  readonly sequenceParallel: "on" | "off";
  readonly context: number;
  readonly expert: number;
  readonly expertTensor: number;
  /** Sequences of the micro-batch. */
  readonly sequences: number;
  /** Tokens of each whole sequence. */
  readonly sequenceLength: number;
}

/** How elementwise and attention work is executed. */
export interface LayerStyle {
  readonly attention: "flash" | "flash-1" | "unfused" | "cudnn";
  /** engine: the separate kernels of inference engines; the others as training stacks name them. */
  readonly elementwise: "eager" | "fused" | "transformer-engine" | "compiled" | "engine";
  readonly dropout: "on" | "off";
  /** Rotary position embedding of queries and keys: none, one kernel, or operation by operation. */
  readonly rotary: "off" | "fused" | "separate";
  readonly expertImbalance: number;
  /** Biases and gates of routed experts as passes of their own, where the model has such biases. */
  readonly expertBias: "separate" | "fused";
  /** Where epilogues add up the gradients of experts' biases. */
  readonly expertBiasSums: "registers" | "memory";
  /** Copies of the routed tokens that sorting makes on each side of the exchange: 2 where it is a pass of its own. */
  readonly permutePasses: number;
  /** Rows of an expert are filled up to a multiple of this for block-scaled products; 1 leaves them as they are. */
  readonly rowAlignment: number;
  /** Filling rows up, and taking the filling away, as copies of their own, or inside the sorting. */
  readonly rowFilling: "separate" | "fused";
  /** Scores, choice and its bookkeeping as one kernel of Transformer Engine, or operation by operation. */
  readonly router: "fused" | "separate";
  /**
   * Inputs of gated delta nets: absent where one product makes them all; separate where beta and decay have one of their
   * own; as stored where every matrix of the checkpoint has.
   */
  readonly deltaInputs?: "separate" | "as-stored";
  /** Bytes that adding up gradients over micro-batches moves for each weight, in passes of their own; 0 without any. */
  readonly accumulationBytes: number;
}
