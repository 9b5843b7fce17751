/** Accelerator memory for people: in powers of 1024 where the part itself is sized so (80 GiB), else decimal. */

import { formatQuantity } from "../../../src/base/quantity.ts";

/** Writes sizes as the capacity beside them is written. */
export function memorySize(capacity: number): (value: number) => string {
  const mebibyte = 2 ** 20;
  const system = capacity % mebibyte === 0 ? "binary" : "decimal";
  return (value) => formatQuantity(value, "bytes", system);
}
