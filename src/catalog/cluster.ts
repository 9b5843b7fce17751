/** Nodes, fabrics and the cluster they make: the shapes; entries live in `nodes/` and `fabrics/`. */

import type { BytesPerSecond, Seconds, Watts } from "../base/quantity.ts";
import type { Accelerator } from "./accelerator.ts";
import type { Host } from "./host.ts";

/** Bytes per second of so many 10^9 bits per second: how ports are labelled. */
export const gigabits = (rate: number): BytesPerSecond => (rate * 1e9) / 8;

export interface NodeType {
  /** Catalog name: `hgx-h100`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly label: string;
  readonly accelerator: Accelerator;
  readonly acceleratorsPerNode: number;
  /** Accelerators joined by the scale-up network: 8 in an HGX box, 72 in an NVL72 rack, a whole TPU slice. */
  readonly scaleUp: {
    readonly domain: number;
    readonly topology: "switch" | "mesh" | "torus-2d" | "torus-3d" | "pcie";
    /** Per accelerator, one direction. */
    readonly bandwidth: BytesPerSecond;
    /** In-switch reduction (NVLink SHARP). */
    readonly reduction: "none" | "nvls";
  };
  /** Network ports of one node that carry collectives; bandwidth of one port, one direction. */
  readonly nics: { readonly count: number; readonly bandwidth: BytesPerSecond; readonly name?: string };
  /** The host behind the accelerators; absent where its link is not citable. */
  readonly host?: Host;
  /** Rated power of the whole node, accelerators included. */
  readonly power: Watts | "unknown";
  /** Catalog name of the fabric that joins such nodes when a scenario names none. */
  readonly fabric?: string;
  readonly sources: readonly string[];
  readonly notes?: string;
}

export interface Fabric {
  /** Catalog name: `infiniband-ndr`, or `custom`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly label: string;
  readonly transport: "infiniband" | "roce" | "ethernet" | "efa" | "dcn" | "none";
  readonly topology: "fat-tree" | "rail-optimised" | "rail-only" | "torus" | "direct";
  readonly tiers: number;
  /** One entry per tier boundary, from the leaf up; 1 is non-blocking. */
  readonly oversubscription: readonly number[];
  /** One way through one switch hop with its cables. */
  readonly hopLatency: Seconds;
  /** Nodes below one leaf group and below one pod, where the fabric states them. */
  readonly nodesPerPod?: number;
  /** Ports of one switch at the rate of the NICs: how many tiers a size needs follows from it. */
  readonly radix?: number;
  readonly sources: readonly string[];
  readonly notes?: string;
}

export interface Cluster {
  readonly node: NodeType;
  readonly nodes: number;
  readonly fabric: Fabric;
  /** All accelerators: nodes x acceleratorsPerNode. */
  readonly accelerators: number;
}
