import { gigabits } from "../cluster.ts";
import type { SwitchType } from "./switch.ts";

export const spectrum4: SwitchType = {
  name: "sn5600",
  aliases: ["spectrum-4"],
  label: "NVIDIA Spectrum-4 SN5600, 64x 800 Gbit/s Ethernet (128x 400)",
  transports: ["roce", "ethernet", "dcn"],
  ports: 64,
  portRate: gigabits(800),
  power: 940,
  optics: "apart",
  price: "unknown",
  sources: ["nvidia-sn5000"],
  notes: "Typical power with passive cables; an undated estimate of its price is left out.",
};
