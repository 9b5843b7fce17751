/** Prices: those of the scenario, else the dated ones of the catalog, else unknown. */

import type { Cluster } from "../../catalog/cluster.ts";
import { rentalPrice } from "../../catalog/prices/index.ts";
import type { EconomicsText } from "../schema/scenario.ts";
import type { Prices } from "../training/design.ts";
import { given, type Notes } from "./notes.ts";

/** Prices in SI. Each that was not given is noted with its date and source. */
export function resolvePrices(written: EconomicsText | undefined, cluster: Cluster, notes: Notes): Prices {
  const reason = "not given; energy of the machines alone, without cooling and losses of the site";
  const path = "economics.powerUsageEffectiveness";
  const powerUsageEffectiveness = given(notes, path, written?.powerUsageEffectiveness, 1, reason);
  return {
    acceleratorSecond: written?.acceleratorHour ?? catalogPrice(cluster, notes),
    ...(written?.energy === undefined ? {} : { joule: written.energy }),
    powerUsageEffectiveness,
  };
}

function catalogPrice(cluster: Cluster, notes: Notes): Prices["acceleratorSecond"] {
  const path = "economics.acceleratorHour";
  const name = cluster.node.accelerator.name;
  const price = rentalPrice(name);
  if (price === "unknown") {
    const reason = `no dated public rental price of ${name}; there is no cost without economics.acceleratorHour`;
    notes.assumptions.push({ path, value: "unknown", reason });
    return price;
  }
  const value = `${price.dollarsPerHour.toFixed(2)} $/h`;
  const offers = price.quotes.length === 1 ? "one offer" : `median of ${price.quotes.length} offers`;
  const range = `${price.dollarsPerHourMin} to ${price.dollarsPerHourMax}`;
  const reason = `not given; ${price.term} list price of ${price.sellerClass} clouds, ${offers} (${range}), ${price.date}; energy included`;
  notes.assumptions.push({ path, value, reason });
  return price.value;
}
