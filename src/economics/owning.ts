/**
 * Owning what a bill lists, against renting it: capital by part, the cost of an accelerator-hour, the rent at which both
 * cost the same, and the share of its years that the machines must be used.
 *
 *     even rent  = cost of an accelerator-hour, every hour used
 *     even share = (cost - energy) / (rent - energy)
 *
 * A part that nobody prices is left out and named, so the total is a least. Without a price of the nodes there is no total,
 * but the price of a node at which owning costs as much as renting follows from the rest.
 * Ignores: energy of switches and storage, years of their own for network and storage, tax, an own building (its yearly cost can stand for hosting).
 */

import { pow } from "../base/math.ts";
import type { Dollars, DollarsPerSecond, Seconds, Watts } from "../base/quantity.ts";
import { ownerDefaults } from "../catalog/prices/index.ts";
import type { Bill } from "./bill.ts";
import { type CapitalPart, capitalParts } from "./capital.ts";
import type { OwnerTerms } from "./owner-terms.ts";
import { capitalRecoveryFactor, type OwnershipCost, ownershipCost } from "./ownership.ts";

export interface OwningQuestion {
  readonly bill: Bill;
  readonly terms: OwnerTerms;
  /** Drawn on average by one accelerator with its share of the node, without cooling; or why nobody knows. */
  readonly powerMean: Watts | string;
  readonly rent: DollarsPerSecond | "unknown";
}

/** A part that is in no total, and what makes it known. */
export interface Lacking {
  readonly what: string;
  readonly why: string;
  readonly key?: string;
}

export interface Owning {
  /** Spare nodes among them. */
  readonly accelerators: number;
  readonly capital: readonly CapitalPart[];
  /** Dollars per accelerator-hour by part; without the nodes' capital where that is unknown. */
  readonly perHour: OwnershipCost;
  /** With the cheapest and the dearest prices of capital; unknown where that of the nodes is. */
  readonly total: readonly [low: number, likely: number, high: number] | "unknown";
  readonly lacking: readonly Lacking[];
  /** Terms taken where the scenario gives none. */
  readonly taken: readonly { readonly path: string; readonly value: string; readonly reason: string }[];
  readonly years: Seconds;
  /** Dollars per hour of one accelerator. */
  readonly rentPerHour: Dollars | "unknown";
  /** Share of the hours; more than 1: owning never costs less. Absent without a rent or a total. */
  readonly evenShare?: number;
  /** Price of one node at which owning costs as much as renting, every hour used; below 0 there is none. */
  readonly evenNode?: Dollars;
}

const secondsPerHour = 3600;
const secondsPerYear = 365 * 86_400;
const joulesPerKilowattHour = 3.6e6;
const wattsPerKilowatt = 1000;

/** @source capital-recovery */
export function owningOf(question: OwningQuestion): Owning {
  const { bill, terms, rent } = question;
  const nodes = bill.machines.reduce((sum, { cluster, spares = 0 }) => sum + cluster.nodes + spares, 0);
  const accelerators = bill.machines.reduce(
    (sum, { cluster, spares = 0 }) => sum + cluster.accelerators + spares * cluster.node.acceleratorsPerNode,
    0,
  );
  const capital = capitalParts(bill, terms);
  const owner = ownerOf(question, accelerators);
  const costAt = (of: 0 | 1 | 2): OwnershipCost =>
    ownershipCost({ ...owner, ...capitalAt(capital, of, { accelerators, salvage: owner.salvage }) });
  const perHour = costAt(1);
  const known = capital.every(({ what, prices }) => what !== "nodes" || prices !== "unknown");
  const rentPerHour = rent === "unknown" ? rent : rent * secondsPerHour;
  const likely = perHour.total;
  return {
    accelerators,
    capital,
    perHour,
    total: known ? [costAt(0).total, likely, costAt(2).total] : "unknown",
    lacking: lackingOf(question, capital),
    taken: takenOf(terms),
    years: owner.years * secondsPerYear,
    rentPerHour,
    ...(rentPerHour === "unknown" || !known
      ? {}
      : { evenShare: (likely - perHour.energy) / (rentPerHour - perHour.energy) }),
    ...(rentPerHour === "unknown"
      ? {}
      : { evenNode: evenNode({ owner, perHour, rentPerHour, capital, perNode: accelerators / nodes, accelerators }) }),
  };
}

type Owner = Parameters<typeof ownershipCost>[0];

/** Everything of an owner but capital, which varies; `salvage` is a share here. */
function ownerOf({ bill, terms, powerMean }: OwningQuestion, accelerators: number): Owner {
  const { equipment, powerUsageEffectiveness: pue } = bill.facility;
  const take = (name: keyof typeof ownerDefaults): number => terms[name] ?? ownerDefaults[name].value;
  return {
    capital: 0,
    salvage: take("salvage"),
    years: take("years") / secondsPerYear,
    rate: take("rate"),
    maintenance: terms.maintenance ?? 0,
    hostingPerKilowattMonth: take("hostingPerMonth") * wattsPerKilowatt,
    powerProvisioned: equipment === "unknown" ? 0 : equipment / accelerators,
    powerMean: typeof powerMean === "string" ? 0 : powerMean,
    pue: pue === "unknown" ? 1 : pue,
    electricityPerKilowattHour: take("energy") * joulesPerKilowattHour,
    staff: (terms.staffPerYear ?? 0) / accelerators,
  };
}

function capitalAt(
  parts: readonly CapitalPart[],
  of: 0 | 1 | 2,
  { accelerators, salvage }: { readonly accelerators: number; readonly salvage: number },
): Pick<Owner, "capital" | "salvage"> {
  const sum = parts.reduce((all, { prices }) => all + (prices === "unknown" ? 0 : prices[of]), 0);
  return { capital: sum / accelerators, salvage: (salvage * sum) / accelerators };
}

interface EvenQuestion {
  readonly owner: Owner;
  readonly perHour: OwnershipCost;
  readonly rentPerHour: Dollars;
  readonly capital: readonly CapitalPart[];
  readonly perNode: number;
  readonly accelerators: number;
}

/** Cost is linear in capital: what the rent leaves for the nodes, as capital. */
function evenNode({ owner, perHour, rentPerHour, capital, perNode, accelerators }: EvenQuestion): Dollars {
  const { rate, years, salvage, maintenance } = owner;
  const recovered = (1 - salvage / pow(1 + rate, years)) * capitalRecoveryFactor(rate, years);
  const hourly = (recovered + maintenance) / 8760;
  const nodes = capital.find(({ what }) => what === "nodes")?.prices;
  const present = nodes === undefined || nodes === "unknown" ? 0 : nodes[1] / accelerators;
  return ((rentPerHour - perHour.total) / hourly + present) * perNode;
}

function lackingOf({ bill, terms, powerMean }: OwningQuestion, capital: readonly CapitalPart[]): readonly Lacking[] {
  const { equipment, powerUsageEffectiveness } = bill.facility;
  const nowhere = "no public figure";
  return [
    ...capital.flatMap(({ what, lacking }): readonly Lacking[] => {
      return lacking === undefined
        ? []
        : [{ what: lacking.what, why: lacking.why, key: `economics.ownership.${keyOf(what)}` }];
    }),
    ...(equipment === "unknown" ? [{ what: "hosting", why: "the nodes have no rated power" }] : []),
    ...(typeof powerMean === "string" ? [{ what: "energy", why: powerMean }] : []),
    ...(typeof powerMean === "number" && powerUsageEffectiveness === "unknown"
      ? [{ what: "energy of cooling", why: "not given", key: "economics.powerUsageEffectiveness" }]
      : []),
    ...(terms.maintenance === undefined
      ? [{ what: "maintenance", why: nowhere, key: "economics.ownership.maintenance" }]
      : []),
    ...(terms.staffPerYear === undefined
      ? [{ what: "staff", why: nowhere, key: "economics.ownership.staffPerYear" }]
      : []),
  ];
}

function keyOf(what: CapitalPart["what"]): string {
  return what === "nodes" ? "node" : what;
}

function takenOf(terms: OwnerTerms): Owning["taken"] {
  return (Object.keys(ownerDefaults) as (keyof typeof ownerDefaults)[])
    .filter((name) => terms[name] === undefined)
    .map((name) => {
      const { written, reason, source } = ownerDefaults[name];
      const path = `economics.ownership.${name}`;
      return { path, value: written, reason: source === undefined ? reason : `${reason} [${source}]` };
    });
}
