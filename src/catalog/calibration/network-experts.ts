/**
 * Constants of expert exchanges (DeepEP, HybridEP), fitted by `tools/calibrate/network` on the tables of H100 (1 to 4
 * nodes) and B200 by tokens, nodes and multiprocessors.
 * @source aiconfigurator-comm, deepep-2025
 */
import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";

interface CopyRates {
  /** Most of the scale-up link that the copies reach. */
  readonly linkShare: number;
  readonly perMultiprocessor: BytesPerSecond;
  /** The library's default. */
  readonly multiprocessors: number;
}

export interface ExpertExchangeConstants {
  readonly deepep: CopyRates;
  readonly hybridep: CopyRates;
  /** Part of the NICs' goodput that dispatch and combine reach. */
  readonly networkShare: number;
  readonly latency: {
    readonly domain: Seconds;
    readonly network: Seconds;
    readonly perDoubling: Seconds;
    /** Combine over dispatch. */
    readonly combine: Seconds;
  };
}

export const expertExchangeConstants: ExpertExchangeConstants = Object.freeze({
  deepep: { linkShare: 0.72, perMultiprocessor: 16.5e9, multiprocessors: 24 },
  hybridep: { linkShare: 0.5, perMultiprocessor: 30e9, multiprocessors: 16 },
  networkShare: 0.92,
  latency: { domain: 26e-6, network: 30e-6, perDoubling: 30e-6, combine: 22e-6 },
});
