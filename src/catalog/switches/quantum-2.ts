import { gigabits } from "../cluster.ts";
import type { SwitchType } from "./switch.ts";

export const quantum2: SwitchType = {
  name: "qm9700",
  aliases: ["quantum-2", "qm9790"],
  label: "NVIDIA Quantum-2 QM9700, 64x 400 Gbit/s InfiniBand",
  transports: ["infiniband"],
  ports: 64,
  portRate: gigabits(400),
  power: 747,
  powerMax: 1720,
  optics: "apart",
  price: { low: 36_000, high: 50_000, date: "2024-08" },
  sources: ["nvidia-qm97x0", "h100-sheet"],
  notes: "Typical power with passive cables, maximum with active ones. Street prices, third party and vendor.",
};
