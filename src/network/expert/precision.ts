/** What an element of a token weighs on the wire: its scales travel along. */

export type WirePrecision = "bf16" | "fp8" | "nvfp4";

/**
 * fp8 with a scale of 4 bytes for 128 elements, nvfp4 with one of a byte for 16.
 * @source deepep-2025, aiconfigurator-comm
 */
const bytesPerElement: Readonly<Record<WirePrecision, number>> = {
  bf16: 2,
  fp8: 1 + 4 / 128,
  nvfp4: 1 / 2 + 1 / 16,
};

export function wireBytesPerElement(precision: WirePrecision): number {
  return bytesPerElement[precision];
}
