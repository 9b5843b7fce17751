import { mi250xGcd } from "../accelerators/mi250x-gcd.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const frontier: NodeType = {
  name: "frontier",
  aliases: ["mi250x-4", "mi250x-node"],
  label: "Frontier: 4x MI250X as 8 devices, 4x 200 Gbit/s Slingshot",
  accelerator: mi250xGcd,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "mesh", bandwidth: mi250xGcd.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 4, bandwidth: gigabits(200), name: "Slingshot-11" },
  power: "unknown",
  fabric: "slingshot",
  sources: ["frontier-node"],
  notes: "An accelerator here is one die.",
};
