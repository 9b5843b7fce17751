/** What an algorithm is: one file that exports one of these, and one line in `index.ts`. */
import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { CollectiveOperation } from "./collective.ts";
import type { Protocol } from "./protocol.ts";
import type { Span } from "./span.ts";

/** Filled in by an algorithm; reused, so that choosing allocates nothing. */
export interface Estimate {
  time: Seconds;
  latency: Seconds;
  scaleUp: Seconds;
  scaleOut: Seconds;
}

export interface Algorithm {
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly operations: readonly CollectiveOperation[];
  readonly protocols: readonly Protocol[];
  /** Whether the platform has it and the library would choose it for this group by itself. */
  readonly available: (operation: CollectiveOperation, span: Span) => boolean;
  /** Whether it can run at all: what a forced name is held against. Absent: the same as `available`. */
  readonly possible?: (operation: CollectiveOperation, span: Span) => boolean;
  /** Whether it can be given a number of channels there; absent: its channels are not modelled. */
  readonly channels?: (span: Span) => boolean;
  readonly estimate: (request: {
    operation: CollectiveOperation;
    size: Bytes;
    span: Span;
    protocol: Protocol;
    /** Channels that were asked for; absent: as many as the links need. */
    channels?: number;
    out: Estimate;
  }) => void;
}

export type EstimateRequest = Parameters<Algorithm["estimate"]>[0];

/** Whole part of log2 of a positive count. */
export const floorLog2 = (count: number): number => 31 - Math.clz32(count);

/** Latency, then both transfers at once: they run in a pipeline of chunks. */
export function overlapped(out: Estimate, latency: Seconds, scaleUp: Seconds, scaleOut: Seconds): void {
  out.latency = latency;
  out.scaleUp = scaleUp;
  out.scaleOut = scaleOut;
  out.time = latency + Math.max(scaleUp, scaleOut);
}

/** Latency, then one transfer after the other. */
export function consecutive(out: Estimate, latency: Seconds, scaleUp: Seconds, scaleOut: Seconds): void {
  out.latency = latency;
  out.scaleUp = scaleUp;
  out.scaleOut = scaleOut;
  out.time = latency + scaleUp + scaleOut;
}
