/** Units that logs print. */

import type { BytesPerSecond } from "../../base/quantity.ts";

const bytesPerMegabyte = 1e6;

export function megabytesPerSecond(value: number): BytesPerSecond {
  return value * bytesPerMegabyte;
}

const bytesPerGigabyte = 1e9;

export function gigabytesPerSecond(value: number): BytesPerSecond {
  return value * bytesPerGigabyte;
}
