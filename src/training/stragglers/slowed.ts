/**
 * What a slow place does to its neighbours' numbers: kernels that take longer, and the pipeline of a replica some of
 * whose stages are slow.
 */

import type { Kernels } from "../../compute/index.ts";
import type { PipelineWork } from "../schedule/index.ts";

/** Kernels that all take `factor` times as long. */
export function slowedKernels(kernels: Kernels, factor: number): Kernels {
  if (factor === 1) return kernels;
  return {
    basis: kernels.basis,
    gemm: (...shape) => factor * kernels.gemm(...shape),
    quantizedGemm: (...shape) => factor * kernels.quantizedGemm(...shape),
    groupedGemm: (...shape) => factor * kernels.groupedGemm(...shape),
    attention: (shape) => factor * kernels.attention(shape),
    attentionBackward: (shape) => factor * kernels.attentionBackward(shape),
    decodeAttention: (shape) => factor * kernels.decodeAttention(shape),
    latentDecodeAttention: (shape) => factor * kernels.latentDecodeAttention(shape),
    experts: (...shape) => factor * kernels.experts(...shape),
    scan: (flop) => factor * kernels.scan(flop),
    convolution: (bytes) => factor * kernels.convolution(bytes),
    memoryPass: (bytes, kind) => factor * kernels.memoryPass(bytes, kind),
  };
}

/**
 * The work of a pipeline in which rank r is as slow as in `slow[r]`, a pipeline that is slow throughout; undefined is
 * not slow. A slow rank also holds up its hops: what they take longer, in and out, is added to its pieces.
 */
export function slowed(work: PipelineWork, slow: readonly (PipelineWork | undefined)[]): PipelineWork {
  const chunks = work.forward.length / slow.length;
  const mixed = (times: Float64Array, of: (work: PipelineWork) => Float64Array | undefined): Float64Array => {
    const result = Float64Array.from(times);
    slow.forEach((other, rank) => {
      const from = other === undefined ? undefined : of(other);
      if (from !== undefined) result.set(from.subarray(rank * chunks, (rank + 1) * chunks), rank * chunks);
    });
    return result;
  };
  const { weight, paired } = work;
  const result: PipelineWork = {
    ...work,
    forward: mixed(work.forward, ({ forward }) => forward),
    backward: mixed(work.backward, ({ backward }) => backward),
    ...(weight === undefined ? {} : { weight: mixed(weight, (other) => other.weight) }),
    ...(paired === undefined
      ? {}
      : {
          paired: {
            forward: mixed(paired.forward, (other) => other.paired?.forward),
            backward: mixed(paired.backward, (other) => other.paired?.backward),
          },
        }),
    ...(work.varying === undefined
      ? {}
      : {
          varying: {
            ...work.varying,
            forward: mixed(work.varying.forward, ({ varying }) => varying?.forward),
            backward: mixed(work.varying.backward, ({ varying }) => varying?.backward),
          },
        }),
  };
  slow.forEach((other, rank) => {
    const hops = other === undefined || slow.length === 1 ? 0 : 2 * Math.max(0, other.transfer - work.transfer);
    for (let at = rank * chunks; hops > 0 && at < (rank + 1) * chunks; at++) {
      result.forward[at]! += hops;
      result.backward[at]! += hops;
      if (result.paired !== undefined) {
        result.paired.forward[at]! += hops;
        result.paired.backward[at]! += hops;
      }
    }
  });
  return result;
}
