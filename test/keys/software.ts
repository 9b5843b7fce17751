/** Keys of `software:`, and all others. */

import { type Case, software } from "./written.ts";

export const otherCases: readonly Case[] = [
  ...["flash", "flash-1", "cudnn"].map(
    (attention): Case => [
      `software.kernels.attention ${attention}`,
      software({ kernels: { attention } }),
      software({ kernels: { attention: "unfused" } }),
    ],
  ),
  ["software.kernels.attention flash-1", software({ kernels: { attention: "flash-1" } })],
  ...["fused", "transformer-engine", "compiled"].map(
    (elementwise): Case => [
      `software.kernels.elementwise ${elementwise}`,
      software({ kernels: { elementwise } }),
      software({ kernels: { elementwise: "eager" } }),
    ],
  ),
  [
    "software.kernels.elementwise fused",
    software({ kernels: { elementwise: "fused" } }),
    software({ kernels: { elementwise: "transformer-engine" } }),
  ],
  [
    "software.kernels.expertBias",
    software({ kernels: { expertBias: "fused" } }),
    { workload: { model: "openai/gpt-oss-20b" }, software: { kernels: { expertBias: "separate" } } },
  ],
  [
    "software.kernels.expertBiasSums",
    software({ kernels: { expertBiasSums: "memory" } }),
    { workload: { model: "openai/gpt-oss-20b" }, software: { kernels: { expertBias: "fused" } } },
  ],
  ["software.kernels.router", software({ kernels: { router: "separate" } })],
  [
    "software.kernels.permutation",
    software({ kernels: { permutation: "in-copy" } }),
    software({ dispatcher: "hybridep" }),
  ],
  ["software.kernels.expertWeights", software({ kernels: { expertWeights: "activation" } })],
  ["software.kernels.activationInputs", software({ kernels: { activationInputs: "8-bit" } })],
  ["software.kernels.gradientAccumulation", software({ kernels: { gradientAccumulation: "separate" } })],
  [
    "software.kernels.rowFilling",
    software({ kernels: { rowFilling: "fused" } }),
    { workload: { precision: "fp8-current" } },
  ],
  [
    "software.dispatchMultiprocessors",
    software({ dispatchMultiprocessors: 8 }),
    software({ dispatcher: "hybridep", overlap: { expert: "on" } }),
  ],
  ["software.kernels.crossEntropy", software({ kernels: { crossEntropy: "eager" } })],
  ["software.kernels.dropout", software({ kernels: { dropout: "on" } })],
  ...["tensor", "tensorGradient", "gradientReduce", "parameterGather", "pipeline", "expert"].map(
    (key): Case => [
      `software.overlap.${key}`,
      software({ overlap: { [key]: "on" } }),
      software({ overlap: { [key]: "off" } }),
    ],
  ),
  ...["asynchronous", "fused"].map(
    (tensor): Case => [
      `software.overlap.tensor ${tensor}`,
      software({ overlap: { tensor } }),
      software({ overlap: { tensor: "off" } }),
    ],
  ),
  ...["partial", "full"].map(
    (cudaGraphs): Case => [
      `software.cudaGraphs ${cudaGraphs}`,
      software({ cudaGraphs }),
      software({ cudaGraphs: "none" }),
    ],
  ),
  [
    "software.overlap.sharedExpert",
    software({ overlap: { sharedExpert: "on" } }),
    { workload: { model: "deepseek-ai/DeepSeek-V3" }, layout: { virtualStages: 1 } },
  ],
  ["software.cudaGraphScope", software({ cudaGraphScope: ["router"] }), software({ cudaGraphs: "partial" })],
  ...["all-gather", "all-to-all", "hierarchical"].map(
    (contextExchange): Case => [
      `software.contextExchange ${contextExchange}`,
      software({ contextExchange }),
      software({ contextExchange: "ring" }),
    ],
  ),
  ...["all-gather", "deepep", "hybridep"].map(
    (dispatcher): Case => [
      `software.dispatcher ${dispatcher}`,
      software({ dispatcher }),
      software({ dispatcher: "all-to-all" }),
    ],
  ),
  ...["multi-tensor", "eager"].map((optimizer): Case => [`software.optimizer ${optimizer}`, software({ optimizer })]),
  ...["fsdp", "xla"].map((host): Case => [`software.host ${host}`, software({ host })]),
  ...["gradient", "gradientReduce", "parameterGather", "master", "moments"].map(
    (key): Case => [`software.bytes.${key}`, software({ bytes: { [key]: "1 B" } })],
  ),
  ["workload.routing", { workload: { routing: "natural" } }],
  ["workload.routingSkew", { workload: { routingSkew: 0.5 } }, { workload: { routing: "natural" } }],
  ["software.capacityFactor", software({ capacityFactor: 1.5 }), software({ routing: "capacity" })],
  ["software.expertImbalance", software({ expertImbalance: 1.5 })],
  [
    "software.kernels.recompute",
    software({ kernels: { recompute: "whole" } }),
    { layout: { recompute: "full" }, software: { kernels: { recompute: "needed" } } },
  ],
  ["software.routing", software({ routing: "capacity" }), software({ routing: "dropless", cudaGraphs: "partial" })],
  ["economics.acceleratorHour", { economics: { acceleratorHour: "1 $/h" } }],
  ["economics.energy", { economics: { energy: "0.1 $/kWh" } }],
  ["economics.powerUsageEffectiveness", { economics: { powerUsageEffectiveness: 1.3 } }],
  ["economics.rackPower", { economics: { rackPower: "40 kW" } }],
  ["economics.storagePower", { economics: { storagePower: "50 kW" } }],
  ...Object.entries({
    node: "200 k$",
    network: "3 M$",
    storage: "1 M$",
    years: "4 years",
    rate: 0.05,
    salvage: 0.1,
    maintenance: 0.04,
    hostingPerMonth: "120 $/kW",
    energy: "0.05 $/kWh",
    staffPerYear: "2 M$",
  }).map(([key, value]): Case => [`economics.ownership.${key}`, { economics: { ownership: { [key]: value } } }]),
  ["flopConvention", { flopConvention: "palm" }],
  ["stragglers.rank", { stragglers: [{ rank: 12, factor: 1.3 }] }],
  ["stragglers.node", { stragglers: [{ node: 2, factor: 1.3 }] }],
  ["stragglers.stage", { stragglers: [{ stage: 1, factor: 1.3 }] }],
  ["stragglers.dataRank", { stragglers: [{ dataRank: 1, factor: 1.3 }] }],
  ["stragglers.share", { stragglers: [{ share: "1 %", factor: 1.3 }] }],
  ["stragglers.factor", { stragglers: [{ rank: 0, factor: 2 }] }, { stragglers: [{ rank: 0, factor: 1.5 }] }],
  [
    "stragglers.what",
    { stragglers: [{ rank: 0, factor: 2, what: "communication" }] },
    { stragglers: [{ rank: 0, factor: 2 }] },
  ],
  [
    "stragglers.probability",
    { stragglers: [{ rank: 0, factor: 2, probability: "50 %" }] },
    { stragglers: [{ rank: 0, factor: 2 }] },
  ],
  ["jitter", { jitter: "1 %" }],
];
