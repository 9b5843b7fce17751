/** Cost and energy of every option, with what the totals leave out. */

import type { Block, Cell, Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { metricName, recommendedOf, shown } from "../text.ts";
import { breakEvenTable } from "./break-even.ts";
import { ownOrRent } from "./own-or-rent.ts";

const metrics = ["trainingGoodput", "timeToTrain", "sloGoodput", "cost", "costPerMillionOutputTokens", "energy"];

export function costsSection(facts: ReportFacts): Section {
  const prediction = recommendedOf(facts).prediction;
  const notes = (prediction?.assumptions ?? [])
    .filter(({ path }) => /^(economics|cost|energy)/.test(path))
    .map(({ path, value, reason }) => `${path}: ${value} (${reason})`);
  const failures = prediction?.metrics.trainingGoodput === undefined && prediction?.kind === "training";
  return {
    id: "costs",
    title: "Cost and energy",
    blocks: [
      totalsBlock(facts),
      ...breakEvenTable(facts),
      ...(failures
        ? [
            {
              kind: "paragraph",
              role: "note",
              text: "Failures and checkpoints are not in these times: the scenario states neither, so a real run takes longer.",
            } as const,
          ]
        : []),
      ...(notes.length === 0 ? [] : [{ kind: "list", items: notes } as const]),
      ...ownOrRent(facts),
    ],
  };
}

function totalsBlock({ options, units, choice }: ReportFacts): Block {
  // What the simulated minutes cost says nothing of a service; what its tokens cost does.
  const served = options.some(({ prediction }) => prediction?.kind === "serving");
  const asked = served ? metrics.filter((metric) => metric !== "cost" && metric !== "energy") : metrics;
  const known = asked.filter((metric) => options.some(({ prediction }) => prediction?.metrics[metric] !== undefined));
  const power = options.map(({ prediction }): Cell => {
    const { energy, timeToTrain } = prediction?.metrics ?? {};
    return energy === undefined || timeToTrain === undefined ? "–" : shown(energy / timeToTrain, "W");
  });
  const rows = [
    ...known.map((metric): readonly Cell[] => [
      metricName(metric),
      ...options.map(({ prediction }) => shown(prediction?.metrics[metric], units[metric])),
    ]),
    ...(power.some((cell) => cell !== "–") ? [["mean power", ...power]] : []),
  ];
  if (rows.length === 0) {
    const text = "No amount of work was given, so there is no total of time, cost or energy.";
    return { kind: "paragraph", text };
  }
  return {
    kind: "table",
    columns: [{ title: "" }, ...options.map(({ name }) => ({ title: name, align: "right" as const }))],
    rows: rows.map((row) =>
      row.map(
        (cell, index): Cell =>
          index === choice.index + 1 && typeof cell === "string" ? { text: cell, strong: true } : cell,
      ),
    ),
  };
}
