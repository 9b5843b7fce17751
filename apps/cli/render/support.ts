/** The support matrix for people. */

import type { SupportOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

export function renderSupport({ kinds, rows }: SupportOutput, view: View): string {
  const modelledKinds = kinds.filter((kind) => rows.some(({ modelled }) => modelled.includes(kind)));
  const others = kinds.filter((kind) => !modelledKinds.includes(kind));
  const columns = [{ title: "key" }, ...modelledKinds.map((title) => ({ title })), { title: "what" }];
  const cells = rows
    .filter(({ key }) => !key.startsWith("workload.kind"))
    .map(({ key, feature, modelled, why }) => [
      key,
      ...modelledKinds.map((kind) => (modelled.includes(kind) ? "yes" : "refused")),
      modelled.length > 0 || why === undefined ? feature : `${feature}: ${why}`,
    ]);
  const [header = "", ...lines] = renderTable(columns, cells, view.width);
  const kindsText = `Kinds modelled: ${modelledKinds.join(", ")}. Refused by name: ${others.join(", ")}.`;
  return `${[view.bold(header), ...lines, "", hanging("", kindsText, view.width)].join("\n")}\n`;
}
