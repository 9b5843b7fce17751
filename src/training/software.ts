/**
 * What a training stack does: which overlaps and kernels exist. Data, not code; entries live in `software/`,
 * named `name@version`. A scenario may write one inline with `extends:` and change fields.
 */

export type Switch = "on" | "off";

export interface SoftwareProfile {
  /** `megatron-core`. */
  readonly name: string;
  /** `2024.07`. */
  readonly version: string;
  readonly label: string;
  readonly kernels: {
    /** flash: scores are never stored; unfused: scores, softmax and dropout are separate passes over s x s. */
    readonly attention: "flash" | "flash-1" | "unfused" | "cudnn";
    /** How elementwise work is done: eager (one kernel an operation), fused (hand-fused kernels of 2021), Transformer Engine, compiled. */
    readonly elementwise: "eager" | "fused" | "transformer-engine" | "compiled";
    /** Biases and gates of routed experts: passes of their own (split by expert, in 32 bit), or in the products' epilogues. */
    readonly expertBias: "separate" | "fused";
    /** Where epilogues add up the gradients of experts' biases: in registers, or spilled to memory (CUTLASS DSL 4.5). */
    readonly expertBiasSums: "registers" | "memory";
    /** Routing as one kernel, or operation by operation. */
    readonly router: "fused" | "separate";
    /** Sorting routed rows by expert: passes of their own, or inside HybridEP's copy. */
    readonly permutation: "separate" | "in-copy";
    /** Filling experts' rows up to the multiple that block-scaled products need: copies of their own, or while sorting. */
    readonly rowFilling: "separate" | "fused";
    /** Routing weights multiply the experts' outputs, which are kept for their gradient, or inside the activation. */
    readonly expertWeights: "outputs" | "activation";
    /** What is kept of the inputs of a feed-forward activation. */
    readonly activationInputs: "16-bit" | "8-bit";
    /** Gradients of micro-batches add up in the weight gradient's product (or once sharded), or in passes of their own. */
    readonly gradientAccumulation: "product" | "separate";
    readonly crossEntropy: "eager" | "fused";
    /** Full recompute runs a layer's whole forward again, or stops once every saved input is back. */
    readonly recompute: "whole" | "needed";
    /** Dropout layers active in the run (old GPT recipes). */
    readonly dropout: Switch;
  };
  readonly overlap: {
    /**
     * Tensor-parallel gathers and scatters under the products: in chunks (on: userbuffers; asynchronous: by copy engines,
     * as PyTorch does), or tile by tile inside the products' kernels (fused).
     */
    readonly tensor: Switch | "asynchronous" | "fused";
    /** Gradients of a column-parallel input travel under its weight-gradient product (Megatron's asynchronous form). */
    readonly tensorGradient: Switch;
    readonly gradientReduce: Switch;
    readonly parameterGather: Switch;
    readonly pipeline: Switch;
    /** Gradients down, update on the host and weights up run beside one another, and beside the accelerator's update. */
    readonly optimizerOffload: Switch;
    /** Expert all-to-all under the computation of another micro-batch. */
    readonly expert: Switch;
    /** Expert all-to-all under the shared experts of the same layer. */
    readonly sharedExpert: Switch;
  };
  readonly cudaGraphs: "none" | "partial" | "full";
  /** What partial graphs capture; absent: all whose shapes are known before the router has run. */
  readonly cudaGraphScope?: readonly GraphModule[];
  /** How context-parallel ranks exchange keys and values. */
  readonly contextExchange: "ring" | "all-gather" | "all-to-all" | "hierarchical";
  readonly dispatcher: "all-to-all" | "all-gather" | "deepep" | "hybridep";
  /** Multiprocessors that DeepEP's and HybridEP's copies occupy; absent: 24 and 16, their defaults. */
  readonly dispatchMultiprocessors?: number;
  /** dropless: experts take every token they are sent; capacity: each a fixed number, padded or dropped. */
  readonly routing: "dropless" | "capacity";
  /** With a capacity: rows of an expert over the mean; absent is 1. */
  readonly capacityFactor?: number;
  readonly bytes: {
    /** Per parameter: stored gradient, reduced gradient on the wire, gathered parameter on the wire. */
    readonly gradient: number;
    readonly gradientReduce: number;
    readonly parameterGather: number;
    readonly master: number;
    /** Both moments together. */
    readonly moments: number;
  };
  readonly state: {
    /** Full sharding: the 32-bit shard is the weight (FSDP), or a 16-bit shard lies beside it (ZeRO-3, Megatron-FSDP). */
    readonly weightShard: "master" | "copy";
    /**
     * Sharded gradients are reduced in every micro-batch, after the p that a chunk of an interleaved pipeline runs in a
     * row (every one without interleaving), or kept whole and reduced once a step.
     */
    readonly reduceEvery: "micro-batch" | "round" | "step";
    /** The block that the backward pass needs first is resharded like the others, or kept (FSDP2). */
    readonly lastBlock: "resharded" | "kept";
    /** Sharding of gradients alone: weights whole between steps, or sharded and gathered in every micro-batch. */
    readonly gradients: "zero-2" | "shard-grad-op";
    /** Backward gathers a block's weights before the block before it computes, or after. */
    readonly prefetch: "before" | "after";
  };
  /** Worst rank over mean tokens of routed experts; 1 is forced balance. */
  readonly expertImbalance: number;
  /** What the update is: Adam with two moments, Muon on matrices and Adam elsewhere, or momentum alone. */
  readonly optimizerRule: "adam" | "muon" | "sgd";
  /** How the optimizer update runs: one fused kernel, multi-tensor kernels, or one kernel an operation. */
  readonly optimizer: "fused" | "multi-tensor" | "eager";
  /** Who launches kernels and how long each launch takes: key into the calibrated launch constants. */
  readonly host: "megatron" | "fsdp" | "xla";
  readonly sources: readonly string[];
}

/** Parts of a layer that graphs capture: its mixer, the router with shared experts, a dense feed-forward network. */
export type GraphModule = "attention" | "recurrent" | "router" | "feed-forward";
