/**
 * What a run costs to rent. A price that nobody published stays `unknown`; whatever a total leaves out is named.
 * Ignores: minimum terms, whole-node billing, restarts (they are in the time that the caller hands over).
 */

import type { Dollars, DollarsPerJoule, Joules, Seconds, TokensPerSecond } from "../base/quantity.ts";
import type { RentalPrice } from "../catalog/prices/index.ts";

/** A price of the scenario, in dollars per accelerator-second, or one of the catalog. */
export type AcceleratorPrice = Pick<RentalPrice, "value"> | "unknown";

export interface Cost {
  /** Sum of the parts that are known; `unknown` where the rent is. */
  readonly value: Dollars | "unknown";
  readonly rent: Dollars | "unknown";
  /** Energy billed apart; 0 where the rent includes it. */
  readonly energy: Dollars | "unknown";
  readonly acceleratorHours: number;
  /** What the value does not hold. */
  readonly excluded: readonly string[];
}

/** Energy that is billed apart from the rent. */
export interface EnergyBill {
  readonly used: Joules | "unknown";
  /** Dollars per joule. */
  readonly price: DollarsPerJoule;
}

const secondsPerHour = 3600;
const tokensPerMillion = 1e6;

/** Rent of a number of accelerators for a time, busy or not, and their energy where that is billed apart. */
export function rentalCost(run: {
  readonly accelerators: number;
  readonly time: Seconds;
  readonly price: AcceleratorPrice;
  readonly energy?: EnergyBill;
}): Cost {
  const { accelerators, time, price } = run;
  if (!(accelerators >= 0) || !(time >= 0)) throw new RangeError(`rent of ${accelerators} accelerators for ${time} s`);
  const held = accelerators * time;
  const rent = price === "unknown" ? price : held * price.value;
  const energy = energyCost(run.energy);
  const excluded = ["storage", "data transfer", "staff"];
  if (energy === "unknown") excluded.unshift("energy (power unknown)");
  if (rent === "unknown") excluded.unshift("accelerators (no price)");
  const value = rent === "unknown" ? rent : rent + (energy === "unknown" ? 0 : energy);
  return { value, rent, energy, acceleratorHours: held / secondsPerHour, excluded };
}

function energyCost(bill: EnergyBill | undefined): Dollars | "unknown" {
  if (bill === undefined) return 0;
  return bill.used === "unknown" ? bill.used : bill.used * bill.price;
}

/**
 * Dollars per million tokens.
 *
 *     C = 10^6 c G / T
 *
 * c dollars per accelerator-second, G accelerators held, T tokens per second over the same interval. Which tokens
 * (all, or output only) is the caller's word.
 * @source inferencex
 */
export function costPerMillionTokens(serving: {
  readonly accelerators: number;
  readonly tokensPerSecond: TokensPerSecond;
  readonly price: AcceleratorPrice;
}): Dollars | "unknown" {
  const { accelerators, tokensPerSecond, price } = serving;
  if (!(tokensPerSecond > 0)) throw new RangeError(`cost at ${tokensPerSecond} tokens/s`);
  return price === "unknown" ? "unknown" : (tokensPerMillion * price.value * accelerators) / tokensPerSecond;
}
