/**
 * Latencies of NCCL's protocols, as its tuner has them: LL (4 bytes of data with 4 of flag), LL128 (120 of 128) and
 * Simple (whole buffers). Facts of NCCL 2.30.7, in seconds.
 * @source nccl-tuning
 */
import type { Seconds } from "../../base/quantity.ts";

export type Protocol = "ll" | "ll128" | "simple";

interface Latencies {
  readonly base: { readonly tree: Seconds; readonly ring: Seconds; readonly pat: Seconds };
  readonly nvlink: { readonly tree: Seconds; readonly ring: Seconds };
  readonly pcie: { readonly tree: Seconds; readonly ring: Seconds };
  readonly network: { readonly tree: Seconds; readonly ring: Seconds };
  /** Host work per step of a ring whose links are faster than it. */
  readonly overhead: Seconds;
}

export const latencies: Readonly<Record<Protocol, Latencies>> = {
  ll: {
    base: { tree: 6.8e-6, ring: 6.6e-6, pat: 8e-6 },
    nvlink: { tree: 0.6e-6, ring: 0.6e-6 },
    pcie: { tree: 1e-6, ring: 1e-6 },
    network: { tree: 5e-6, ring: 2.7e-6 },
    overhead: 1e-6,
  },
  ll128: {
    base: { tree: 14e-6, ring: 14e-6, pat: 8e-6 },
    nvlink: { tree: 1.25e-6, ring: 1.9e-6 },
    pcie: { tree: 1.9e-6, ring: 2.5e-6 },
    network: { tree: 8.5e-6, ring: 4e-6 },
    overhead: 1e-6,
  },
  simple: {
    base: { tree: 8.4e-6, ring: 8.4e-6, pat: 8e-6 },
    nvlink: { tree: 4e-6, ring: 3.4e-6 },
    pcie: { tree: 4e-6, ring: 5.7e-6 },
    network: { tree: 14e-6, ring: 14e-6 },
    overhead: 3e-6,
  },
};

/** In-switch reduction, and in-switch reduction with a tree between nodes. */
export const nvlsLatency: Seconds = 25e-6;
export const nvlsTreeNetworkLatency: Seconds = 20.9e-6;

/**
 * Latency of rings over several nodes grows by this once every step moves real data. The library's model has it for
 * Simple only; 40 H100 at 1 MiB and the ratio tables at 16 MiB show the same or more for the others.
 */
export const ringPlateau = 1.4;

/**
 * Factor on a tree's bandwidth by log2(size/64 B), 1 beyond: its pipeline fills late. The tuner's own correction.
 * @source nccl-tuning
 */
export const treeCorrection: Readonly<Record<Protocol, readonly number[]>> = {
  ll: [1, 1, 1, 1, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7, 0.6, 0.5, 0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  ll128: [1, 1, 1, 1, 1, 0.9, 0.8, 0.8, 0.8, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.8, 0.9, 0.9, 0.9, 0.9, 1],
  simple: [
    0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.7, 0.6, 0.6, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 0.7, 0.7, 0.8, 0.9,
  ],
};
