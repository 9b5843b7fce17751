/**
 * What the switches and modules of a fabric draw and cost where a public source says. Ignores: what is inside nodes
 * (scale-up switches, bridges, network ports and the modules in them, which are in the node's rating), spare parts, racks
 * and management networks. What has no source is named, not guessed.
 */

import type { BytesPerSecond, Dollars, Watts } from "../../base/quantity.ts";
import type { Fabric } from "../../catalog/cluster.ts";
import { opticsTypes, type SwitchType, switchTypes } from "../../catalog/switches/index.ts";
import type { BillOfMaterials } from "./bill.ts";

export interface BillTotals {
  /** Typical power and price of what is known of the fabric: switches, and modules in them. */
  readonly power: Watts;
  readonly priceLow: Dollars;
  readonly priceHigh: Dollars;
  /** What it was taken as, by group of switches. */
  readonly types: readonly { readonly group: string; readonly type: string }[];
  /** What the totals leave out, in words. */
  readonly excluded: readonly string[];
}

/**
 * Power and price of a fabric from the catalog: for each group the first switch of the transport with the rate and the
 * ports, at half of a switch's rate with twice its ports. Modules of half a twin-port's rate draw half of it.
 */
export function billTotals(bill: BillOfMaterials, transport: Fabric["transport"]): BillTotals {
  const types: { group: string; type: string }[] = [];
  const excluded: string[] = [];
  let [power, priceLow, priceHigh] = [0, 0, 0];
  let opticsApart = 0;
  for (const { name, count, portsUsed, rate, place } of bill.switches) {
    if (place === "node") continue;
    const type = place === "border" ? undefined : switchFor({ transport, ports: portsUsed, rate });
    if (type === undefined) {
      excluded.push(`power and price of ${count} x ${name}`);
      continue;
    }
    types.push({ group: name, type: type.name });
    if (type.power === "unknown") excluded.push(`power of ${count} x ${name}`);
    else power += count * type.power;
    if (type.optics === "apart") opticsApart++;
    if (type.price === "unknown") {
      excluded.push(`price of ${count} x ${name}`);
      continue;
    }
    priceLow += count * type.price.low;
    priceHigh += count * type.price.high;
  }
  const optics = opticsTotals(bill, opticsApart > 0 ? "apart" : "included");
  return { power: power + optics.power, priceLow, priceHigh, types, excluded: [...excluded, ...optics.excluded] };
}

/** The switch that would be bought; undefined where the catalog has none. */
function switchFor(wanted: {
  readonly transport: Fabric["transport"];
  readonly ports: number;
  readonly rate: BytesPerSecond;
}): SwitchType | undefined {
  return switchTypes.entries.find(({ transports, ports, portRate }) => {
    const split = portRate / wanted.rate;
    const fits = Math.abs(split - 1) < 1e-6 || Math.abs(split - 2) < 1e-6;
    return transports.includes(wanted.transport) && fits && wanted.ports <= ports * Math.round(split);
  });
}

function opticsTotals(
  bill: BillOfMaterials,
  optics: SwitchType["optics"],
): { readonly power: Watts; readonly excluded: readonly string[] } {
  const excluded: string[] = [];
  let power = 0;
  const [module] = opticsTypes;
  for (const { name, bandwidth, optics: modules, opticsInSwitches } of bill.cables) {
    if (modules === 0) continue;
    excluded.push(`price of ${modules} optical ends of ${name}, and its cables`);
    if (optics === "included") continue;
    const share = module === undefined ? 0 : bandwidth / module.rate;
    if (module === undefined || module.power === "unknown" || (share !== 1 && share !== 0.5)) {
      excluded.push(`power of ${opticsInSwitches} optical ends of ${name}`);
    } else power += opticsInSwitches * share * module.power;
  }
  return { power, excluded };
}
