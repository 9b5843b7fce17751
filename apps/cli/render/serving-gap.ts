/** A measurement of serving for people: beside the prediction, and each gap by part with what moves it. */

import { type Dimension, formatQuantity } from "../../../src/base/quantity.ts";
import type { ServingGap, ServingLine } from "../../../src/evidence/index.ts";
import type { ServingMeasuredAnswer } from "../../../src/operations/serving-measured.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

export function renderServingGap(answer: ServingMeasuredAnswer, view: View): string[] {
  return [
    view.bold("Measured against predicted"),
    ...comparisonLines(answer, view),
    ...answer.gaps.flatMap((gap) => ["", ...gapLines(gap, answer, view)]),
    ...(answer.gaps.length > 0 ? [] : [hanging("  - ", nothing, view.width)]),
  ];
}

const nothing =
  "no gap is attributed: that takes a mean latency, or a rate of clients that wait for answers (concurrency, users)";

function comparisonLines({ measurement, comparison }: ServingMeasuredAnswer, view: View): string[] {
  const columns = [
    { title: "" },
    { title: "measured", align: "right" },
    { title: "predicted", align: "right" },
    { title: "error", align: "right" },
    { title: "90 % interval" },
  ] as const;
  const rows = comparison.lines.map((line) => {
    const text = textOf(line);
    const interval = line.interval?.map(text).join(" to ");
    const inside = line.inside === null ? "" : line.inside ? ": inside" : ": outside";
    return [
      line.metric,
      text(line.measured),
      text(line.predicted),
      signedShare(line.error),
      interval === undefined ? "not judged" : `${interval}${inside}`,
    ];
  });
  const { from } = measurement;
  const notes = [
    ...(from === undefined ? [] : [`read from "${from.file}" as ${from.program} writes it`]),
    ...comparison.notes,
  ];
  return [...renderTable(columns, rows, view.width), ...notes.map((note) => hanging("  - ", note, view.width))];
}

const dimensions: Readonly<Record<string, Dimension>> = { s: "seconds", "1/s": "perSecond" };

function textOf({ unit }: ServingLine): (value: number) => string {
  return (value) => formatQuantity(value, dimensions[unit] ?? "count");
}

/** Resources named beside a part. */
const leversMost = 2;

function gapLines({ metric, from, gap }: ServingGap, { levers }: ServingMeasuredAnswer, view: View): string[] {
  const { seconds: whole, predicted, unexplained, parts } = gap;
  const word = whole < 0 ? "less" : "more";
  const size = `${seconds(Math.abs(whole))} ${word} than predicted (${signedShare(whole / predicted)})`;
  const what = from === undefined ? metric : `${metric}, by ${from}`;
  const title = whole === 0 ? `${what}: no gap` : `${what}: ${size}`;
  const columns = [
    { title: "part" },
    { title: "predicted", align: "right" },
    { title: "share", align: "right" },
    { title: "within" },
  ] as const;
  const blamed = parts.filter(({ share }) => share !== 0);
  const rows = blamed.map(({ label, predicted: own, share, bound }) => {
    return [label, seconds(own), signed(share), bound.map(signed).join(" to ")];
  });
  const [header = "", ...lines] = renderTable(columns, [...rows, ["unexplained", "", signed(unexplained), ""]]);
  const told = lines.flatMap((line, index) => {
    const part = blamed[index];
    const note = part === undefined ? remainder(gap) : whyText(part.why, levers[part.term] ?? []);
    return [line, view.dim(hanging("      ", note, view.width))];
  });
  return [view.bold(title), header, ...told];
}

function whyText(why: string, levers: ServingMeasuredAnswer["levers"][string]): string {
  const words = levers.slice(0, leversMost).map(({ label, elasticity }) => `${label} ${elasticity.toFixed(2)}`);
  return words.length === 0 ? why : `${why}; moved by ${words.join(", ")}`;
}

function remainder({ unexplained, seconds: whole }: ServingGap["gap"]): string {
  if (Math.abs(unexplained) <= 0.01 * Math.abs(whole)) return "the parts can carry it within their errors";
  return unexplained > 0
    ? "no part can carry it: look at warm-up, other load, clocks, clients that hold requests back, a fleet unlike the scenario"
    : "no part can be that much quicker: are model, requests, engine and accelerators the same?";
}

function seconds(value: number): string {
  return formatQuantity(value, "seconds");
}

function signed(value: number): string {
  if (value === 0) return "0";
  return `${value > 0 ? "+" : ""}${seconds(value)}`;
}

function signedShare(value: number): string {
  return `${value > 0 ? "+" : ""}${(value * 100).toFixed(1)} %`;
}
