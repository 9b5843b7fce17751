/** Sizes of buffers: in powers of 1024, as benchmarks step, where that is exact. */

import { formatQuantity } from "../../../src/base/quantity.ts";

export function bufferSize(size: number): string {
  return formatQuantity(size, "bytes", size % 1024 === 0 ? "binary" : "decimal");
}
