/** What a collective is asked and what it answers. Algorithms live beside this file; `index.ts` chooses among them. */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { Generation } from "../../catalog/accelerator.ts";
import type { Tuning } from "../tuning.ts";
import type { Protocol } from "./protocol.ts";

export type CollectiveOperation =
  | "all-reduce"
  | "all-gather"
  | "reduce-scatter"
  | "all-to-all"
  | "broadcast"
  | "reduce"
  | "send-receive";

/**
 * The two-level network under a group of accelerators: a scale-up domain and, beyond it, NICs.
 * Topology graphs and flows join here later by producing other numbers for the same fields.
 */
export interface Platform {
  readonly generation: Generation;
  /** Of one accelerator, where its datasheet says. */
  readonly multiprocessors?: number;
  readonly scaleUp: {
    readonly domain: number;
    /** Accelerators of the domain as it is built, where the cluster has fewer: which measured machine it resembles. */
    readonly built?: number;
    /** Per accelerator, one direction. */
    readonly bandwidth: BytesPerSecond;
    readonly topology: "switch" | "mesh" | "torus-2d" | "torus-3d" | "pcie";
    readonly reduction: "none" | "nvls";
  };
  readonly scaleOut: {
    /** Per accelerator, one direction: NICs per node x rate / accelerators per node, after oversubscription 1. */
    readonly bandwidth: BytesPerSecond;
    /** Ports of one node, together. */
    readonly nodeBandwidth: BytesPerSecond;
    readonly acceleratorsPerNode: number;
    readonly transport: string;
    readonly hopLatency: Seconds;
    readonly tiers: number;
    readonly oversubscription: readonly number[];
    readonly nodesPerPod?: number;
    /** Most one accelerator can send alone: the ports nearest to it. Absent: its share, `bandwidth`. */
    readonly port?: BytesPerSecond;
    /** Nodes below one leaf group, where the fabric tells. */
    readonly nodesPerLeaf?: number;
    /** Switches of the fabric that add (SHARP); absent: none. */
    readonly reduction?: "none" | "sharp";
    /**
     * separate: each port of a node has leaves of its own, so that a hop to another rail goes over the tiers above;
     * apart: nothing above joins them, and who changes rails goes over the scale-up network. Absent: joined.
     */
    readonly rails?: "separate" | "joined" | "apart";
  };
  /** How many times as long exchanges take where a member is slow; absent: none is. */
  readonly slowdown?: Slowdown;
  /** What `platformOf` looked up for it; a platform written by hand gets it on every call, which is slower. */
  readonly tuning?: Tuning;
}

/** Factors on the time of an exchange. */
export interface Slowdown {
  /** On every exchange. */
  readonly communication: number;
  /** On those that leave the scale-up domain, where it is larger. */
  readonly network: number;
}

/** How many times as long an exchange of this group takes on this platform. */
export function slowdownOf({ slowdown }: Platform, { size, perDomain }: GroupPlacement): number {
  if (slowdown === undefined) return 1;
  return size > perDomain ? Math.max(slowdown.communication, slowdown.network) : slowdown.communication;
}

/** Where the ranks of a group sit. */
export interface GroupPlacement {
  /** Ranks in the group. */
  readonly size: number;
  /** Ranks of the group inside one scale-up domain (size if it fits into one); the fullest where they differ. */
  readonly perDomain: number;
  /** Accelerators between neighbouring ranks of the group in rank order: 1 for the innermost dimension. */
  readonly stride: number;
  /**
   * Groups of this kind that share the NICs of one scale-up domain at the same time (8 data-parallel groups in a node
   * of TP 8). Absent: the group is alone, and one rank can use the ports nearest to it.
   */
  readonly sharing?: number;
  /** Ranks of the group in its emptiest domain, and how many domains there are; absent: all hold `perDomain`. */
  readonly perDomainMin?: number;
  readonly domains?: number;
  /** Part of the hops between domains that change rail; absent: none does. */
  readonly crossing?: number;
  /**
   * How many times as long bytes between domains take as over ports of one's own: what links, ways, failures and
   * neighbours do to this group, from flows. Absent: the platform's tiers say.
   */
  readonly contention?: number;
  /** Time that long links between buildings add to every call. Absent: none. */
  readonly delay?: Seconds;
}

export interface CollectiveRequest {
  readonly operation: CollectiveOperation;
  /** nccl-tests size: the full buffer (n x shard for all-gather and reduce-scatter; the per-rank buffer for all-to-all). */
  readonly size: Bytes;
  readonly group: GroupPlacement;
  /** Force an algorithm by name (`ring`), or an algorithm and a protocol (`ring/simple`). */
  readonly algorithm?: string;
  /** Force a protocol, whatever the algorithm. */
  readonly protocol?: Protocol;
  /** Channels (multiprocessors) given to it: they cap the rate. Absent: as many as the links need. */
  readonly channels?: number;
  /** Whose kernels run; absent: those of the collective library. */
  readonly library?: Library;
  /** How calls are started; absent: `back-to-back`. */
  readonly launch?: Launch;
}

/**
 * nccl: the collective library. The others are all-reduce kernels of inference engines, for small messages inside one
 * domain; `custom` is the faster of those that were measured on the platform.
 */
export type Library = "nccl" | "custom" | "custom/vllm" | "custom/tensorrt-llm";

/**
 * back-to-back: calls are queued ahead of the accelerator (a graph, or one process that launches without waiting).
 * per-process: every rank is its own process that starts each call by itself, from Python; calls come no faster than that.
 */
export type Launch = "back-to-back" | "per-process";

export interface CollectiveTime {
  readonly time: Seconds;
  /** Part of the time that does not shrink with size. */
  readonly latency: Seconds;
  /** Transfer time on the scale-up links and on the NICs; they may overlap. */
  readonly scaleUp: Seconds;
  readonly scaleOut: Seconds;
  /** Of the latency: what waiting for calls to be started adds. */
  readonly launch: Seconds;
  readonly algorithm: string;
  /** measured curve, interpolated between measured group sizes, or physics with calibrated constants. */
  readonly basis: "measured" | "interpolated" | "extrapolated";
  /** How far measurements of this operation reach on such links; absent: there are none. */
  readonly reach?: Reach;
}

/** The largest size and the largest group that were measured. */
export interface Reach {
  readonly size: Bytes;
  readonly ranks: number;
}
