/** A measurement for people: beside the prediction, the gap by part with what moves it, and the changes that help most. */

import { type Dimension, formatQuantity } from "../../../src/base/quantity.ts";
import type { ComparedMetric, GapPart } from "../../../src/evidence/index.ts";
import type { MeasuredAnswer } from "../../../src/operations/measured.ts";
import { hanging, type View } from "../view.ts";
import { memorySize } from "./memory.ts";
import { renderTable } from "./table.ts";

export function renderGap(answer: MeasuredAnswer, capacity: number, view: View): string[] {
  return [
    view.bold("Measured against predicted"),
    ...comparisonLines(answer, capacity, view),
    "",
    ...gapLines(answer, view),
    "",
    ...changeLines(answer, view),
  ];
}

function comparisonLines({ measurement, comparison }: MeasuredAnswer, capacity: number, view: View): string[] {
  const columns = [
    { title: "" },
    { title: "measured", align: "right" },
    { title: "predicted", align: "right" },
    { title: "error", align: "right" },
    { title: "90 % interval" },
  ] as const;
  const rows = comparison.metrics.map((line) => {
    const text = textOf(line, capacity);
    const interval = line.interval?.map(text).join(" to ");
    const inside = line.inside === null ? "" : line.inside ? ": inside" : ": outside";
    return [
      names[line.metric],
      text(line.measured),
      text(line.predicted),
      signedShare(line.error),
      interval === undefined ? "no runs like it were measured" : `${interval}${inside}`,
    ];
  });
  const notes = [...sourceNotes(measurement, comparison), ...comparison.notes];
  return [...renderTable(columns, rows, view.width), ...notes.map((note) => hanging("  - ", note, view.width))];
}

function sourceNotes(
  { log, values }: MeasuredAnswer["measurement"],
  comparison: MeasuredAnswer["comparison"],
): string[] {
  const notes: string[] = [];
  if (log !== undefined) {
    const { read, used, warmUp, rule } = log.steps;
    const counted = `${used} of ${read} step line${read === 1 ? "" : "s"} of "${log.file}" (${log.format})`;
    notes.push(`median of ${counted}; ${warmUp} left out as warm-up: ${rule}`);
  }
  const { stepTime, modelFlopsPerSecondPerAccelerator: rate, modelFlopsUtilization: share } = values;
  if (stepTime?.spread !== undefined) {
    const { low, high } = stepTime.spread;
    notes.push(`eight of ten steps took ${seconds(low)} to ${seconds(high)}`);
  }
  if (stepTime === undefined) notes.push(`the measured step follows from ${comparison.step.from}`);
  if (rate !== undefined || share !== undefined)
    notes.push(`FLOP are counted as ${comparison.flopConvention} on both sides`);
  return notes;
}

const names: Readonly<Record<ComparedMetric["metric"], string>> = {
  stepTime: "step time",
  tokensPerSecond: "tokens/s",
  tokensPerSecondPerAccelerator: "tokens/s per accelerator",
  modelFlopsPerSecondPerAccelerator: "model FLOP rate per accelerator",
  modelFlopsUtilization: "utilisation (MFU)",
  memoryPerAccelerator: "memory per accelerator",
};

const dimensions: Readonly<Record<string, Dimension>> = {
  s: "seconds",
  "token/s": "count",
  "flop/s": "flopPerSecond",
  "1": "ratio",
};

function textOf({ unit }: ComparedMetric, capacity: number): (value: number) => string {
  if (unit === "B") return memorySize(capacity);
  return (value) => formatQuantity(value, dimensions[unit] ?? "ratio");
}

/** Shares smaller than this part of the gap are added up in one line. */
const shown = 0.01;
/** Resources named beside a part. */
const leversMost = 2;

function gapLines({ gap, levers, comparison }: MeasuredAnswer, view: View): string[] {
  const { seconds: whole, unexplained } = gap;
  const word = whole < 0 ? "faster" : "slower";
  const size = `${seconds(Math.abs(whole))} ${word} than predicted`;
  const title = whole === 0 ? "The gap: none" : `The gap: ${size} (${signedShare(whole / gap.predicted)})`;
  const large = gap.parts.filter(({ share }) => Math.abs(share) >= shown * Math.abs(whole) && share !== 0);
  const small = gap.parts.filter((part) => part.share !== 0 && !large.includes(part));
  const columns = [
    { title: "part" },
    { title: "predicted", align: "right" },
    { title: "share", align: "right" },
    { title: "within" },
  ] as const;
  const rows = large.map(({ label, predicted, share, bound }) => {
    return [label, seconds(predicted), signed(share), bound.map(signed).join(" to ")];
  });
  const rest = small.reduce((sum, { share }) => sum + share, 0);
  const others = small.length === 0 ? [] : [[`${small.length} smaller parts`, "", signed(rest), ""]];
  const left = ["unexplained", "", signed(unexplained), ""];
  const [header = "", ...lines] = renderTable(columns, [...rows, ...others, left]);
  const explained = lines.flatMap((line, index) => {
    const part = large[index];
    const last = index === lines.length - 1;
    const note =
      part === undefined ? (last ? remainder(gap, comparison.step.error) : undefined) : whyText(part, levers);
    return note === undefined ? [line] : [line, view.dim(hanging("      ", note, view.width))];
  });
  const inside = comparison.metrics.find(({ metric }) => metric === "stepTime")?.inside === true && whole !== 0;
  const caution = inside ? [hanging("  - ", usual, view.width)] : [];
  return [view.bold(title), header, ...explained, ...timerLines(gap, view), ...caution];
}

/** Where error and bound come from, and the resources that move the part most. */
function whyText({ term, why }: GapPart, levers: MeasuredAnswer["levers"]): string {
  const moved = (levers[term] ?? []).slice(0, leversMost);
  const words = moved.map(({ label, elasticity }) => `${label} ${elasticity.toFixed(2)}`);
  return words.length === 0 ? why : `${why}; moved by ${words.join(", ")}`;
}

function remainder({ unexplained, seconds: whole }: MeasuredAnswer["gap"], scatter: number): string {
  if (Math.abs(unexplained) <= shown * Math.abs(whole)) return "the parts can carry it within their errors";
  // Three standard errors: nothing that needs another cause.
  if (Math.abs(unexplained) <= 3 * scatter) return "no more than the measured steps scatter";
  return unexplained > 0 ? beyond : "no part can be that much faster: is it the same model, batch and cluster?";
}

/** Inside the interval nothing has to be wrong with the run. */
const usual = "the step lies inside the interval: the models are off by as much on runs that nothing is wrong with";

const beyond = "no part can carry it: look at data loading, checkpoints, clocks, a cluster unlike the scenario";

function timerLines({ timers }: MeasuredAnswer["gap"], view: View): string[] {
  return timers.map(({ timer, measured, predicted, terms }) => {
    const text = `${seconds(measured)} measured, ${seconds(predicted)} predicted: ${terms.join(", ")}`;
    return hanging(`  - timer ${timer}: `, text, view.width);
  });
}

function changeLines({ changes }: MeasuredAnswer, view: View): string[] {
  const { gains, tried, faster, ties, slower, doesNotFit } = changes;
  const title =
    gains.length === 0 ? "No single change is predicted to help" : "What would help most, one change at a time";
  const rows = gains.map(({ change, gain, stepTime, reason, needs }) => [
    change,
    signedShare(-gain),
    seconds(stepTime),
    needs === undefined ? reason : `${reason}; needs ${needs}`,
  ]);
  const columns = [
    { title: "change" },
    { title: "step", align: "right" },
    { title: "to", align: "right" },
    { title: "why" },
  ] as const;
  const count = `${tried} changes predicted: ${faster} faster, ${ties} ties, ${slower} slower, ${doesNotFit} do not fit`;
  return [view.bold(title), ...(rows.length === 0 ? [] : renderTable(columns, rows, view.width)), `  - ${count}`];
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
