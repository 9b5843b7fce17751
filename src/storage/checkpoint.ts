/**
 * Time to save and to load a checkpoint. Each byte is written once; ranks copy their shares to host memory side by
 * side, then nodes send them to the store, which takes what all send until it is full.
 *
 *     copy     = bytes of a rank / (0.8 link)
 *     persist  = max(size / store's rate, bytes of a node / node's rate)
 *     load     = the same on the way back, each byte read once and spread over the cluster's network
 *
 * Ignores: contention of the copy with the step, files and metadata, resharding, the network's part of a load.
 */

import type { Bytes, BytesPerSecond, Seconds } from "../base/quantity.ts";

/** The store behind the nodes; without one only the nodes' own links count. */
export interface Store {
  readonly write?: BytesPerSecond;
  readonly read?: BytesPerSecond;
  /** What one node moves to or from it. */
  readonly perNode: BytesPerSecond;
}

export interface CheckpointWork {
  readonly size: Bytes;
  /** Ranks and nodes that write, each an equal share. */
  readonly ranks: number;
  readonly nodes: number;
  /** All nodes: each loads its share. */
  readonly readers: number;
  /** Between one accelerator and host memory. */
  readonly link: BytesPerSecond;
}

export interface CheckpointTimes {
  /** From accelerators to host memory. */
  readonly copy: Seconds;
  /** From host memory to the store. */
  readonly persist: Seconds;
  readonly load: Seconds;
}

/** What copies between host and accelerator reach of their link; assumed, no public measurement. */
export const copyEfficiency = 0.8;

export function checkpointTimes(work: CheckpointWork, store: Store): CheckpointTimes {
  const { size, ranks, nodes, readers, link } = work;
  if (!(size >= 0 && ranks >= 1 && nodes >= 1 && readers >= 1 && link > 0 && store.perNode > 0)) {
    throw new RangeError(`a checkpoint of ${size} B by ${ranks} ranks on ${nodes} nodes over ${link} B/s`);
  }
  const share = (rate: BytesPerSecond | undefined): Seconds => (rate === undefined ? 0 : size / rate);
  const back = size / (readers * store.perNode);
  return {
    copy: size / ranks / (copyEfficiency * link),
    persist: Math.max(share(store.write), size / nodes / store.perNode),
    load: Math.max(share(store.read), back) + size / ranks / (copyEfficiency * link),
  };
}
