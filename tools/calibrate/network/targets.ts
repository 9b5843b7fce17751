/** Machines whose one-node curves are fitted, and the tables that measured them. */

import type { MeasuredPlatform } from "../../../src/catalog/calibration/network.ts";

export interface Target {
  readonly name: string;
  readonly systems: readonly string[];
  readonly generation: MeasuredPlatform["generation"];
  readonly topology: MeasuredPlatform["topology"];
  readonly domain: number;
  readonly bandwidth: number;
}

/** H100 and H200 share NVLink 4 and their rows agree within the scatter, of the library and of engines: one curve serves both. */
export const targets: readonly Target[] = [
  { name: "a100", systems: ["a100_sxm"], generation: "ampere", topology: "switch", domain: 8, bandwidth: 300e9 },
  {
    name: "h100-h200",
    systems: ["h100_sxm", "h200_sxm"],
    generation: "hopper",
    topology: "switch",
    domain: 8,
    bandwidth: 450e9,
  },
  { name: "b200", systems: ["b200_sxm"], generation: "blackwell", topology: "switch", domain: 8, bandwidth: 900e9 },
  { name: "gb200", systems: ["gb200"], generation: "blackwell", topology: "switch", domain: 72, bandwidth: 900e9 },
  { name: "l40s", systems: ["l40s"], generation: "ada", topology: "pcie", domain: 8, bandwidth: 32e9 },
];
