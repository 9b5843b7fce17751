import { trainium2 } from "../accelerators/trainium2.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const trn2Ultraserver: NodeType = {
  name: "trn2-ultraserver",
  aliases: ["trn2u"],
  label: "AWS Trn2 UltraServer instance (16 of 64 Trainium2)",
  accelerator: trainium2,
  acceleratorsPerNode: 16,
  scaleUp: { domain: 64, topology: "torus-3d", bandwidth: 640e9, reduction: "none" },
  nics: { count: 16, bandwidth: gigabits(200), name: "EFA v3" },
  power: "unknown",
  fabric: "efa",
  sources: ["aws-trn2"],
  notes: "A node is one of four instances that share the NeuronLink domain.",
};
