import type { Fabric } from "../cluster.ts";

export const none: Fabric = {
  name: "none",
  aliases: ["single-node"],
  label: "No fabric: a single node",
  transport: "none",
  topology: "direct",
  tiers: 0,
  oversubscription: [],
  hopLatency: 0,
  sources: ["nvidia-dgx-h100"],
};
