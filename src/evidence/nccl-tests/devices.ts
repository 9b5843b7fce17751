/** Names that drivers give to accelerators, and the catalog's. */

/** First match wins: names that say more come first. */
const names: readonly (readonly [pattern: RegExp, accelerator: string])[] = [
  [/\bGB300\b/, "gb300"],
  [/\bGB200\b/, "gb200"],
  [/\bB300\b/, "b300-sxm"],
  [/\bB200\b/, "b200-sxm"],
  [/\bH200 NVL\b/, "h200-nvl"],
  [/\bH200\b/, "h200-sxm"],
  [/\bH100 NVL\b/, "h100-nvl"],
  [/\bH100 PCIe\b/i, "h100-pcie"],
  [/\bH100\b/, "h100-sxm"],
  [/\bH800\b/, "h800-sxm"],
  [/\bH20\b/, "h20"],
  [/\bA100\b.*\bPCIe?\b.*\b40 ?GB\b|\bA100-PCIE-40GB\b/i, "a100-pcie-40gb"],
  [/\bA100\b.*\bPCIe?\b/i, "a100-pcie-80gb"],
  [/\bA100\b.*\b40 ?GB\b/i, "a100-sxm-40gb"],
  [/\bA100\b/, "a100-sxm-80gb"],
  [/\bA40\b/, "a40"],
  [/\bA30\b/, "a30"],
  [/\bL40S\b/, "l40s"],
  [/\bL4\b/, "l4"],
  [/\bRTX PRO 6000\b/i, "rtx-pro-6000"],
  [/\bRTX 4090\b/i, "rtx-4090"],
  [/\bMI355X\b/i, "mi355x"],
  [/\bMI325X\b/i, "mi325x"],
  [/\bMI300X\b/i, "mi300x"],
  [/\bMI250X\b/i, "mi250x-gcd"],
];

/** Catalog name of the accelerator of `NVIDIA H100 80GB HBM3`; undefined where the catalog has none such. */
export function acceleratorOf(device: string): string | undefined {
  return names.find(([pattern]) => pattern.test(device))?.[1];
}

/** Whether drivers have a name for an accelerator of the catalog that is known here. */
export function hasDeviceName(accelerator: string): boolean {
  return names.some(([, name]) => name === accelerator);
}
