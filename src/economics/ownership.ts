/**
 * What an accelerator-hour costs its owner: capital recovered over the years of use, hosting, electricity.
 * Ignores: tax, utilisation sold, price decay beyond the salvage value.
 */

import { pow } from "../base/math.ts";
import type { Dollars, Watts } from "../base/quantity.ts";

export interface Ownership {
  /** Servers with their accelerators, and network: capital per accelerator. */
  readonly capital: Dollars;
  /** What `capital` still fetches at the end. */
  readonly salvage: Dollars;
  readonly years: number;
  /** Cost of capital a year, e.g. 0.1. */
  readonly rate: number;
  /** Share of capital a year for maintenance. */
  readonly maintenance: number;
  /** Rent of a hall, dollars per kilowatt and month, without energy. */
  readonly hostingPerKilowattMonth: Dollars;
  /** Watts per accelerator that the hall must provide, and that are drawn on average. */
  readonly powerProvisioned: Watts;
  readonly powerMean: Watts;
  readonly pue: number;
  readonly electricityPerKilowattHour: Dollars;
  /** Dollars a year per accelerator. */
  readonly staff: Dollars;
}

/** Dollars per accelerator-hour, by part; the parts add up to the total. */
export interface OwnershipCost {
  readonly total: Dollars;
  readonly capital: Dollars;
  readonly maintenance: Dollars;
  readonly hosting: Dollars;
  readonly energy: Dollars;
  readonly staff: Dollars;
}

const hoursPerYear = 8760;
const monthsPerYear = 12;
const wattsPerKilowatt = 1000;

/**
 * Share of a sum that is due each year to repay it over n years at rate r.
 *
 *     CRF = r / (1 - (1 + r)^-n), and 1/n at r = 0
 *
 * @source capital-recovery
 */
export function capitalRecoveryFactor(rate: number, years: number): number {
  if (!(rate >= 0) || !(years > 0)) throw new RangeError(`capital over ${years} years at ${rate}`);
  // Below this the formula is all rounding, and its limit is exact to nine digits.
  return rate < 1e-10 ? 1 / years : rate / (1 - pow(1 + rate, -years));
}

/**
 * Yearly cost of capital C with salvage S.
 *
 *     A = (C - S / (1 + r)^n) CRF
 *
 * @source capital-recovery
 */
export function amortisation(asset: Pick<Ownership, "capital" | "salvage" | "rate" | "years">): Dollars {
  const present = asset.capital - asset.salvage / pow(1 + asset.rate, asset.years);
  return present * capitalRecoveryFactor(asset.rate, asset.years);
}

/**
 * Cost of one accelerator-hour, every hour of the year counted.
 *
 *     c = [A + m C + 12 h P_provisioned + staff + 8760 PUE e P_mean] / 8760
 *
 * @source inferencex
 */
export function ownershipCost(owner: Ownership): OwnershipCost {
  const capital = amortisation(owner) / hoursPerYear;
  const maintenance = (owner.maintenance * owner.capital) / hoursPerYear;
  const provisioned = owner.powerProvisioned / wattsPerKilowatt;
  const hosting = (monthsPerYear * owner.hostingPerKilowattMonth * provisioned) / hoursPerYear;
  const energy = (owner.pue * owner.electricityPerKilowattHour * owner.powerMean) / wattsPerKilowatt;
  const staff = owner.staff / hoursPerYear;
  return { total: capital + maintenance + hosting + energy + staff, capital, maintenance, hosting, energy, staff };
}
