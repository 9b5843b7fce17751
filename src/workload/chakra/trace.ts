/**
 * A recorded run as Windtunnel sees it, whatever format it came in: what each rank computes, exchanges and waits for.
 * Sizes of collectives are those of nccl-tests: the full buffer of an all-gather or a reduce-scatter.
 */

import type { Bytes, Flop, Seconds } from "../../base/quantity.ts";

export interface Trace {
  /** Ranks of the job, recorded or not. */
  readonly ranks: number;
  /** Those recorded, by rank. */
  readonly recorded: readonly RankTrace[];
  /** Members of each group, in their order. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
}

export interface RankTrace {
  readonly rank: number;
  readonly nodes: readonly TraceNode[];
}

/** `other` nodes only pass dependencies on, and take their time where one was recorded. */
export type TraceNodeKind = "compute" | "memory" | "collective" | "send" | "receive" | "other";

export type TraceOperation =
  | "all-reduce"
  | "reduce"
  | "all-gather"
  | "gather"
  | "scatter"
  | "broadcast"
  | "all-to-all"
  | "reduce-scatter"
  | "barrier";

export interface TraceNode {
  /** Unique in its rank; 64 bits. */
  readonly id: bigint;
  readonly name: string;
  readonly kind: TraceNodeKind;
  readonly start?: Seconds;
  readonly seconds?: Seconds;
  /** Of a collective. */
  readonly operation?: TraceOperation;
  /** What a collective or a transfer moves, or memory that is loaded or stored. */
  readonly bytes?: Bytes;
  readonly flop?: Flop;
  readonly group?: string;
  /** Destination of a send, source of a receive. */
  readonly peer?: number;
  readonly tag?: number;
  /** Whether memory is loaded or stored. */
  readonly access?: "load" | "store";
  readonly dependsOn: readonly bigint[];
}

/** The group of all ranks, where a node names none. */
export const everyone = "0";
