/**
 * What the parts of a bill cost to buy: as the scenario says, else from dated offers of servers and switches.
 * Ignores: discounts of large orders, delivery, installation.
 */

import { type Dollars, formatQuantity } from "../base/quantity.ts";
import type { NodeType } from "../catalog/cluster.ts";
import { type ServerPrice, serverEstimate, serverPrice } from "../catalog/prices/index.ts";
import type { Bill } from "./bill.ts";
import type { OwnerTerms } from "./owner-terms.ts";

export interface CapitalPart {
  readonly what: "nodes" | "network" | "storage";
  /** All of it: cheapest, likely, dearest. */
  readonly prices: readonly [low: Dollars, likely: Dollars, high: Dollars] | "unknown";
  readonly basis: string;
  /** What is not in it, and why. */
  readonly lacking?: { readonly what: string; readonly why: string };
}

type Prices = CapitalPart["prices"];

export function capitalParts(bill: Bill, terms: OwnerTerms): readonly CapitalPart[] {
  return [nodesPart(bill, terms.node), networkPart(bill, terms.network), storagePart(terms.storage)];
}

function given(value: Dollars): Prices {
  return [value, value, value];
}

function nodesPart({ machines }: Bill, price: Dollars | undefined): CapitalPart {
  const counts = machines.map(({ cluster, spares = 0 }) => cluster.nodes + spares);
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (price !== undefined) {
    return { what: "nodes", prices: given(price * all), basis: `${count(all)} at ${dollars(price)}, given` };
  }
  const found = machines.map(({ cluster }) => ({ node: cluster.node, price: nodePrice(cluster.node) }));
  const dark = found.find((each) => each.price === "unknown");
  if (dark !== undefined) {
    const why = unpriced(dark.node);
    return { what: "nodes", prices: "unknown", basis: why, lacking: { what: "nodes", why } };
  }
  const priced = found.flatMap(({ price: each }) => (each === "unknown" ? [] : [each]));
  const sum = (of: (each: NodePrice) => Dollars): Dollars =>
    priced.reduce((total, each, index) => total + of(each) * (counts[index] ?? 0), 0);
  const basis = priced
    .map(({ value, words }, index) => `${count(counts[index] ?? 0)} at ${dollars(value)}: ${words}`)
    .join("; ");
  return { what: "nodes", prices: [sum(({ low }) => low), sum(({ value }) => value), sum(({ high }) => high)], basis };
}

interface NodePrice {
  readonly low: Dollars;
  readonly value: Dollars;
  readonly high: Dollars;
  readonly words: string;
}

/** A node that is sold by itself, or its share of a rack that is. */
function nodePrice({ accelerator, acceleratorsPerNode, scaleUp }: NodeType): NodePrice | "unknown" {
  for (const size of new Set([acceleratorsPerNode, scaleUp.domain])) {
    const price = serverPrice(accelerator.name, size);
    if (price === "unknown") continue;
    const share = acceleratorsPerNode / size;
    const { value, low, high } = price;
    return { value: value * share, low: low * share, high: high * share, words: wordsOf(price) };
  }
  return "unknown";
}

function wordsOf({ quotes, low, high }: ServerPrice): string {
  const [newest] = quotes;
  const oldest = quotes.at(-1);
  const dates = newest?.date === oldest?.date ? `${newest?.date}` : `${oldest?.date} to ${newest?.date}`;
  const sources = [...new Set(quotes.map(({ source }) => source))].join(", ");
  const kinds = [...new Set(quotes.map(({ kind }) => kind))].join(" and ");
  const count = quotes.length === 1 ? "one offer" : `median of ${quotes.length} offers`;
  const range = low === high ? "" : ` (${dollars(low)} to ${dollars(high)})`;
  return `${count} of servers with these accelerators${range}, ${kinds}, ${dates} [${sources}]`;
}

function unpriced({ label, accelerator }: NodeType): string {
  const estimate = serverEstimate(accelerator.name);
  if (estimate === undefined) return `no dated public price of ${label}`;
  const { low, high, accelerators } = estimate;
  const range = low === high ? dollars(low) : `${dollars(low)} to ${dollars(high)}`;
  return `no dated public price of ${label}; analysts' estimate of ${range} for ${accelerators} accelerators is not taken`;
}

/** Switches alone have dated prices; what their fabric needs besides is named. */
function networkPart({ machines }: Bill, price: Dollars | undefined): CapitalPart {
  if (price !== undefined) return { what: "network", prices: given(price), basis: "given" };
  const totals = machines.map(({ fabric }) => fabric?.totals);
  const low = totals.reduce((sum, each) => sum + (each?.priceLow ?? 0), 0);
  const high = totals.reduce((sum, each) => sum + (each?.priceHigh ?? 0), 0);
  const unknown = totals.flatMap((each) => (each === undefined ? ["the fabric"] : each.excluded.filter(isPrice)));
  const why = "no dated public price";
  if (high === 0 && unknown.length === 0) return { what: "network", prices: given(0), basis: "no switches" };
  if (high === 0) return { what: "network", prices: "unknown", basis: why, lacking: { what: "network", why } };
  const part = { what: "network", prices: [low, (low + high) / 2, high], basis: "switches, street prices" } as const;
  if (unknown.length === 0) return part;
  const switches = unknown.some((words) => !words.includes("optical"));
  return { ...part, lacking: { what: switches ? "other switches, optics and cables" : "optics and cables", why } };
}

function isPrice(words: string): boolean {
  return words.startsWith("price") || words.startsWith("power and price");
}

function storagePart(price: Dollars | undefined): CapitalPart {
  if (price !== undefined) return { what: "storage", prices: given(price), basis: "given" };
  const why = "no public price";
  return { what: "storage", prices: "unknown", basis: why, lacking: { what: "storage", why } };
}

function dollars(value: Dollars): string {
  return formatQuantity(value, "dollars");
}

function count(value: number): string {
  return formatQuantity(value, "count");
}
