/** Prices: those of the scenario, else the dated ones of the catalog, else unknown. */

import type { Cluster } from "../../catalog/cluster.ts";
import { rentalPrice } from "../../catalog/prices/index.ts";
import type { OwnerTerms, SiteTerms } from "../../economics/index.ts";
import type { EconomicsText } from "../schema/scenario.ts";
import type { Prices } from "../training/design.ts";
import { given, type Notes } from "./notes.ts";

/** Prices in SI. Each that was not given is noted with its date and source. */
export function resolvePrices(written: EconomicsText | undefined, clusters: readonly Cluster[], notes: Notes): Prices {
  const reason = "not given; energy of the machines alone, without cooling and losses of the site";
  const path = "economics.powerUsageEffectiveness";
  const powerUsageEffectiveness = given(notes, path, written?.powerUsageEffectiveness, 1, reason);
  return {
    acceleratorSecond: written?.acceleratorHour ?? meanPrice(clusters, notes),
    ...(written?.energy === undefined ? {} : { joule: written.energy }),
    powerUsageEffectiveness,
    site: siteOf(written),
    owner: ownerOf(written),
  };
}

function siteOf({ powerUsageEffectiveness, rackPower, storagePower }: EconomicsText = {}): SiteTerms {
  return {
    powerUsageEffectiveness: powerUsageEffectiveness ?? "unknown",
    ...(rackPower === undefined ? {} : { rackPower }),
    ...(storagePower === undefined ? {} : { storagePower }),
  };
}

/** Energy that is billed apart from the rent has the price that an owner pays too. */
function ownerOf({ energy, ownership }: EconomicsText = {}): OwnerTerms {
  return { ...(energy === undefined ? {} : { energy }), ...ownership };
}

/** Over pools the mean of their accelerators; unknown where one of them is. */
function meanPrice(clusters: readonly Cluster[], notes: Notes): Prices["acceleratorSecond"] {
  const several = clusters.length > 1;
  const names = [...new Set(clusters.map(({ node }) => node.accelerator.name))];
  const prices = new Map(names.map((name) => [name, catalogPrice(name, several ? `${name}: ` : "", notes)]));
  let [sum, count] = [0, 0];
  for (const { node, accelerators } of clusters) {
    const price = prices.get(node.accelerator.name);
    if (price === undefined || price === "unknown") return "unknown";
    if (!several) return price;
    sum += accelerators * price;
    count += accelerators;
  }
  return sum / count;
}

function catalogPrice(name: string, label: string, notes: Notes): Prices["acceleratorSecond"] {
  const path = "economics.acceleratorHour";
  const price = rentalPrice(name);
  if (price === "unknown") {
    const reason = `no dated public rental price of ${name}; there is no cost without economics.acceleratorHour`;
    notes.assumptions.push({ path, value: `${label}unknown`, reason });
    return price;
  }
  const value = `${label}${price.dollarsPerHour.toFixed(2)} $/h`;
  const offers = price.quotes.length === 1 ? "one offer" : `median of ${price.quotes.length} offers`;
  const range = `${price.dollarsPerHourMin} to ${price.dollarsPerHourMax}`;
  const reason = `not given; ${price.term} list price of ${price.sellerClass} clouds, ${offers} (${range}), ${price.date}; energy included`;
  notes.assumptions.push({ path, value, reason });
  return price.value;
}
