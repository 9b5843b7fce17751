/** Keys of `layout:`, and of what sharding, offload and pools need elsewhere. */

import { between, type Case, overReplicas, overStages, pools, replicas, software, stages } from "./written.ts";

export const layoutCases: readonly Case[] = [
  ["layout.tensor", { layout: { tensor: 4 } }],
  ["layout.sequenceParallel", { layout: { sequenceParallel: "off" } }],
  ["layout.context", { layout: { context: 1 } }],
  ["layout.contextInner", { layout: { contextInner: 1 } }, { software: { contextExchange: "hierarchical" } }],
  ["layout.contextBalance", { layout: { contextBalance: "contiguous" } }],
  ["layout.pipeline", { layout: { pipeline: 4 } }],
  ["layout.virtualStages", { layout: { virtualStages: 1 } }],
  ["layout.expert", { layout: { expert: 8 } }],
  ["layout.expertTensor", { layout: { expertTensor: 2 } }],
  ["layout.microBatch", { layout: { microBatch: 2 } }],
  ["layout.schedule", { layout: { schedule: "gpipe" } }, { layout: { virtualStages: 1 } }],
  ...["zero-bubble-h1", "zero-bubble-h2"].map(
    (schedule): Case => [`layout.schedule ${schedule}`, { layout: { schedule } }, { layout: { virtualStages: 1 } }],
  ),
  ...["zero-bubble-v", "v-half", "v-min", "dualpipe", "dualpipe-v"].map(
    (schedule): Case => [`layout.schedule ${schedule}`, { layout: { schedule } }],
  ),
  ...["selective", "full", ["attention-core"], ["layer-norm"], ["moe"], ["expert-activation"], ["attention"]].map(
    (recompute): Case => [`layout.recompute ${recompute}`, { layout: { recompute } }],
  ),
  [
    "layout.recompute mlp",
    { layout: { recompute: ["mlp"] } },
    { workload: { model: "llama-3.1-8b" }, layout: { expert: 1 } },
  ],
  [
    "layout.recompute latent-up-projection",
    { layout: { recompute: ["latent-up-projection"] } },
    { workload: { model: "deepseek-ai/DeepSeek-V3" }, layout: { virtualStages: 1 } },
  ],
  ["layout.recomputeLayers", { layout: { recomputeLayers: 1 } }, { layout: { recompute: "full" } }],
  ...["none", "gradients", "full", "hybrid"].map(
    (sharding): Case => [`layout.sharding ${sharding}`, { layout: { sharding } }],
  ),
  ["layout.shardGroup", { layout: { shardGroup: 2 } }, { layout: { sharding: "hybrid" } }],
  ...["never", "node", 2].map(
    (reshardAfterForward): Case => [
      `layout.reshardAfterForward ${reshardAfterForward}`,
      { layout: { reshardAfterForward } },
      { layout: { sharding: "full", pipeline: 1, virtualStages: 1 } },
    ],
  ),
  ["layout.optimizerOffload", { layout: { optimizerOffload: 0.5 } }],
  ["layout.weightOffload", { layout: { weightOffload: "on" } }, { layout: { sharding: "full" } }],
  [
    "cluster.node.host.link",
    { cluster: { node: { host: { link: "5 GB/s" } } } },
    { layout: { optimizerOffload: 1 }, software: { overlap: { optimizerOffload: "off" } } },
  ],
  [
    "cluster.node.host.memory",
    { cluster: { node: { host: { memory: "50 GB/s" } } } },
    { layout: { optimizerOffload: 1 }, software: { overlap: { optimizerOffload: "off" } } },
  ],
  [
    "software.overlap.optimizerOffload",
    software({ overlap: { optimizerOffload: "off" } }),
    { layout: { optimizerOffload: 1 } },
  ],
  ...["muon", "sgd"].map(
    (optimizerRule): Case => [`software.optimizerRule ${optimizerRule}`, software({ optimizerRule })],
  ),
  ["software.state.weightShard", software({ state: { weightShard: "master" } }), { layout: { sharding: "full" } }],
  [
    "software.state.reduceEvery round",
    software({ state: { reduceEvery: "round" } }),
    { layout: { sharding: "gradients" }, software: { state: { reduceEvery: "micro-batch" } } },
  ],
  ["software.state.reduceEvery", software({ state: { reduceEvery: "step" } }), { layout: { sharding: "full" } }],
  [
    "software.state.gradients",
    software({ state: { gradients: "shard-grad-op" } }),
    { layout: { sharding: "gradients" } },
  ],
  [
    "software.state.prefetch",
    software({ state: { prefetch: "after" } }),
    {
      workload: { model: "llama-3.1-8b" },
      layout: { sharding: "full", expert: 1, microBatch: 4 },
      software: { host: "fsdp" },
    },
  ],
  ["software.state.lastBlock", software({ state: { lastBlock: "kept" } }), { layout: { sharding: "full" } }],
  ["layout.stageLayers", { layout: { stageLayers: [7, 8, 8, 9] } }],
  ["layout.stageLayers text", { layout: { stageLayers: "Et*10|t*11|t*11|L" } }],
  ["layout.activationOffload", { layout: { activationOffload: 0.5 } }],
  [
    "layout.pools.stages",
    { layout: overStages([1, 1]) },
    { layout: overStages([2, 2], ["old", "new"]), cluster: pools },
  ],
  ["layout.pools.sequences", { layout: overReplicas([8, 8], [192, 64]) }, replicas],
  [
    "layout.pools.precision",
    {
      layout: {
        pools: [
          { pool: "new", stages: 1, precision: "fp8" },
          { pool: "old", stages: 1 },
        ],
      },
    },
    stages,
  ],
  ["layout.balance", { layout: { balance: "balanced" } }, { ...stages, workload: { model: "llama-3.1-8b" } }],
  ["cluster.between.bandwidth", { cluster: { between: { bandwidth: "1 GB/s" } } }, { ...stages, cluster: between }],
  ["cluster.between.latency", { cluster: { between: { latency: "10 ms" } } }, { ...stages, cluster: between }],
  // flash counts like cudnn and compiled like transformer-engine, as their descriptions say.
];
