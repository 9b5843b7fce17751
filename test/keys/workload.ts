/** Keys of `workload:`. */

import { type Case, samples, uneven } from "./written.ts";

export const workloadCases: readonly Case[] = [
  ["workload.sequenceLength", { workload: { sequenceLength: 2048 } }],
  [
    "workload.lengths.histogram.upTo",
    uneven({
      histogram: [
        { upTo: 512, share: 0.5 },
        { upTo: 4096, share: 0.5 },
      ],
    }),
    uneven({
      histogram: [
        { upTo: 256, share: 0.5 },
        { upTo: 4096, share: 0.5 },
      ],
    }),
  ],
  [
    "workload.lengths.histogram.share",
    uneven({
      histogram: [
        { upTo: 512, share: 0.25 },
        { upTo: 4096, share: 0.75 },
      ],
    }),
    uneven({
      histogram: [
        { upTo: 512, share: 0.5 },
        { upTo: 4096, share: 0.5 },
      ],
    }),
  ],
  ["workload.lengths.samples", uneven({ samples: [200, 900, 4096] }), uneven({ samples: [800, 4096] })],
  ["workload.lengths.file", uneven({ file: "lengths.txt" })],
  [
    "workload.lengths.lognormal.median",
    uneven({ lognormal: { median: 400 } }),
    uneven({ lognormal: { median: 800, p99: 4000 }, packedLength: 4096 }),
  ],
  [
    "workload.lengths.lognormal.p99",
    uneven({ lognormal: { p99: 2000 } }),
    uneven({ lognormal: { median: 800, p99: 4000 }, packedLength: 4096 }),
  ],
  ["workload.lengths.packedLength", uneven({ packedLength: 8192 }), uneven(samples)],
  ["workload.lengths.packing greedy", uneven({ packing: "greedy" }), uneven({ samples: [200, 900, 4096] })],
  ["workload.lengths.packing best-fit", uneven({ packing: "best-fit" }), uneven(samples)],
  ["workload.lengths.padTo", uneven({ padTo: "packed-length" }), uneven({ samples: [200, 900, 4096] })],
  ["workload.lengths.masking", uneven({ masking: "none" }), uneven(samples)],
  ["workload.lengths.balance sorted", uneven({ balance: "sorted" }), uneven(samples)],
  ["workload.lengths.balance workload", uneven({ balance: "workload" }), uneven(samples)],
  ["workload.lengths.contextCut", uneven({ contextCut: "row" }), uneven(samples)],
  ["workload.globalBatch", { workload: { globalBatch: 512 } }],
  ["workload.tokens", { workload: { tokens: "2T" } }],
  ["workload.precision", { workload: { precision: "fp8" } }],
  ["workload.precision recipe", { workload: { precision: "fp8-delayed" } }, { workload: { precision: "fp8-current" } }],
  ["workload.tuning.method", { workload: { tuning: { method: "lora" } } }],
  [
    "workload.tuning.rank",
    { workload: { tuning: { rank: 64 } } },
    { workload: { tuning: { method: "lora", rank: 8 } } },
  ],
  ...["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"].map(
    (target): Case => [
      `workload.tuning.targets ${target}`,
      { workload: { tuning: { targets: [target] } } },
      { workload: { tuning: { method: "lora" } } },
    ],
  ),
  ...["fp8", "nf4"].map(
    (base): Case => [
      `workload.tuning.base ${base}`,
      { workload: { tuning: { base } } },
      { workload: { tuning: { method: "lora" } } },
    ],
  ),
  [
    "workload.tuning.dropout",
    { workload: { tuning: { dropout: "on" } } },
    { workload: { tuning: { method: "lora" } } },
  ],
  [
    "workload.tuning.exchange",
    { workload: { tuning: { exchange: "all-to-all" } } },
    { workload: { tuning: { method: "lora" } } },
  ],
  ["workload.tuning.frozenLayers", { workload: { tuning: { method: "full", frozenLayers: 2 } } }],
  ...["dpo", "kto", "orpo", "simpo", "reward"].map(
    (objective): Case => [`workload.objective ${objective}`, { workload: { objective } }],
  ),
  [
    "workload.objective.method",
    { workload: { objective: { method: "kto" } } },
    { workload: { objective: { method: "dpo" } } },
  ],
  [
    "workload.objective.reference",
    { workload: { objective: { reference: "precomputed" } } },
    { workload: { objective: { method: "dpo" } } },
  ],
  [
    "workload.objective.reference adapter-off",
    { workload: { objective: { reference: "resident" } } },
    { workload: { tuning: { method: "lora" }, objective: { method: "dpo", reference: "adapter-off" } } },
  ],
  [
    "workload.objective.teacher",
    { workload: { objective: { teacher: "llama-3.1-70b" } } },
    {
      workload: { objective: { method: "distillation", teacher: "llama-3.1-8b" } },
      layout: { sequenceParallel: "on" },
    },
  ],
  [
    "workload.highPrecisionLayers.first",
    { workload: { highPrecisionLayers: { first: 2 } } },
    { workload: { precision: "fp8" } },
  ],
  [
    "workload.highPrecisionLayers.last",
    { workload: { highPrecisionLayers: { last: 2 } } },
    { workload: { precision: "fp8" } },
  ],
  [
    "workload.multiTokenPrediction",
    { workload: { multiTokenPrediction: 1 } },
    {
      workload: { model: "deepseek-ai/DeepSeek-V3", globalBatch: 128 },
      layout: { tensor: 1, sequenceParallel: "off", virtualStages: 1, expert: 8 },
    },
  ],
];
