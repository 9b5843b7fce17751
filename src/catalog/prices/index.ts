/**
 * One default rental price per accelerator and one price of a server, by rules, out of the offers found.
 *
 * The rule: on-demand list prices of specialised clouds; where there are none, of hyperscalers. Of these, offers
 * not older than twelve months before the newest; their median. Marketplaces, indices, spot, term and estimated
 * prices never enter it. Without such an offer the price is `unknown`. Nothing depends on today's date.
 *
 * A server or rack: list and street prices of so many accelerators bought as one, not older than twelve months before the
 * newest; their median. Estimates never enter it.
 */

import type { Dollars } from "../../base/quantity.ts";
import type { PriceKind, PurchaseQuote, RentalQuote, RentalTerm, SellerClass } from "./price.ts";
import { purchaseQuotes } from "./purchase.ts";
import { rentalQuotes } from "./rental.ts";

export { type OwnerDefault, ownerDefaults } from "./owner.ts";
export type { PriceKind, PurchaseQuote, RentalQuote, RentalTerm, SellerClass } from "./price.ts";
export { purchaseQuotes } from "./purchase.ts";
export { rentalQuotes } from "./rental.ts";

export interface RentalPrice {
  /** Dollars per accelerator-second. */
  readonly value: number;
  readonly dollarsPerHour: Dollars;
  /** Cheapest and dearest offer that entered the median. */
  readonly dollarsPerHourMin: Dollars;
  readonly dollarsPerHourMax: Dollars;
  readonly kind: PriceKind;
  readonly term: RentalTerm;
  readonly sellerClass: SellerClass;
  readonly region: string;
  /** Of the newest offer used. */
  readonly date: string;
  /** Source of the newest offer used; all of them in `quotes`. */
  readonly source: string;
  readonly quotes: readonly RentalQuote[];
}

const secondsPerHour = 3600;

/** The default rental price of an accelerator by its catalog name, or `unknown`. */
export function rentalPrice(accelerator: string): RentalPrice | "unknown" {
  for (const sellerClass of ["specialised", "hyperscaler"] as const) {
    const offers = rentalQuotes.filter(
      (quote) =>
        quote.accelerator === accelerator &&
        quote.sellerClass === sellerClass &&
        quote.kind === "list" &&
        quote.term === "on-demand",
    );
    const price = medianOfRecent(offers);
    if (price !== undefined) return price;
  }
  return "unknown";
}

/** What a server, or a rack that is sold as one, was bought for. */
export interface ServerPrice {
  readonly value: Dollars;
  /** Cheapest and dearest offer that entered the median. */
  readonly low: Dollars;
  readonly high: Dollars;
  /** Newest first. */
  readonly quotes: readonly PurchaseQuote[];
}

/** The price of what holds so many accelerators and is bought as one, or `unknown`. */
export function serverPrice(accelerator: string, accelerators: number): ServerPrice | "unknown" {
  const offers = boughtTogether(accelerator, accelerators).filter(({ kind }) => kind !== "estimate");
  const quotes = recent(offers);
  if (quotes.length === 0) return "unknown";
  const value = median(quotes.map(({ low, high }) => (low + high) / 2).toSorted((a, b) => a - b));
  const [low, high] = [Math.min(...quotes.map((quote) => quote.low)), Math.max(...quotes.map((quote) => quote.high))];
  return { value, low, high, quotes };
}

export interface ServerEstimate {
  readonly accelerators: number;
  readonly low: Dollars;
  readonly high: Dollars;
}

/** What analysts take the largest server or rack of an accelerator to cost, which prices nothing. */
export function serverEstimate(accelerator: string): ServerEstimate | undefined {
  const offers = purchaseQuotes.filter((quote) => quote.accelerator === accelerator && quote.kind === "estimate");
  const accelerators = Math.max(0, ...offers.map((quote) => quote.accelerators));
  if (accelerators < 2) return undefined;
  const alike = offers.filter((quote) => quote.accelerators === accelerators);
  return {
    accelerators,
    low: Math.min(...alike.map(({ low }) => low)),
    high: Math.max(...alike.map(({ high }) => high)),
  };
}

/** A single accelerator is no server: it has no host and no box. */
function boughtTogether(accelerator: string, accelerators: number): readonly PurchaseQuote[] {
  if (accelerators === 1) return [];
  return purchaseQuotes.filter((quote) => quote.accelerator === accelerator && quote.accelerators === accelerators);
}

/** Newest first, none older than twelve months before the newest. */
function recent<Offer extends { readonly date: string }>(offers: readonly Offer[]): readonly Offer[] {
  const byDate = offers.toSorted((a, b) => monthOf(b.date) - monthOf(a.date));
  const [newest] = byDate;
  return newest === undefined ? [] : byDate.filter(({ date }) => monthOf(newest.date) - monthOf(date) <= 12);
}

function medianOfRecent(offers: readonly RentalQuote[]): RentalPrice | undefined {
  const quotes = recent(offers);
  const [newest] = quotes;
  if (newest === undefined) return undefined;
  const values = quotes.map((quote) => quote.dollarsPerHour).toSorted((a, b) => a - b);
  const regions = new Set(quotes.map((quote) => quote.region));
  const dollarsPerHour = median(values);
  return {
    value: dollarsPerHour / secondsPerHour,
    dollarsPerHour,
    dollarsPerHourMin: values[0] ?? dollarsPerHour,
    dollarsPerHourMax: values.at(-1) ?? dollarsPerHour,
    kind: newest.kind,
    term: newest.term,
    sellerClass: newest.sellerClass,
    region: regions.size === 1 ? newest.region : "several",
    date: newest.date,
    source: newest.source,
    quotes,
  };
}

/** Of a sorted list that is not empty; the mean of the middle two where their number is even. */
function median(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? upper;
  return (lower + upper) / 2;
}

/** Months since year 0 of an ISO date, or of the end of an interval. */
function monthOf(date: string): number {
  const [year = "0", month = "12"] = (date.split("/").at(-1) ?? "").split("-");
  return Number(year) * 12 + Number(month);
}
