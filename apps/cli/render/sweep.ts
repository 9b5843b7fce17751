/** A study's answer for people: the best points or the Pareto front, what keeps the others out, where the rows are. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { SweepOutput } from "../../../src/operations/index.ts";
import { shownMetric } from "../../../src/search/study/index.ts";
import type { View } from "../view.ts";
import { hanging } from "../view.ts";
import { renderTable } from "./table.ts";

type Summary = SweepOutput["summary"];
type Listed = Summary["best"][number];
type Lack = NonNullable<Listed["lacks"]>[number];

const frontMost = 30;

export function renderSweep({ summary, folder, ended, before }: SweepOutput, view: View): string {
  const { name, points } = summary;
  const stopped =
    ended === "stopped"
      ? [`  stopped: ${points.finished} of ${points.planned} points, all kept; the same command goes on`]
      : [];
  return `${[
    view.bold(name),
    `  ${points.finished} points${drawnBy(summary)}, ${points.meets} meet ${wantsText(summary)}`,
    ...stopped,
    ...studyAnswerLines(summary, view),
    "",
    ...(before === "replaced"
      ? [
          hanging(
            "  ",
            `the answer to another study that was in ${folder} is replaced; its points are kept`,
            view.width,
          ),
        ]
      : []),
    hanging("  ", `rows in ${folder}/results.parquet, this answer in ${folder}/summary.json`, view.width),
  ].join("\n")}\n`;
}

/** The best points or the front, and what keeps the others out. */
export function studyAnswerLines(summary: Summary, view: View): string[] {
  return [...answer(summary, view), ...bindsLines(summary, view)];
}

function drawnBy({ sampling: { method, seed }, space: { combinations, covered } }: Summary): string {
  if (method === "grid") return " of a grid";
  if (method === "evolutionary") {
    if (covered === "all") return ": every combination";
    const all = combinations === null ? "a continuous space" : `${formatQuantity(combinations, "count")} combinations`;
    return ` of ${all}, bred with seed ${seed}: the best found, no proof`;
  }
  return ` drawn ${method === "random" ? "at random" : "by Latin hypercube"} with seed ${seed}`;
}

function wantsText({ constraints }: Summary): string {
  return constraints.length === 0 ? "all that they must" : "every constraint";
}

function answer(summary: Summary, view: View): string[] {
  const { objective, best, pareto, closest, points } = summary;
  const goals = objective.map(({ metric, direction }) => `${direction === "minimize" ? "least" : "most"} ${metric}`);
  if (best.length > 0) {
    return [
      "",
      view.bold(`Best points: ${goals.join(", ")}`),
      ...listing(summary, best, view),
      ...foundLines(best, view),
      ...tieLines(summary, view),
    ];
  }
  if (pareto.length > 0) {
    const more = pareto.length > frontMost ? [view.dim(`  and ${pareto.length - frontMost} more in summary.json`)] : [];
    const title = `Pareto front: ${goals.join(", ")}; none of all others is better in every one`;
    return [
      "",
      view.bold(title),
      ...listing(summary, pareto.slice(0, frontMost), view),
      ...more,
      ...tieLines(summary, view),
      ...foundLines(pareto.slice(0, frontMost), view),
    ];
  }
  if (closest.length > 0) {
    return ["", view.bad("No point is an answer. The closest, and what each lacks"), ...closestLines(summary, view)];
  }
  if (points.meets > 0 && objective.length === 0) return ["", "  no objective: ask the rows with windtunnel query"];
  return points.meets > 0
    ? ["", `  no point that meets them has a value of ${objective.map(({ metric }) => metric).join(" and ")}`]
    : ["", view.bad("No point could be predicted")];
}

const toldWords = {
  tie: "tie",
  overlap: "within error",
  apart: "apart",
  unjudged: "not judged",
} as const satisfies Readonly<Record<NonNullable<Listed["told"]>, string>>;

function tieLines({ nearTies, points, pareto }: Summary, view: View): string[] {
  if (nearTies === undefined || nearTies === 0) return [];
  const shown = pareto.length > 0 ? pareto.length : 1;
  const what = pareto.length > 0 ? "the front" : "the best";
  const others = points.meets - shown;
  const said = `${nearTies} of the ${others} other answers cannot be told from ${what} by the models' measured error`;
  return [hanging("  ", said, view.width)];
}

/** What was searched for in each point. */
function foundLines(rows: readonly Listed[], view: View): string[] {
  const lines = rows.flatMap(({ point, found }) => {
    const words = Object.entries(found ?? {}).map(([path, value]) => `${path} ${fieldsText(value)}`);
    return words.length === 0 ? [] : [hanging("  ", `point ${point}: ${words.join("; ")}`, view.width)];
  });
  return lines.length === 0 ? [] : ["", view.bold("What was auto, as found"), ...lines];
}

/** As YAML writes it on one line. */
function fieldsText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(fieldsText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return shownValue(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key}: ${fieldsText(each)}`)
    .join(", ")} }`;
}

/** Fields that are the same everywhere in the list are left out. */
function listing({ fields, objective, constraints, units }: Summary, rows: readonly Listed[], view: View): string[] {
  const metrics = [...new Set([...objective, ...constraints].map(({ metric }) => metric))];
  const columns = [
    { title: "point", align: "right" } as const,
    ...fields.map((title) => ({ title: shortName(title, fields), align: "right" }) as const),
    ...metrics.map((title) => ({ title, align: "right" }) as const),
    ...(rows.some(({ told }) => told !== undefined) ? [{ title: "from the best" }] : []),
  ];
  const cells = rows.map(({ point, at, metrics: found, told }, index) => [
    String(point),
    ...fields.map((field) => shownValue(at[field])),
    ...metrics.map((metric) => shownFound(found[metric], units[metric])),
    ...(told === undefined ? [] : [index === 0 ? "" : toldWords[told]]),
  ]);
  return renderTable(columns, cells, view.width);
}

/** The last words of a path, as many as tell it from the others. */
function shortName(path: string, fields: readonly string[]): string {
  const words = path.split(".");
  for (let count = Math.min(2, words.length); count < words.length; count++) {
    const short = words.slice(-count).join(".");
    if (fields.every((other) => other === path || !other.endsWith(`.${short}`))) return short;
  }
  return path;
}

function closestLines({ closest, fields, units }: Summary, view: View): string[] {
  return closest.flatMap(({ point, at, lacks = [] }) => {
    const where = fields.map((field) => `${shortName(field, fields)} ${shownValue(at[field])}`).join(", ");
    const each = lacks.map((lack) => hanging("      ", lackText(lack, units), view.width));
    return [hanging("  ", `point ${point}: ${where}`, view.width), ...each];
  });
}

function lackText({ by, what, found, needed, excess, reason }: Lack, units: Summary["units"]): string {
  if (reason !== undefined) return reason;
  if (by === "verdict") return "the fleet is overloaded";
  const unit = by === "fit" ? "B" : (units[what] ?? units[what.replace(/ of .*$/, "")]);
  if (found === undefined || needed === undefined) return by === "fit" ? `does not fit: ${what}` : what;
  const far = excess !== undefined && excess >= 9 ? `${Math.round(excess + 1)} times as much` : undefined;
  const share = excess === undefined ? "" : `, ${far ?? `${(excess * 100).toPrecision(3)} % off`}`;
  const subject = by === "fit" ? `does not fit: ${what}` : what;
  const allowed = by === "fit" ? "of" : found > needed ? "instead of at most" : "instead of at least";
  return `${subject} ${shownMetric(found, unit)} ${allowed} ${shownMetric(needed, unit)}${share}`;
}

const heads: Readonly<Record<Lack["by"], string>> = {
  fit: "does not fit",
  verdict: "serving",
  target: "target missed",
  constraint: "constraint missed",
  refused: "refused",
  fault: "fault of Windtunnel",
};

function bindsLines({ binds, points }: Summary, view: View): string[] {
  if (binds.length === 0) return [];
  const rows = binds.map(({ by, what, points: count, reason = "" }) => {
    const first = reason.startsWith(`${what}: `) ? reason.slice(what.length + 2) : reason;
    return [String(count), heads[by], what, first];
  });
  const columns = [
    { title: "points", align: "right" },
    { title: "" },
    { title: "" },
    { title: "first reason" },
  ] as const;
  const plain = rows.every(([, , , reason]) => reason === "");
  return [
    "",
    view.bold(`What keeps ${points.finished - points.meets} points out; a point may lack several`),
    ...renderTable(plain ? columns.slice(0, 3) : columns, rows, view.width),
  ];
}

function shownValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shownFound(value: number | undefined, unit: string | undefined): string {
  return value === undefined ? "" : shownMetric(value, unit);
}
