/** Prices as they were found: dated, sourced, never invented. What they mean depends on kind, term and seller. */

import type { Dollars } from "../../base/quantity.ts";

/** list: the seller's own; street: a reseller's quote; rental: a market's median, index or spot; estimate: an analyst's. */
export type PriceKind = "list" | "street" | "rental" | "estimate";
export type RentalTerm = "on-demand" | "1-year" | "3-year" | "spot" | "capacity-block";
/** specialised: GPU clouds; hyperscaler: general clouds; marketplace: other people's machines, and market indices. */
export type SellerClass = "specialised" | "hyperscaler" | "marketplace";

export interface RentalQuote {
  /** Catalog name of the accelerator. */
  readonly accelerator: string;
  readonly seller: string;
  readonly sellerClass: SellerClass;
  readonly kind: PriceKind;
  readonly term: RentalTerm;
  /** Per accelerator, not per superchip, core or instance. */
  readonly dollarsPerHour: Dollars;
  readonly region: string;
  /** ISO date, month or interval (`2025-07/2026-11` where only that is known). */
  readonly date: string;
  readonly source: string;
  readonly notes?: string;
}

export interface PurchaseQuote {
  /** What is bought, in words. */
  readonly item: string;
  /** Catalog name of the accelerator inside, and how many. */
  readonly accelerator: string;
  readonly accelerators: number;
  readonly kind: PriceKind;
  readonly low: Dollars;
  readonly high: Dollars;
  readonly date: string;
  readonly source: string;
  readonly notes?: string;
}
