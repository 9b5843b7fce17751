import type { Fabric } from "../cluster.ts";

export const tpuDcn: Fabric = {
  name: "tpu-dcn",
  aliases: ["torus", "dcn", "ici"],
  label: "Data-centre network between TPU slices",
  transport: "dcn",
  topology: "torus",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.9e-6,
  sources: ["google-tpu-v5e", "google-tpu-v5p", "switch-latency"],
  notes:
    "Inside a slice the torus of the node type carries all traffic; this joins slices. Hop latency is an assumption.",
};
