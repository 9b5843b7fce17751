/**
 * Published times of training attention, forward and backward, bf16, non-deterministic backward where the source has
 * it: figures of NVIDIA's cudnn-frontend benchmark results (milliseconds as printed there) and of the FlashAttention-3
 * paper (TFLOP/s as printed there).
 */
import { attentionFlop, backwardProducts } from "../../../src/compute/attention.ts";
import type { AttentionShape } from "../../../src/compute/kernel.ts";

export interface PublishedAttention {
  readonly shape: AttentionShape;
  readonly forward?: number;
  readonly backward?: number;
}

export interface PublishedGroup {
  readonly accelerator: string;
  readonly library: string;
  readonly version: string;
  readonly headDim: number;
  readonly rows: readonly PublishedAttention[];
}

const millisecond = 1e-3;

interface Model {
  readonly sequences: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly valueHeadDim: number;
  readonly window?: number;
}

const llama: Model = { sequences: 2, heads: 64, keyValueHeads: 8, headDim: 128, valueHeadDim: 128 };
const deepseek: Model = { sequences: 2, heads: 128, keyValueHeads: 128, headDim: 192, valueHeadDim: 128 };
const gptOss: Model = { sequences: 2, heads: 64, keyValueHeads: 8, headDim: 64, valueHeadDim: 64, window: 1024 };

/** Rows as [length, forward ms, backward ms]. */
function rows(
  model: Model,
  causal: AttentionShape["causal"],
  times: readonly (readonly [number, number, number])[],
): PublishedAttention[] {
  return times.map(([length, forward, backward]) => ({
    shape: { ...model, queries: length, keys: length, causal },
    forward: forward * millisecond,
    backward: backward * millisecond,
  }));
}

/**
 * Rows of the FlashAttention-3 paper, without mask: 16,384 tokens in all, 2,048 / headDim heads, as [length, forward
 * TFLOP/s, backward TFLOP/s].
 */
function paper(
  headDim: number,
  rates: readonly (readonly [number, number, number | undefined])[],
): PublishedAttention[] {
  const heads = 2048 / headDim;
  return rates.map(([length, forward, backward]) => {
    const shape: AttentionShape = {
      sequences: 16384 / length,
      queries: length,
      keys: length,
      heads,
      keyValueHeads: heads,
      headDim,
      valueHeadDim: headDim,
      causal: "full",
    };
    const flop = attentionFlop(shape);
    return {
      shape,
      forward: flop / (forward * 1e12),
      ...(backward === undefined ? {} : { backward: (backwardProducts * flop) / (backward * 1e12) }),
    };
  });
}

export const publishedAttention: readonly PublishedGroup[] = [
  {
    accelerator: "gb200",
    library: "cudnn",
    version: "9.19",
    headDim: 128,
    rows: [
      ...rows({ ...llama, sequences: 1 }, "causal", [
        [32768, 10.226, 29.863],
        [16384, 2.606, 7.845],
        [8192, 0.688, 2.097],
        [4096, 0.206, 0.607],
        [2048, 0.066, 0.206],
      ]),
      ...rows({ ...llama, sequences: 1 }, "full", [
        [32768, 19.759, 58.606],
        [16384, 4.972, 15.111],
        [8192, 1.286, 3.901],
        [4096, 0.345, 1.068],
        [2048, 0.11, 0.315],
      ]),
    ],
  },
  {
    accelerator: "gb200",
    library: "cudnn",
    version: "9.19, 9.27",
    headDim: 160,
    rows: [
      ...rows({ ...deepseek, sequences: 1 }, "causal", [
        [32768, 24.232, 88.716],
        [16384, 6.318, 21.715],
        [8192, 1.8, 5.728],
        [4096, 0.509, 1.613],
        [2048, 0.161, 0.508],
      ]),
      ...rows(deepseek, "causal", [
        [16384, 13.067, 47.917],
        [8192, 3.443, 12.349],
        [4096, 1.004, 3.354],
      ]),
      ...rows(deepseek, "full", [
        [16384, 24.58, 100.365],
        [8192, 6.191, 23.872],
        [4096, 1.632, 5.968],
      ]),
    ],
  },
  {
    accelerator: "gb200",
    library: "cudnn",
    version: "9.19",
    headDim: 64,
    rows: rows(gptOss, "causal", [
      [32768, 1.711, 4.099],
      [16384, 0.853, 2.024],
      [8192, 0.423, 0.998],
      [4096, 0.209, 0.487],
      [2048, 0.104, 0.23],
    ]),
  },
  {
    accelerator: "h200-sxm",
    library: "cudnn",
    version: "9.27",
    headDim: 128,
    rows: [
      ...rows(llama, "causal", [
        [32768, 56.813, 166.714],
        [16384, 13.888, 40.803],
        [8192, 3.357, 10.448],
        [4096, 0.893, 2.779],
        [2048, 0.257, 0.856],
      ]),
      ...rows(llama, "full", [
        [32768, 113.197, 323.816],
        [16384, 27.502, 80.092],
        [8192, 6.271, 19.572],
        [4096, 1.6, 4.768],
        [2048, 0.416, 1.323],
      ]),
    ],
  },
  {
    // The backward of the unmasked case falls to half speed there (another kernel): left out.
    accelerator: "h200-sxm",
    library: "cudnn",
    version: "9.27",
    headDim: 160,
    rows: rows(deepseek, "causal", [
      [16384, 35.826, 114.721],
      [8192, 8.588, 28.563],
      [4096, 2.248, 7.293],
      [2048, 0.625, 2.151],
    ]),
  },
  {
    // Window 128 on H200; without a window the FlashAttention-3 paper's cuDNN figures on H100, the same compute.
    accelerator: "h200-sxm",
    library: "cudnn",
    version: "9.27; without window: of 2024",
    headDim: 64,
    rows: [
      ...rows({ ...gptOss, heads: 128, keyValueHeads: 128, window: 128 }, "causal", [
        [32768, 2.03, 7.313],
        [16384, 1.017, 3.654],
        [8192, 0.515, 1.829],
        [4096, 0.262, 0.919],
        [2048, 0.134, 0.464],
      ]),
      ...paper(64, [
        [1024, 373, 348],
        [2048, 395, 395],
        [4096, 408, undefined],
        [8192, 412, undefined],
        [16384, 413, undefined],
      ]),
    ],
  },
  {
    accelerator: "h200-sxm",
    library: "flash-attention",
    version: "4 (Hopper)",
    headDim: 128,
    rows: [
      ...rows(llama, "causal", [
        [32768, 55.166, 144.246],
        [16384, 12.527, 36.265],
        [8192, 3.26, 8.743],
        [4096, 0.888, 2.466],
        [2048, 0.264, 0.771],
      ]),
      ...rows(llama, "full", [
        [32768, 103.706, 284.486],
        [16384, 25.632, 70.876],
        [8192, 5.817, 16.764],
        [4096, 1.499, 4.321],
        [2048, 0.41, 1.222],
      ]),
    ],
  },
  {
    accelerator: "a100-pcie-80gb",
    library: "flash-attention",
    version: "2",
    headDim: 128,
    rows: [
      ...rows(llama, "causal", [
        [32768, 176.476, 489.447],
        [16384, 43.434, 125.516],
        [8192, 10.123, 31.745],
        [4096, 2.69, 8.175],
        [2048, 0.764, 2.438],
      ]),
      ...rows(llama, "full", [
        [32768, 349.461, 979.185],
        [16384, 86.114, 246.054],
        [8192, 20.684, 61.653],
        [4096, 4.897, 15.196],
      ]),
    ],
  },
  {
    accelerator: "a100-pcie-80gb",
    library: "cudnn",
    version: "9.27",
    headDim: 128,
    rows: [
      ...rows(llama, "causal", [
        [32768, 199.863, 617.228],
        [16384, 50.935, 158.694],
        [8192, 12.402, 40.532],
        [4096, 3.155, 10.772],
        [2048, 0.884, 3.168],
      ]),
      ...rows(llama, "full", [
        [32768, 389.341, 1206.697],
        [16384, 96.64, 305.06],
        [8192, 23.588, 77.495],
        [4096, 5.553, 19.083],
        [2048, 1.44, 5.095],
      ]),
    ],
  },
];
