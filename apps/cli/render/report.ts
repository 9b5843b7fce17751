/** What a written report says, in a few lines. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { ReportOutput } from "../../../src/operations/index.ts";
import { statusCell, textOf } from "../../../src/report/index.ts";
import { hanging, type View } from "../view.ts";

export function renderReport({ file, bytes, facts }: ReportOutput, view: View): string {
  const { options, choice, judgements } = facts;
  const own = judgements[choice.index] ?? [];
  const results = own.map((each) => `${each.requirement.id} ${textOf(statusCell(each))}`);
  const lines = [
    view.bold(facts.title),
    "",
    hanging("  recommended   ", options[choice.index]?.name ?? "", view.width),
    hanging("  of            ", options.map(({ name }) => name).join("; "), view.width),
    ...(results.length === 0 ? [] : [hanging("  requirements  ", results.join(", "), view.width)]),
    hanging("  written       ", `${file}, ${formatQuantity(bytes, "bytes")}`, view.width),
  ];
  return `${lines.join("\n")}\n`;
}
