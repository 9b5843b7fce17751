/** A search of configurations for people: the fewest accelerators, what ties, what misses and by how much, what was covered. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import {
  type ConfigurationChoice,
  type ConfigurationSearch,
  coveredOf,
} from "../../../src/operations/configuration-search.ts";
import { hanging, type View } from "../view.ts";
import { studyAnswerLines } from "./sweep.ts";
import { renderTable } from "./table.ts";

type Found = ConfigurationSearch["best"][number];
type Covered = ConfigurationSearch["groups"];

/** Ties that are listed. */
const listed = 10;

const columns = [
  { title: "accelerators", align: "right" },
  { title: "target used", align: "right" },
  { title: "cost per M tokens", align: "right" },
  { title: "by measured error" },
  { title: "configuration" },
] as const;

export function renderConfigurations(output: ConfigurationSearch, view: View): string {
  const { name, best, closest } = output;
  const parts = [
    [view.bold(name), "", ...answerLines(output, view)],
    best.length === 0 ? [] : [view.bold("On the fewest accelerators"), ...tableOf(best, view)],
    closest.length === 0 ? [] : [view.bold("Nearest of those that miss a target"), ...tableOf(closest, view)],
    closest.map(({ lacks }, index) => hanging(`  ${index + 1}. `, lacks.join(", "), view.width)),
    [view.bold("Proof"), ...coveredLines(output)],
  ];
  const blocks = parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${blocks.join("\n\n")}\n`;
}

/** The same by an objective and constraints. */
export function renderChoice({ summary, groups, ended }: ConfigurationChoice, view: View): string {
  const { points } = summary;
  return `${[
    view.bold(summary.name),
    `  ${points.finished} configurations simulated, ${points.meets} meet targets and constraints`,
    ...studyAnswerLines(summary, view),
    "",
    view.bold("Covered"),
    ...leftOutLines(groups),
    ended === "complete"
      ? "  complete on a coarse scale of replicas, if fewer replicas than miss a target miss it too"
      : `  stopped: ${groups.groups - coveredOf(groups)} groups were not looked at`,
  ].join("\n")}\n`;
}

function answerLines({ best, ended, groups }: ConfigurationSearch, view: View): string[] {
  const [first] = best;
  if (first === undefined) {
    if (ended === "stopped") return [`  ${view.bold("stopped before a configuration was found")}: give it more time`];
    const why = groups.simulated === 0 ? ": none is left by the bounds below" : "";
    return [`  ${view.bold("no configuration keeps the targets")}${why}`];
  }
  const so = ended === "complete" ? "fewest accelerators" : "fewest accelerators so far, stopped early";
  const others = best.length === 1 ? "no other tried does" : `${best.length} configurations tried do`;
  return [`  ${so}: ${view.bold(String(first.accelerators))}`, `  ${others} with as few; the roomiest is first`];
}

function tableOf(found: readonly Found[], view: View): string[] {
  return renderTable(columns, found.slice(0, listed).map(cellsOf), view.width);
}

const certain = { sure: "sure", "within-error": "may turn over", unknown: "not measured" } as const;

function cellsOf({ configuration, accelerators, used, certainty, prediction }: Found): string[] {
  const cost = prediction.metrics.costPerMillionOutputTokens;
  const { engine, ...degrees } = configuration;
  const text = Object.entries({ ...degrees, ...engine }).map(([key, value]) => `${key} ${value}`);
  return [
    String(accelerators),
    Number.isFinite(used) ? `${(100 * used).toFixed(1)} %` : "",
    cost === undefined ? "unknown" : formatQuantity(cost, "dollars"),
    certain[certainty],
    text.join(", "),
  ];
}

function coveredLines({ groups, ended }: ConfigurationSearch): string[] {
  const end =
    ended === "complete"
      ? "  complete: on fewer accelerators no shape and setting keeps the targets, if more replicas never break one"
      : `  ${groups.groups - coveredOf(groups)} groups were not looked at`;
  return [...leftOutLines(groups), end];
}

function leftOutLines({ groups, refused, memory, slower, overloaded, simulated, runs }: Covered): string[] {
  return [
    `  ${groups} groups of one shape and setting: ${memory} do not fit in memory, ${slower} miss a target with one request alone,`,
    `  ${overloaded} are too few for the load, ${refused} do not go together, ${simulated} simulated as predict does, in ${runs} runs`,
  ];
}
