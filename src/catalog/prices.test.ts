import { describe, expect, it } from "vitest";
import type { RentalPrice } from "./index.ts";
import { accelerators, purchaseQuotes, rentalPrice, rentalQuotes, sources } from "./index.ts";

function priced(name: string): RentalPrice {
  const price = rentalPrice(name);
  if (price === "unknown") throw new Error(`${name} has no price`);
  return price;
}

const isoDate = /^\d{4}(-\d{2}(-\d{2})?)?(\/\d{4}(-\d{2}(-\d{2})?)?)?$/;

describe("quotes", () => {
  it("are dated, sourced and of known accelerators", () => {
    for (const quote of rentalQuotes) {
      expect(accelerators.find(quote.accelerator)?.name).toBe(quote.accelerator);
      expect(Object.keys(sources)).toContain(quote.source);
      expect(quote.date).toMatch(isoDate);
      expect(quote.dollarsPerHour).toBeGreaterThan(0.3);
      expect(quote.dollarsPerHour).toBeLessThan(20);
    }
    for (const quote of purchaseQuotes) {
      expect(accelerators.find(quote.accelerator)?.name).toBe(quote.accelerator);
      expect(Object.keys(sources)).toContain(quote.source);
      expect(quote.high).toBeGreaterThanOrEqual(quote.low);
    }
  });

  it("fall with the length of the term at one seller", () => {
    const of = (accelerator: string, seller: string, term: string) =>
      rentalQuotes.find((quote) => quote.accelerator === accelerator && quote.seller === seller && quote.term === term)
        ?.dollarsPerHour ?? Number.NaN;
    for (const name of ["tpu-v5e", "tpu-v6e"]) {
      expect(of(name, "Google", "1-year") / of(name, "Google", "on-demand")).toBeCloseTo(0.7, 2);
      expect(of(name, "Google", "3-year") / of(name, "Google", "on-demand")).toBeCloseTo(0.45, 2);
    }
  });
});

describe("the default price", () => {
  it("is the median of specialised clouds' recent list prices", () => {
    expect(priced("h100-sxm")).toMatchObject({
      dollarsPerHour: 3.99,
      dollarsPerHourMin: 3.2,
      dollarsPerHourMax: 6.16,
      kind: "list",
      term: "on-demand",
      sellerClass: "specialised",
      date: "2026-11-09",
      source: "data-receipts",
    });
    expect(priced("h100-sxm").value).toBeCloseTo(3.99 / 3600, 12);
    expect(priced("a100-sxm-80gb").dollarsPerHour).toBeCloseTo((1.79 + 2.79) / 2, 12);
    expect(priced("mi300x").dollarsPerHour).toBe(1.85);
  });

  it("falls back on hyperscalers, and says so", () => {
    expect(priced("tpu-v6e")).toMatchObject({ dollarsPerHour: 2.7, sellerClass: "hyperscaler", region: "USA" });
    expect(priced("gb300")).toMatchObject({ dollarsPerHour: 18, date: "2025-07/2026-11" });
  });

  it("leaves out offers more than a year older than the newest", () => {
    const price = priced("h200-sxm");
    expect(price.quotes.map((quote) => quote.seller)).toEqual(["RunPod secure", "Hyperstack", "Spheron"]);
    for (const { name } of accelerators.entries) {
      const found = rentalPrice(name);
      if (found === "unknown") continue;
      expect(found.quotes.every((quote) => quote.kind === "list" && quote.term === "on-demand")).toBe(true);
    }
  });

  it("is unknown where nobody lists one", () => {
    for (const name of ["trainium2", "gaudi3", "h20", "tpu-v7x", "no-such-part"])
      expect(rentalPrice(name)).toBe("unknown");
  });
});
