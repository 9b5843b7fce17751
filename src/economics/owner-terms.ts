/** What a scenario says of owning: `economics.ownership`. What it leaves out is taken from dated sources, or unknown. */

import type { Dollars, DollarsPerJoule, DollarsPerWatt, Seconds } from "../base/quantity.ts";

export interface OwnerTerms {
  /** Price of one node; over pools their mean. */
  readonly node?: Dollars;
  /** Of switches, optics and cables together. */
  readonly network?: Dollars;
  readonly storage?: Dollars;
  readonly years?: Seconds;
  readonly rate?: number;
  readonly salvage?: number;
  /** Share of capital a year. */
  readonly maintenance?: number;
  readonly hostingPerMonth?: DollarsPerWatt;
  readonly energy?: DollarsPerJoule;
  readonly staffPerYear?: Dollars;
}
