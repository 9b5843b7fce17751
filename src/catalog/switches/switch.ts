/** Switches and optical modules that can be bought: ports, power, price. What has no dated public source is unknown. */

import type { BytesPerSecond, Dollars, Watts } from "../../base/quantity.ts";
import type { Fabric } from "../cluster.ts";

export interface Price {
  readonly low: Dollars;
  readonly high: Dollars;
  /** ISO month of the figures. */
  readonly date: string;
}

export interface SwitchType {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly label: string;
  readonly transports: readonly Fabric["transport"][];
  readonly ports: number;
  /** One port, one direction. */
  readonly portRate: BytesPerSecond;
  /** Typical and most; with the modules in its ports, or with passive cables. */
  readonly power: Watts | "unknown";
  readonly powerMax?: Watts;
  readonly optics: "included" | "apart";
  readonly price: Price | "unknown";
  readonly sources: readonly string[];
  readonly notes?: string;
}

export interface OpticsType {
  readonly name: string;
  readonly label: string;
  /** All it carries, one direction; a twin-port module serves two cables of half the rate. */
  readonly rate: BytesPerSecond;
  readonly power: Watts | "unknown";
  readonly powerMax?: Watts;
  readonly price: Price | "unknown";
  readonly sources: readonly string[];
}
