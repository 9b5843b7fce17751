import type { Fabric } from "../cluster.ts";

export const llama3Roce: Fabric = {
  name: "llama3-roce",
  aliases: ["meta-roce"],
  label: "Meta RoCE of Llama 3: 3 tiers, pods of 3,072 GPUs, 1:7 between pods",
  transport: "roce",
  topology: "fat-tree",
  tiers: 3,
  oversubscription: [1, 7],
  hopLatency: 0.9e-6,
  nodesPerPod: 384,
  nodesPerLeaf: 2,
  sources: ["llama3-2024", "meta-roce-2024", "switch-latency"],
  notes:
    "Two nodes a rack under one switch; cluster switches are chassis of hundreds of ports. Hop: 0.8 us of switch and 20 m of cable, an assumption.",
};
