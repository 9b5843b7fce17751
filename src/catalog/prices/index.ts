/**
 * One default rental price per accelerator, by a rule, out of the offers found.
 *
 * The rule: on-demand list prices of specialised clouds; where there are none, of hyperscalers. Of these, offers
 * not older than twelve months before the newest; their median. Marketplaces, indices, spot, term and estimated
 * prices never enter it. Without such an offer the price is `unknown`. Nothing depends on today's date.
 */

import type { Dollars } from "../../base/quantity.ts";
import type { PriceKind, RentalQuote, RentalTerm, SellerClass } from "./price.ts";
import { rentalQuotes } from "./rental.ts";

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

function medianOfRecent(offers: readonly RentalQuote[]): RentalPrice | undefined {
  const byDate = offers.toSorted((a, b) => monthOf(b.date) - monthOf(a.date));
  const newest = byDate[0];
  if (newest === undefined) return undefined;
  const quotes = byDate.filter((offer) => monthOf(newest.date) - monthOf(offer.date) <= 12);
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
