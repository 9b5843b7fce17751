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
  readonly nics: {
    readonly count: number;
    readonly bandwidth: BytesPerSecond;
    /** Between one accelerator and all its ports (PCIe), where it is less than theirs. */
    readonly link?: BytesPerSecond;
    readonly name?: string;
  };
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
  readonly topology: FabricTopology;
  readonly tiers: number;
  /** One entry per tier boundary, from the leaf up; 1 is non-blocking, less has more above than below. */
  readonly oversubscription: readonly number[];
  /** One way through one switch hop with its cables. */
  readonly hopLatency: Seconds;
  /** Nodes below one leaf group and below one pod, where the fabric states them. */
  readonly nodesPerPod?: number;
  /** Ports of one switch at the rate of the NICs: how many tiers a size needs follows from it. */
  readonly radix?: number;
  /** Nodes below one leaf, or one group of rail leaves; absent: half of the radix. */
  readonly nodesPerLeaf?: number;
  /** Rate of a cable above the leaves, one direction; absent: that of the network ports. */
  readonly uplinkBandwidth?: BytesPerSecond;
  /** How ways are chosen; absent: as the transport does it. */
  readonly routing?: FabricRouting;
  /** What is down, as people name it: `spine 0`, `leaf 3 -> spine 7`. */
  readonly failures?: readonly string[];
  /** Whether its switches add for collectives (SHARP) and the job may use it; absent: not. */
  readonly reduction?: "none" | "sharp";
  /** A description cable by cable, as plain data, instead of what the rest would be built as. */
  readonly graph?: unknown;
  /** Nodes in several buildings: each has the fabric above, joined by links of its own. */
  readonly buildings?: Buildings;
  readonly sources: readonly string[];
  readonly notes?: string;
}

export type FabricTopology =
  | "fat-tree"
  | "rail-optimised"
  | "rail-only"
  | "dual-plane"
  | "dragonfly"
  | "torus-2d"
  | "torus-3d"
  | "torus"
  | "direct";

export interface FabricRouting {
  readonly policy: "deterministic" | "ecmp" | "adaptive" | "spray";
  /** Parts that a message is split in, each hashed by itself. */
  readonly queuePairs: number;
  /** rail: over the neighbour on the destination's rail first (PXN); own: from the sender's own port. */
  readonly forwarding: "rail" | "own";
}

export interface Buildings {
  readonly count: number;
  /** All links between two buildings together, one direction. */
  readonly bandwidth: BytesPerSecond;
  readonly roundTrip: Seconds;
}

export interface Cluster {
  readonly node: NodeType;
  readonly nodes: number;
  readonly fabric: Fabric;
  /** All accelerators: nodes x acceleratorsPerNode. */
  readonly accelerators: number;
}
