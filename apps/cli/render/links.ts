/** The busiest links for people: one line a class. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Prediction } from "../../../src/scenario/index.ts";
import { percent, type View } from "../view.ts";
import { renderTable } from "./table.ts";

/** Nothing where the network was not looked at link by link. */
export function linkLines({ links = [] }: Pick<Prediction, "links">, view: View): string[] {
  if (links.length === 0) return [];
  const rows = links.map(({ class: name, link, alike, utilization }) => {
    const others = alike > 1 ? `${link}, and ${formatQuantity(alike - 1, "count")} as busy` : link;
    return [percent(utilization).trim(), name, others];
  });
  const columns = [{ title: "busy", align: "right" }, { title: "class" }, { title: "busiest link" }] as const;
  return ["", view.bold("Busiest links, by class"), ...renderTable(columns, rows, view.width)];
}
