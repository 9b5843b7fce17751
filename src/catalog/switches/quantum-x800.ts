import { gigabits } from "../cluster.ts";
import type { SwitchType } from "./switch.ts";

export const quantumX800: SwitchType = {
  name: "quantum-x800",
  label: "NVIDIA Quantum-X800, 144x 800 Gbit/s InfiniBand, pluggable optics",
  transports: ["infiniband"],
  ports: 144,
  portRate: gigabits(800),
  power: 7000,
  optics: "included",
  price: "unknown",
  sources: ["lambda-cpo"],
  notes: "An operator's figure of 2026, with its modules.",
};

export const quantumX800CoPackaged: SwitchType = {
  ...quantumX800,
  name: "q3450-ld",
  label: "NVIDIA Quantum-X800 Q3450-LD, 144x 800 Gbit/s InfiniBand, co-packaged optics",
  power: 3950,
  notes: "An operator's figure of 2026.",
};
