/** A specification for people: Markdown with the requirements, the order, the figures, the tests and what is left out. */

import { type Dimension, formatQuantity } from "../base/quantity.ts";
import type { Figure, Limit, Specification, SpecifiedTest } from "./specification.ts";

const dimensions: Readonly<Record<string, Dimension>> = {
  s: "seconds",
  B: "bytes",
  "B/s": "bytesPerSecond",
  W: "watts",
  "flop/s": "flopPerSecond",
  USD: "dollars",
  "USD/s": "dollarsPerSecond",
};

/** A value with its unit; a dash where there is none. */
export function quantityText(value: number | null, unit: string): string {
  if (value === null) return "unknown";
  const dimension = dimensions[unit];
  if (dimension !== undefined) return formatQuantity(value, dimension);
  return unit === "1" ? `${value}` : `${Number(value.toPrecision(4))} ${unit}`;
}

export function specificationMarkdown(specification: Specification): string {
  const { name, kind, provenance, requirements, order, figures, tests, notCovered, assumptions } = specification;
  return [
    `# Specification: ${name}`,
    "",
    `Made by windtunnel ${provenance.version} from a scenario of kind ${kind}, seed ${provenance.seed}. The JSON of the same`,
    "specification is what `windtunnel accept SPEC.json LOGS` reads.",
    "",
    "## Requirements",
    "",
    ...table(
      ["id", "requirement", "verified by"],
      requirements.map(({ id, text, verification }) => [id, text, verification]),
    ),
    "",
    "## What to order",
    "",
    ...table(
      ["item", "count", "note"],
      order.map(({ item, count, note }) => [item, count === null ? "unknown" : `${count}`, note]),
    ),
    "",
    "## Figures of nodes and links",
    "",
    ...table(["of", "figure", "value", "source"], figures.map(figureRow)),
    "",
    ...costLines(specification),
    "## Acceptance tests",
    "",
    "A threshold is the edge of an interval that holds nine of ten measurements of sound machines; `assumed` has none.",
    ...tests.flatMap(testLines),
    "",
    "## Not covered",
    "",
    ...notCovered.map((line) => `- ${line}`),
    "",
    "## Assumptions",
    "",
    ...(assumptions.length === 0
      ? ["None."]
      : assumptions.map(({ path, value, reason }) => `- \`${path}\`: ${value} (${reason})`)),
    "",
  ].join("\n");
}

function costLines({ costs }: Specification): readonly string[] {
  if (costs === undefined) return [];
  const rows = costs.map(({ item, low, high, unit, note }) => {
    const value = low === high ? quantityText(low, unit) : `${quantityText(low, unit)} to ${quantityText(high, unit)}`;
    return [item, value, note];
  });
  const lead =
    "Owning against renting, an hour that of one accelerator. What the totals leave out is below, under Not covered.";
  return ["## What it costs", "", lead, "", ...table(["item", "amount", "note"], rows), ""];
}

function figureRow({ of, what, value, unit, sources }: Figure): readonly string[] {
  return [of, what, quantityText(value, unit), sources.join(", ")];
}

function testLines({ id, requirement, title, logs, command, limits }: SpecifiedTest): readonly string[] {
  return [
    "",
    `### ${id}`,
    "",
    `${title}. Verifies ${requirement}; ${logs === 1 ? "one log" : `${logs} logs`}.`,
    "",
    "```sh",
    command,
    "```",
    "",
    ...table(["metric", "must be", "predicted", "trust", "basis"], limits.map(limitRow)),
  ];
}

function limitRow({
  metric,
  size,
  direction,
  threshold,
  predicted,
  unit,
  trust,
  formula,
  reason,
}: Limit): readonly string[] {
  const at = size === undefined ? "" : ` at ${formatQuantity(size, "bytes", "binary")}`;
  const must = threshold === null ? "written down" : `${direction.replace("-", " ")} ${quantityText(threshold, unit)}`;
  const says = predicted === null ? "given" : quantityText(predicted, unit);
  return [`${metric}${at}`, must, says, trust, `${reason}; ${formula}`];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
