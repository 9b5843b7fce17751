/** The options side by side, and what makes one of them the choice. */

import { intervalOf, toldBy } from "../decision/interval.ts";
import type { Block, Cell, Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { metricName, recommendedOf, sentence, shown } from "../text.ts";
import { fabricsTable } from "./fabrics.ts";

const roles = { option: "option", "do-nothing": "do nothing", "software-only": "change software only" } as const;

export function optionsSection(facts: ReportFacts): Section {
  const { options, choice } = facts;
  return {
    id: "options",
    title: "Options",
    blocks: [
      {
        kind: "table",
        columns: [{ title: "option" }, { title: "kind" }, { title: "what it is" }, { title: "fit" }],
        rows: options.map(({ name, role, what, prediction }): readonly Cell[] => [
          { text: name, strong: true },
          roles[role],
          what,
          prediction === undefined ? "nothing built" : fitCell(prediction.fit),
        ]),
        marked: [choice.index],
      },
      ...softwareNote(facts),
      ...differencesTable(facts),
      metricsTable(facts),
      ...fabricsTable(facts),
      ...paretoChart(facts),
      { kind: "paragraph", text: why(facts) },
    ],
  };
}

/** Why "change software only" is not among the options. */
function softwareNote({ sameAs }: ReportFacts): readonly Block[] {
  if (sameAs === undefined) return [];
  const text = `Change software only: every single change of layout, engine or stack that was tried on "${sameAs}" saves one percent or less, so this option is that design again and is not listed.`;
  return [{ kind: "paragraph", role: "note", text }];
}

function fitCell(fit: string): Cell {
  return { text: fit.replaceAll("-", " "), tone: fit === "fits" ? "good" : fit === "tight" ? "unsure" : "bad" };
}

/** What tells the options apart is what their scenarios say differently. */
function differencesTable({ differences, options, choice }: ReportFacts): readonly Block[] {
  const built = options.flatMap(({ name, design }, index) => (design === undefined ? [] : [{ name, index }]));
  if (differences.length === 0 || built.length < 2) return [];
  return [
    {
      kind: "table",
      caption: "Fields that the options write differently",
      columns: [{ title: "field" }, ...built.map(({ name }) => ({ title: name }))],
      rows: differences.map(({ path, values }) => [
        path,
        ...built.map(({ index }): Cell => {
          const text = values[index] ?? "–";
          return index === choice.index ? { text, strong: true } : text;
        }),
      ]),
    },
  ];
}

function metricsTable({ options, units, choice }: ReportFacts): Block {
  const names = [...new Set(options.flatMap(({ prediction }) => Object.keys(prediction?.metrics ?? {})))];
  return {
    kind: "table",
    caption: "What is predicted of each",
    columns: [{ title: "metric" }, ...options.map(({ name }) => ({ title: name, align: "right" as const }))],
    rows: names.map((metric) => [
      metricName(metric),
      ...options.map(({ prediction }, index): Cell => {
        const text = shown(prediction?.metrics[metric], units[metric]);
        return index === choice.index ? { text, strong: true } : text;
      }),
    ]),
  };
}

/** Time against cost, or whatever the objective and the first other requirement ask for. */
function paretoChart(facts: ReportFacts): readonly Block[] {
  const { options, units, goal, requirements, choice } = facts;
  const other = requirements.find(({ metric, sense }) => metric !== goal.metric && sense === "atMost")?.metric;
  const xMetric = other ?? (goal.metric === "timeToTrain" ? "stepTime" : "timeToTrain");
  const found = options.flatMap(({ name, prediction }, index) => {
    const [x, y] = [prediction?.metrics[xMetric], prediction?.metrics[goal.metric]];
    if (prediction === undefined || x === undefined || y === undefined) return [];
    const [xRange, yRange] = [intervalOf(prediction, xMetric), intervalOf(prediction, goal.metric)];
    const chosen = index === choice.index ? { chosen: true as const } : {};
    const ranges = { ...(xRange === undefined ? {} : { xRange }), ...(yRange === undefined ? {} : { yRange }) };
    return [{ label: name, x, y, ...ranges, ...chosen }];
  });
  if (found.length < 2 || goal.direction === "maximize") return [];
  const limitOf = (metric: string): number | undefined =>
    requirements.find((each) => each.metric === metric && each.sense === "atMost")?.value;
  const [xLimit, yLimit] = [limitOf(xMetric), limitOf(goal.metric)];
  return [
    {
      kind: "chart",
      title: `${sentence(metricName(goal.metric))} against ${metricName(xMetric)}`,
      caption:
        "Down and to the left is better; axes may begin above zero. Bars are 90 % intervals, and go on where they end at the edge; dashed red lines are requirements.",
      chart: {
        type: "pareto",
        points: found,
        xTitle: metricName(xMetric),
        yTitle: metricName(goal.metric),
        xShown: (value) => shown(value, units[xMetric]),
        yShown: (value) => shown(value, units[goal.metric]),
        ...(units[xMetric] === "s" ? { xTime: true as const } : {}),
        ...(units[goal.metric] === "s" ? { yTime: true as const } : {}),
        ...(xLimit === undefined ? {} : { xLimit }),
        ...(yLimit === undefined ? {} : { yLimit }),
      },
    },
  ];
}

function why(facts: ReportFacts): string {
  const { choice, goal, requirements, units } = facts;
  const best = recommendedOf(facts);
  const kept =
    requirements.length === 0
      ? ""
      : choice.keepsAll
        ? "keeps every requirement and, of those that do, "
        : "keeps most requirements and, of those that do, ";
  const least = `has the ${goal.direction === "minimize" ? "least" : "most"} ${metricName(goal.metric)}`;
  const first = `"${best.name}" ${kept}${least}${best.prediction?.metrics[goal.metric] === undefined ? " where it is known" : ` (${shown(best.prediction?.metrics[goal.metric], units[goal.metric])})`}.`;
  return [first, ...nextBest(facts)].join(" ");
}

/** The option behind the recommended one, and whether measured runs tell them apart. */
export function nextBest(facts: ReportFacts): readonly string[] {
  const { choice, options, goal, requirements, judgements, units } = facts;
  const best = recommendedOf(facts);
  const second = choice.second === undefined ? undefined : options[choice.second];
  if (choice.second === undefined || second?.prediction === undefined || best.prediction === undefined) return [];
  const value = shown(second.prediction.metrics[goal.metric], units[goal.metric]);
  const next = `Next is "${second.name}" (${metricName(goal.metric)} ${value})`;
  const keeps = (index: number): number => (judgements[index] ?? []).filter(({ kept }) => kept).length;
  if (requirements.length > 0 && keeps(choice.second) < keeps(choice.index)) {
    const lacks = (judgements[choice.second] ?? [])
      .filter(({ kept }) => !kept)
      .map(({ requirement }) => requirement.id);
    return [`${next}, which does not keep ${lacks.join(", ")}.`];
  }
  const told = toldBy(goal.metric, best.prediction, second.prediction);
  const words = {
    tie: "within one percent of it: call it a tie",
    overlap: "and the intervals of both overlap: measured runs do not settle which is better",
    apart: "and measured runs tell the two apart",
    unjudged: "and no measured runs say how sure that difference is",
  };
  return [`${next}${told === undefined ? "." : `, ${words[told]}.`}`];
}
