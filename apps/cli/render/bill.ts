/** The bill of a fabric for people: switches, cables, and what is known of their power and price. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Bill } from "../../../src/operations/bill.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

export function billLines({ switches, cables, totals }: Bill, view: View): string[] {
  const count = (value: number): string => formatQuantity(value, "count");
  const right = (title: string) => ({ title, align: "right" }) as const;
  const types = new Map(totals.types.map(({ group, type }) => [group, type]));
  const boxes = switches.map(({ name, count: each, portsUsed, radix, place }) => [
    count(each),
    name,
    radix === undefined ? `${portsUsed}` : `${portsUsed} of ${radix}`,
    types.get(name) ?? (place === "node" ? "in the node" : "unknown"),
  ]);
  const wires = cables.map(({ name, medium, count: each, bandwidth, optics }) => [
    count(each),
    name,
    medium,
    formatQuantity(bandwidth, "bytesPerSecond"),
    optics === 0 ? "" : count(optics),
  ]);
  const price =
    totals.priceHigh === 0
      ? "unknown"
      : `${formatQuantity(totals.priceLow, "dollars")} to ${formatQuantity(totals.priceHigh, "dollars")}`;
  const power = totals.power === 0 ? "unknown" : formatQuantity(totals.power, "watts");
  return [
    "",
    view.bold("Switches"),
    ...renderTable([right("count"), { title: "group" }, right("ports"), { title: "taken as" }], boxes, view.width),
    "",
    view.bold("Cables"),
    ...renderTable(
      [right("count"), { title: "class" }, { title: "kind" }, right("rate"), right("optics")],
      wires,
      view.width,
    ),
    "",
    hanging("  power  ", power, view.width),
    hanging("  price  ", price, view.width),
    ...(totals.excluded.length === 0 ? [] : [hanging("  without  ", totals.excluded.join(", "), view.width)]),
  ];
}
