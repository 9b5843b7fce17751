/** A comparison for people: what differs, the metrics side by side, what makes the difference, what to measure next. */

import { type Dimension, formatQuantity } from "../../../src/base/quantity.ts";
import type { CompareOutput } from "../../../src/operations/index.ts";
import { hanging, percent, type View } from "../view.ts";
import { renderTable } from "./table.ts";

type Against = CompareOutput["against"][number];

type Difference = Pick<Against, "difference" | "parts">;

export function renderCompare(output: CompareOutput, view: View): string {
  const { designs, against, notes } = output;
  const [first] = designs;
  const lines = designs.map(({ file, prediction }, index) => {
    const fit = prediction.fit === "does-not-fit" ? view.bad("does not fit") : prediction.fit;
    return `  ${letter(index)}  ${view.bold(prediction.name)} (${file}), ${fit}`;
  });
  for (const note of notes) lines.push(hanging("  ", view.warn(note), view.width));
  lines.push("", ...metricLines(output, view));
  for (const [index, other] of against.entries()) {
    lines.push("", ...changeLines(other, `${letter(0)} to ${letter(index + 1)}`, view));
    lines.push("", ...differenceLines(other, first?.prediction.terms.label ?? "", letter(index + 1), view));
    if (other.wallTime !== undefined) {
      lines.push("", ...differenceLines(other.wallTime, "time to train", letter(index + 1), view));
    }
    lines.push(...nextLines(other, view));
  }
  return `${lines.join("\n")}\n`;
}

function letter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `#${index + 1}`;
}

const dimensions: Readonly<Record<string, Dimension>> = {
  s: "seconds",
  B: "bytes",
  "B/s": "bytesPerSecond",
  "flop/s": "flopPerSecond",
  "1/s": "perSecond",
  USD: "dollars",
  J: "joules",
};

function shown(value: number | null, unit: string): string {
  if (value === null) return "";
  const dimension = dimensions[unit];
  if (dimension !== undefined) return formatQuantity(value, dimension);
  if (unit === "1" && value <= 1) return percent(value).trim();
  return formatQuantity(value, "count");
}

const toldWords = { tie: "tie", overlap: "within error", apart: "apart", unjudged: "not judged" } as const;

function metricLines({ designs, metrics }: CompareOutput, view: View): string[] {
  const columns = [
    { title: "" },
    ...designs.flatMap((_, index) =>
      index === 0
        ? [{ title: letter(0), align: "right" as const }]
        : [
            { title: letter(index), align: "right" as const },
            { title: `${letter(index)} / A`, align: "right" as const },
            { title: "told apart" },
          ],
    ),
  ];
  const rows = metrics.map(({ metric, unit, values, told }) => [
    metric,
    ...values.flatMap((value, index) => {
      if (index === 0) return [shown(value, unit)];
      const base = values[0] ?? null;
      const ratio = value === null || base === null || base === 0 ? "" : (value / base).toFixed(3);
      const verdict = told[index];
      return [shown(value, unit), ratio, verdict ? toldWords[verdict] : ""];
    }),
  ]);
  const overlap = metrics.some(({ told }) => told.includes("overlap"));
  const unjudged = metrics.some(({ told }) => told.includes("unjudged"));
  const legend = [
    ...(overlap ? ["within error: the 90 % intervals of both overlap, so measured runs do not settle it"] : []),
    ...(unjudged ? ["not judged: no measured runs say how far this metric may be off"] : []),
  ];
  return [...renderTable(columns, rows), ...legend.map((text) => view.dim(hanging("  ", text, view.width)))];
}

function changeLines({ changed, assumed }: Against, pair: string, view: View): string[] {
  const rows = (list: Against["changed"]): string[] =>
    list.map(({ path, before, after }) => {
      return hanging("  ", `${path}: ${before ?? "not given"} -> ${after ?? "not given"}`, view.width);
    });
  const written = changed.length === 0 ? ["  nothing but their names"] : rows(changed);
  if (assumed.length === 0) return [view.bold(`What differs, ${pair}`), ...written];
  return [
    view.bold(`What differs, ${pair}`),
    ...written,
    view.dim("  and therefore, or for want of a value:"),
    ...rows(assumed),
  ];
}

/** Parts below this share of the whole difference are added up. */
const least = 0.005;

function differenceLines({ difference, parts }: Difference, label: string, other: string, view: View): string[] {
  const time = (value: number): string => `${value > 0 ? "+" : ""}${formatQuantity(value, "seconds")}`;
  const largest = Math.max(...parts.map(({ share }) => Math.abs(share)), Math.abs(difference.share));
  const large = parts.filter(({ share }) => Math.abs(share) >= least * largest);
  const small = parts.filter(({ share }) => Math.abs(share) < least * largest);
  const title = `What makes the difference in ${label}: ${other} takes ${time(difference.share)}`;
  if (parts.length === 0) return [view.bold(`${title}, none in any part`)];
  const rows = large.map(({ path, label: part, share }) => [part, time(share), path]);
  if (small.length > 0) {
    const rest = small.reduce((sum, { share }) => sum + share, 0);
    rows.push([`${small.length} smaller`, rest === 0 ? "0 s" : time(rest), ""]);
  }
  const columns = [{ title: "part" }, { title: "adds", align: "right" }, { title: "term" }] as const;
  return [view.bold(title), ...renderTable(columns, rows)];
}

function nextLines({ measureNext }: Against, view: View): string[] {
  if (measureNext.length === 0) return [];
  const rows = measureNext.map(({ label, accelerator, error, narrows, how }) => [
    label,
    accelerator,
    `± ${formatQuantity(error, "seconds")}`,
    percent(narrows).trim(),
    how,
  ]);
  const columns = [
    { title: "part" },
    { title: "on" },
    { title: "error", align: "right" },
    { title: "narrows by", align: "right" },
    { title: "how" },
  ] as const;
  return ["", view.bold("Measure next, to be surer of the difference"), ...renderTable(columns, rows, view.width)];
}
