/** What a transport does to the line rate and the latency of a NIC. One line a transport. */
import type { Seconds } from "../base/quantity.ts";

export interface Transport {
  /** Payload over line rate of one port at large messages. */
  readonly goodput: number;
  /** Added to the published network latency of the library for every message that leaves the node. */
  readonly latency: Seconds;
  /** Factor on the bandwidth of in-switch trees over this transport. */
  readonly tree: number;
}

/**
 * Goodput: 48.3 of 50 GB/s on InfiniBand, 190 of 200 GB/s a node on RoCE. EFA: NVLS trees reach 310 of 388 GB/s and the
 * vendor's tuner adds 18-20 us where the library's model has 14. TCP (`ethernet`, `dcn`) is an assumption.
 * @source nccl-tests-issues (48.3 of 50), nccl-1368 (190 of 200), ml-engineering-nccl (EFA)
 */
const transports: Readonly<Record<string, Transport>> = {
  infiniband: { goodput: 0.967, latency: 0, tree: 1 },
  roce: { goodput: 0.95, latency: 1e-6, tree: 1 },
  efa: { goodput: 0.95, latency: 5e-6, tree: 0.8 },
  ethernet: { goodput: 0.9, latency: 20e-6, tree: 1 },
  dcn: { goodput: 0.9, latency: 20e-6, tree: 1 },
};

const unknown: Transport = { goodput: 0.9, latency: 20e-6, tree: 1 };

/** The transport of a name; one that is not listed is taken as plain Ethernet. */
export function transportOf(name: string): Transport {
  return transports[name] ?? unknown;
}
