/** Optical modules. The price estimates that are known for them have no date and are left out. */

import { gigabits } from "../cluster.ts";
import type { OpticsType } from "./switch.ts";

export const opticsTypes: readonly OpticsType[] = Object.freeze([
  {
    name: "osfp-2x400g-dr4",
    label: "800 Gbit/s twin-port OSFP, 2x 400G DR4 (MMS4X00)",
    rate: gigabits(800),
    power: 16,
    powerMax: 17,
    price: "unknown",
    sources: ["nvidia-mms4x00"],
  },
  {
    name: "osfp-2x400g-sr4",
    label: "800 Gbit/s twin-port OSFP, 2x 400G SR4 (MMA4Z00)",
    rate: gigabits(800),
    power: 15,
    price: "unknown",
    sources: ["nvidia-mma4z00"],
  },
]);
