/** The fabrics of the options side by side, where they are not the same. */

import type { Bill, FabricBill } from "../../economics/index.ts";
import type { Block, Cell } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { count, shown } from "../text.ts";

export function fabricsTable({ options, bills, choice }: ReportFacts): readonly Block[] {
  const built = options.flatMap(({ name }, index) => {
    const bill = bills[index];
    return bill === undefined ? [] : [{ name, index, fabric: fabricOf(bill) }];
  });
  const kinds = new Set(built.map((each) => JSON.stringify(totalsOf(each.fabric))));
  if (kinds.size < 2) return [];
  const row = (title: string, of: (fabric: FabricBill | undefined) => string): readonly Cell[] => [
    title,
    ...built.map((each): Cell => {
      const text = of(each.fabric);
      return each.index === choice.index ? { text, strong: true } : text;
    }),
  ];
  return [
    {
      kind: "table",
      caption:
        "Switches and optics of each; no public source states the price of optics and cables. The rent above is by the accelerator-hour: it knows of a fabric only what that price says.",
      columns: [{ title: "fabric" }, ...built.map(({ name }) => ({ title: name, align: "right" as const }))],
      rows: [
        row("switches", (each) => said(totalsOf(each)?.switches, count)),
        row("optical modules", (each) => said(totalsOf(each)?.optics, count)),
        row("power, typical", (each) => said(totalsOf(each)?.power, (watts) => shown(watts, "W"))),
        row("price of the switches", priceOf),
      ],
    },
  ];
}

interface Totals {
  readonly switches: number;
  readonly optics: number;
  readonly power: number | undefined;
}

/** Of one kind of node; pools have several. */
function fabricOf({ machines }: Bill): FabricBill | undefined {
  return machines.length === 1 ? machines[0]?.fabric : undefined;
}

function totalsOf(bill: FabricBill | undefined): Totals | undefined {
  if (bill === undefined) return undefined;
  const known = bill.totals.power > 0 && bill.totals.excluded.every((words) => !words.startsWith("power"));
  return {
    switches: bill.switches.filter(({ place }) => place !== "node").reduce((sum, { count: each }) => sum + each, 0),
    optics: bill.cables.reduce((sum, { optics }) => sum + optics, 0),
    power: known ? bill.totals.power : undefined,
  };
}

/** A price that leaves out switches is no price of the fabric. */
function priceOf(bill: FabricBill | undefined): string {
  if (bill === undefined || bill.totals.priceHigh === 0) return "unknown";
  const { priceLow, priceHigh, excluded } = bill.totals;
  const partial = excluded.some((words) => words.startsWith("price of") && !words.includes("optical"));
  return partial ? "unknown" : `${shown(priceLow, "USD")} to ${shown(priceHigh, "USD")}`;
}

function said(value: number | undefined, as: (value: number) => string): string {
  return value === undefined ? "unknown" : as(value);
}
