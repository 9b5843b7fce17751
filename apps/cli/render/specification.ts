/** Logs against a specification for people: a line a test, then every limit that failed, then what is missing. */

import { formatProblem } from "../../../src/base/problem.ts";
import {
  type LimitResult,
  quantityText,
  type SpecificationVerdict,
  type TestResult,
  type TestVerdict,
} from "../../../src/specification/index.ts";
import { hanging, type View } from "../view.ts";
import { bufferSize } from "./size.ts";
import { renderTable } from "./table.ts";

export function renderVerdict({ specification, pass, tests, counts, left }: SpecificationVerdict, view: View): string {
  const read = tests.filter(({ logs }) => logs > 0);
  const missing = tests.filter(({ verdict }) => verdict === "missing");
  const lines = [
    view.bold(specification),
    ...read.flatMap((test) => testLines(test, view)),
    ...(missing.length === 0 ? [] : ["", view.warn("Missing"), ...missing.map((test) => missingLine(test, view))]),
    ...(left.length === 0
      ? []
      : ["", view.warn("Not judged"), ...left.map((problem) => hanging("  - ", formatProblem(problem), view.width))]),
    "",
    verdictLine(pass, counts, view),
  ];
  return `${lines.join("\n")}\n`;
}

function verdictLine(pass: boolean, counts: SpecificationVerdict["counts"], view: View): string {
  const { passed, failed, missing, recorded } = counts;
  const text = `${passed} passed, ${failed} failed, ${missing} missing${recorded === 0 ? "" : `, ${recorded} written down only`}`;
  return pass ? view.good(`Accepted: ${text}`) : view.bad(`Not accepted: ${text}`);
}

function testLines({ id, title, verdict, logs, asked, results, notes }: TestResult, view: View): string[] {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const columns = [
    { title: "metric" },
    right("measured"),
    right("limit"),
    right("margin"),
    { title: "log" },
    { title: "" },
  ];
  return [
    "",
    `${view.bold(id)} ${coloured(verdict, view)}`,
    view.dim(hanging("", `${title} | ${logs} of ${asked} log${asked === 1 ? "" : "s"}`, view.width)),
    ...renderTable(columns, resultRows(results), view.width),
    ...notes.map((note) => hanging("  - ", note, view.width)),
  ];
}

/** From so many of one limit on, those that pass are summed up below the one that passes by least. */
const rowsMost = 4;

function resultRows(results: readonly LimitResult[]): readonly (readonly string[])[] {
  const limits = new Map<string, LimitResult[]>();
  for (const result of results) {
    const key = `${result.metric} ${result.size}`;
    limits.set(key, [...(limits.get(key) ?? []), result]);
  }
  return [...limits.values()].flatMap((alike) => {
    if (alike.length <= rowsMost) return alike.map(resultRow);
    const rest = alike.filter(({ verdict }) => verdict !== "failed");
    const least = rest.reduce<LimitResult | undefined>(
      (one, other) => (one === undefined || (other.margin ?? 0) < (one.margin ?? 0) ? other : one),
      undefined,
    );
    const shown = alike.filter((each) => each.verdict === "failed" || each === least);
    const more = alike.length - shown.length;
    const summed = more === 0 ? [] : [["", "", "", "", `and ${more} more`, least?.verdict ?? ""]];
    return [...shown.map(resultRow), ...summed];
  });
}

function resultRow({
  metric,
  size,
  unit,
  direction,
  measured,
  threshold,
  margin,
  file,
  of,
  verdict,
  reason,
}: LimitResult): string[] {
  const limit =
    threshold === null ? "none" : `${direction === "at-least" ? ">=" : "<="} ${quantityText(threshold, unit)}`;
  return [
    size === undefined ? metric : `${metric} ${bufferSize(size)}`,
    measured === null ? "" : quantityText(measured, unit),
    limit,
    margin === null ? "" : `${margin < 0 ? "" : "+"}${(margin * 100).toFixed(1)} %`,
    [file ?? "", of ?? ""].filter((word) => word !== "").join(" "),
    verdict === "failed" ? `FAIL${reason === undefined ? "" : `, ${reason}`}` : verdict,
  ];
}

function missingLine({ id, logs, asked, command, results }: TestResult, view: View): string {
  const lacking = results.filter(({ verdict }) => verdict === "missing").length;
  const first = (command.split("\n")[0] ?? "").trim();
  const what =
    lacking > 0 ? `${lacking} of its limits are in no log` : logs === 0 ? "no log" : `${logs} of ${asked} logs`;
  return hanging("  - ", `${id}: ${what}; ${first}`, view.width);
}

function coloured(verdict: TestVerdict, view: View): string {
  switch (verdict) {
    case "passed":
      return view.good(verdict);
    case "failed":
      return view.bad(verdict);
    case "missing":
      return view.warn(verdict);
    case "recorded":
      return "written down, no threshold";
  }
}
