/** Units that logs print. */

import type { BytesPerSecond } from "../../base/quantity.ts";

const bytesPerMegabyte = 1e6;

export function megabytesPerSecond(value: number): BytesPerSecond {
  return value * bytesPerMegabyte;
}
