/**
 * HybridEP: copies by TMA on few multiprocessors. Constants derived from its published bandwidths: kernels reach 735
 * GB/s (dispatch) and 674 (combine) with 16 multiprocessors on B200, 57 GB/s over 4 nodes of H100 (75 % of the NICs
 * once the local part is taken off, with the call around the kernel); that call adds about 130 us in one domain.
 * @source hybridep-2025
 */
import type { CopyCost } from "../../catalog/calibration/network.ts";

const shared = {
  latency: 130e-6,
  networkLatency: 160e-6,
  doublingLatency: 30e-6,
  perToken: 0,
  networkShare: 0.75,
} as const;

export const hybridCopies: Readonly<Record<"dispatch" | "combine", CopyCost>> = Object.freeze({
  dispatch: { ...shared, perMultiprocessor: 48e9, perForwarder: 30e9, linkShare: 0.82 },
  combine: { ...shared, perMultiprocessor: 44e9, perForwarder: 25e9, linkShare: 0.75 },
});
