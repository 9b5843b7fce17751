import { trainium2 } from "../accelerators/trainium2.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const trn2: NodeType = {
  name: "trn2",
  aliases: ["trn2.48xlarge"],
  label: "AWS trn2.48xlarge, 16x Trainium2",
  accelerator: trainium2,
  acceleratorsPerNode: 16,
  scaleUp: { domain: 16, topology: "torus-2d", bandwidth: trainium2.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 16, bandwidth: gigabits(200), name: "EFA v3" },
  power: "unknown",
  fabric: "efa",
  sources: ["aws-trn2"],
};
