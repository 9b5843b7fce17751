/** A line of a bill or of a cost: what reports, specifications and explanations all print. */

import { type Dimension, formatQuantity } from "../base/quantity.ts";

export interface Line {
  /** Pool of nodes that it belongs to, where there are several. */
  readonly pool?: string;
  readonly item: string;
  /** SI; a pair from the least to the most; "unknown" where nobody says. */
  readonly amount: number | readonly [low: number, high: number] | "unknown";
  /** `1` is a count. */
  readonly unit: "1" | "W" | "B" | "B/s" | "USD" | "USD/s" | "s";
  /** What it is or how it was counted; of what is unknown, why, and what makes it known. */
  readonly note: string;
}

/** An item with the pool that it belongs to. */
export function itemText({ pool, item }: Line): string {
  return pool === undefined ? item : `${item} (${pool})`;
}

const dimensions: Readonly<Record<Line["unit"], Dimension>> = {
  "1": "count",
  W: "watts",
  B: "bytes",
  "B/s": "bytesPerSecond",
  USD: "dollars",
  "USD/s": "dollarsPerSecond",
  s: "seconds",
};

/** An amount as people read it. */
export function amountText({ amount, unit }: Line): string {
  if (amount === "unknown") return amount;
  const shown = (value: number): string => formatQuantity(value, dimensions[unit]);
  return typeof amount === "object" ? `${shown(amount[0])} to ${shown(amount[1])}` : shown(amount);
}
