/**
 * What joins accelerators to their host: the link of each, and the memory behind it. Datasheet peaks; what copies reach
 * of them is not in these numbers.
 */

import type { BytesPerSecond } from "../base/quantity.ts";

export interface Host {
  /** Between one accelerator and host memory, one direction. */
  readonly link: BytesPerSecond;
  /** Bandwidth of the host memory of one node; unknown where the host is the operator's choice. */
  readonly memory?: BytesPerSecond;
}

/** Sixteen lanes, one direction: 16, 32 GT/s with 128b/130b coding. @source pci-express */
export const pciExpress4: BytesPerSecond = (16 * 16e9 * (128 / 130)) / 8;
export const pciExpress5: BytesPerSecond = (16 * 32e9 * (128 / 130)) / 8;
/**
 * 900 GB/s both ways join one Grace to two accelerators: a quarter each, one direction; its memory 512 GB/s, two Graces
 * a tray of four. @source nvidia-grace-blackwell
 */
export const graceBlackwell: Host = { link: 225e9, memory: 2 * 512e9 };
/** Channels x transfers x 8 bytes, of both sockets. */
export const dualSocket = (channels: number, transfers: number): BytesPerSecond => 2 * channels * transfers * 8;
