/** A bill for people: what is counted and what is unknown, then owning against renting. */

import { amountText, itemText, type Line, lackingText } from "../../../src/economics/index.ts";
import type { BillAnswer } from "../../../src/operations/bill.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

export function renderBill({ lines, owning }: BillAnswer, view: View): string[] {
  const shown = ["", view.bold("Bill of materials"), ...lineTable(lines, view)];
  if (owning === undefined) return shown;
  const { lacking, taken } = owning;
  return [
    ...shown,
    "",
    view.bold("Owning and renting, an hour that of one accelerator"),
    ...lineTable(owning.lines, view),
    ...lacking.map((each) => hanging("  not in it  ", lackingText(each), view.width)),
    ...taken.map(({ path, value, reason }) => hanging("  taken  ", `${path}: ${value} (${reason})`, view.width)),
  ];
}

function lineTable(lines: readonly Line[], view: View): string[] {
  const columns = [{ title: "item" }, { title: "amount", align: "right" }, { title: "what" }] as const;
  return renderTable(
    columns,
    lines.map((line) => [itemText(line), amountText(line), line.note]),
    view.width,
  );
}
