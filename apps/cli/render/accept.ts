/** An acceptance for people: each run with its sizes, then what a shortfall looks like and how to be sure. */

import { formatProblem } from "../../../src/base/problem.ts";
import { formatQuantity } from "../../../src/base/quantity.ts";
import type { AcceptedRun, SizeVerdict, Suspect } from "../../../src/evidence/index.ts";
import type { AcceptOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { bufferSize } from "./size.ts";
import { renderVerdict } from "./specification.ts";
import { renderTable } from "./table.ts";

export function renderAccept(output: AcceptOutput, view: View): string {
  if ("tests" in output) return renderVerdict(output, view);
  const { pass, runs, hosts, left } = output;
  const lines = runs.flatMap((run) => [...runLines(run, view), ""]);
  if (hosts.length > 0) {
    lines.push(hanging("", `In every run that failed and in none that passed: ${hosts.join(", ")}`, view.width), "");
  }
  if (left.length > 0) {
    lines.push(view.warn("Not judged"));
    lines.push(...left.map((problem) => hanging("  - ", formatProblem(problem), view.width)), "");
  }
  const failed = runs.filter((run) => !run.pass).length;
  lines.push(pass ? view.good("Accepted") : view.bad(`Not accepted: ${failed} of ${runs.length} runs failed`));
  return `${lines.join("\n")}\n`;
}

function runLines(run: AcceptedRun, view: View): string[] {
  const { file, line, operation, ranks, nodes, hosts, library, pass, sizes, assumptions, notes } = run;
  const failed = sizes.filter(({ verdict }) => verdict === "fail").length;
  const state = pass ? view.good("pass") : view.bad(`fail at ${failed} of ${sizes.length} sizes`);
  const machines = [
    `${operation} over ${ranks} ranks on ${nodes} node${nodes === 1 ? "" : "s"}`,
    ...(hosts.length > 0 && hosts.length <= 4 ? [hosts.join(", ")] : []),
    ...(library === undefined ? [] : [library]),
  ].join(" | ");
  return [
    `${view.bold(`${file}:${line}`)} ${state}`,
    view.dim(hanging("", machines, view.width)),
    ...sizeLines(sizes),
    ...assumptions.map(({ what, taken, reason }) =>
      hanging("  - ", `${what}: ${taken} is taken (${reason})`, view.width),
    ),
    ...notes.map((note) => hanging("  - ", note, view.width)),
    ...suspectLines(run, view),
  ];
}

function sizeLines(sizes: readonly SizeVerdict[]): string[] {
  const rate = (value: number): string => formatQuantity(value, "bytesPerSecond");
  const right = (title: string) => ({ title, align: "right" }) as const;
  // Without a tolerance the lower edge of the interval is what passes.
  const given = sizes.some(({ threshold, interval }) => threshold !== interval[0]);
  const columns = [
    right("size"),
    right("busbw"),
    right("predicted"),
    right("of it"),
    { title: "90 % interval" },
    ...(given ? [right("at least")] : []),
    { title: "algorithm" },
    { title: "" },
  ];
  const rows = sizes.map(({ size, measured, predicted, interval, threshold, share, algorithm, verdict, reason }) => [
    bufferSize(size),
    rate(measured.busBandwidth),
    rate(predicted.busBandwidth),
    formatQuantity(share, "ratio"),
    interval.map(rate).join(" to "),
    ...(given ? [rate(threshold)] : []),
    algorithm,
    verdict === "pass" ? "pass" : `FAIL, ${reason ?? ""}`,
  ]);
  return renderTable(columns, rows);
}

/** Suspects named with all they have to say. */
const shown = 4;

function suspectLines({ suspects }: AcceptedRun, view: View): string[] {
  if (suspects.length === 0) return [];
  const matching = suspects.filter(({ matches, clearedBy }) => matches && clearedBy === undefined);
  const cleared = suspects.filter(({ matches, clearedBy }) => matches && clearedBy !== undefined);
  const clearedLines = cleared.map(({ label, clearedBy = [] }) =>
    hanging("  - ", `cleared by ${clearedBy.join(", ")}: ${label}`, view.width),
  );
  const [nearest] = suspects;
  if (matching.length === 0 && nearest !== undefined) {
    const text = `No single fault of those that are modelled has this curve. Nearest is ${nearest.label} (${nearest.linkClass}), ${nearest.distance.toFixed(1)} times further off than predictions are`;
    return ["", view.bold("Suspected"), hanging("  ", text, view.width), ...clearedLines];
  }
  const title =
    matching.length === 1
      ? "Suspected"
      : `Suspected, nearest first: this log cannot tell these ${matching.length} apart`;
  const tests = [...new Set(matching.slice(0, shown).map(({ test }) => test))];
  return [
    "",
    view.bold(title),
    ...matching.map((suspect) => hanging("  - ", suspectText(suspect), view.width)),
    ...clearedLines,
    view.bold(matching.length === 1 ? "To be sure" : "To tell them apart"),
    ...tests.map((test) => hanging("  - ", test, view.width)),
  ];
}

function suspectText({ linkClass, label, stated, distance }: Suspect): string {
  const said = stated ? "; messages in the log say so" : "";
  return `${linkClass}: ${label} (${distance.toFixed(2)} of the noise${said})`;
}
