/** What key tests change: two scenarios, and short words for parts of one. */

export type Section = Record<string, unknown>;

/** A key, the change that should matter, and what the scenario must have before. */
export type Case = [key: string, change: Section, before?: Section];

export interface Written {
  readonly cluster: Section;
  readonly workload: Section;
  readonly layout?: Section;
  readonly [section: string]: unknown;
}

/** Stated, so that changed hardware, which has no public price, still has a cost. */
const economics = { acceleratorHour: "2 $/h" };
const fabric = { topology: "fat-tree", tiers: 2, oversubscription: [1] };

/** A mixture of experts over nodes; a small dense model inside one, bound by launches and messages; a collective; a pattern. */
export const bases: readonly Written[] = [
  {
    cluster: { node: { extends: "hgx-h100" }, nodes: 16, fabric },
    workload: {
      kind: "training",
      model: "mistralai/Mixtral-8x7B-v0.1",
      sequenceLength: 4096,
      globalBatch: 256,
      tokens: "1T",
    },
    layout: { tensor: 2, context: 2, pipeline: 2, virtualStages: 2, expert: 4, microBatch: 1, recompute: "none" },
    software: { extends: "megatron-core@2024.07" },
    economics,
  },
  {
    cluster: { node: { extends: "hgx-h100" }, nodes: 1 },
    workload: {
      kind: "training",
      model: {
        extends: "llama-3.1-8b",
        num_hidden_layers: 4,
        hidden_size: 1024,
        intermediate_size: 2048,
        num_attention_heads: 8,
        head_dim: 128,
      },
      sequenceLength: 128,
      globalBatch: 64,
      tokens: "1G",
    },
    layout: { tensor: 8, sequenceParallel: "off", microBatch: 1, recompute: "none" },
    software: { extends: "megatron-core@2024.07" },
    economics,
  },
  {
    cluster: { node: { extends: "hgx-h100" }, nodes: 64, fabric },
    workload: { kind: "collective", operation: "all-reduce", sizes: ["1 MiB", "1 GiB"] },
  },
  {
    cluster: { node: { extends: "hgx-h100" }, nodes: 16, fabric },
    workload: { kind: "traffic", pattern: "permutation", size: "64 MiB" },
  },
];

export const node = (fields: Section): Section => ({ cluster: { node: fields } });
export const accelerator = (fields: Section): Section => node({ accelerator: fields });
export const software = (fields: Section): Section => ({ software: fields });

/** Eight nodes of each of two kinds. */
export const pools: Section = {
  node: undefined,
  nodes: undefined,
  fabric: undefined,
  pools: [
    { name: "new", node: "hgx-h100", nodes: 8 },
    { name: "old", node: "hgx-a100", nodes: 8 },
  ],
};
export const between: Section = { ...pools, between: { bandwidth: "100 GB/s", latency: "1 ms" } };
export const overStages = (stages: readonly number[], names = ["new", "old"]): Section => ({
  pipeline: undefined,
  virtualStages: 1,
  expert: 1,
  pools: names.map((pool, index) => ({ pool, stages: stages[index] })),
});
export const overReplicas = (data: readonly number[], sequences: readonly number[]): Section => ({
  pools: ["new", "old"].map((pool, index) => ({ pool, data: data[index], sequences: sequences[index] })),
});
export const stages: Section = { cluster: pools, layout: overStages([1, 1]) };
export const replicas: Section = {
  cluster: pools,
  layout: { virtualStages: 1, expert: 1, ...overReplicas([8, 8], [128, 128]) },
};
/** One sequence length replaced by several. */
export const uneven = (fields: Section): Section => ({ workload: { sequenceLength: undefined, lengths: fields } });
export const samples = { samples: [200, 900, 4096], packing: "greedy" };
