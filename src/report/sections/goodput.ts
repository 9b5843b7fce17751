/** Failures and checkpoints: how often the run stops, where its wall time goes, what a wanted goodput demands. */

import { intervalOf } from "../decision/interval.ts";
import type { Block, Cell, Section } from "../document.ts";
import type { GoodputNeed, ReportFacts } from "../facts.ts";
import { grouped, metricName, recommendedOf, shown } from "../text.ts";

/** Nothing where no option has failures in it. */
export function goodputSection(facts: ReportFacts): readonly Section[] {
  if (facts.options.every(({ prediction }) => prediction?.interruptions === undefined)) return [];
  const blocks = [summary(facts), figures(facts), ...wallTime(facts), ...causes(facts), ...need(facts)];
  const notes = (recommendedOf(facts).prediction?.assumptions ?? [])
    .filter(({ path }) => /^(reliability|storage)/.test(path))
    .map(({ path, value, reason }) => `${path}: ${value} (${reason})`);
  const listed: readonly Block[] = notes.length === 0 ? [] : [{ kind: "list", items: notes }];
  return [{ id: "goodput", title: "Goodput", blocks: [...blocks, ...listed] }];
}

function summary(facts: ReportFacts): Block {
  const { metrics = {}, wallTimeSpread } = recommendedOf(facts).prediction ?? {};
  const { trainingGoodput, timeToTrain, productiveTime, interruptions, timeBetweenInterruptions } = metrics;
  if (wallTimeSpread === undefined) {
    const text = "No amount of work was given, or the run makes no progress: there is no total of its time.";
    return { kind: "paragraph", text };
  }
  const stops = `About ${Math.round(interruptions ?? 0)} interruptions, one every ${shown(timeBetweenInterruptions, "s")}`;
  const text = `${stops}, and the checkpoints against them make ${shown(productiveTime, "s")} of steps into ${shown(timeToTrain, "s")} of wall time: a goodput of ${shown(trainingGoodput, "1")}. When interruptions come moves the end of the run by ${shown(wallTimeSpread.deviation, "s")} (one standard deviation); how far off the step time may be moves it far more.`;
  return { kind: "paragraph", text };
}

const rows = [
  "trainingGoodput",
  "productiveTime",
  "timeToTrain",
  "timeToTrain.p50",
  "timeToTrain.p90",
  "interruptions",
  "timeBetweenInterruptions",
  "restartTime",
  "spareNodes",
  "checkpointSize",
  "checkpointInterval",
  "checkpointStall",
  "checkpointPersistTime",
  "loadTime",
] as const;

const labels: Readonly<Record<string, string>> = {
  timeToTrain: "time to train, expected",
  "timeToTrain.p50": "half of runs by (interruptions alone)",
  "timeToTrain.p90": "nine of ten runs by (interruptions alone)",
  productiveTime: "steps that count",
  restartTime: "from a failure until steps go on",
};

function figures({ options, units, choice, ...facts }: ReportFacts): Block {
  const built = options.filter(({ prediction }) => prediction?.interruptions !== undefined);
  const known = rows.filter((metric) => built.some(({ prediction }) => prediction?.metrics[metric] !== undefined));
  const cells = (text: string, index: number): Cell => (index === choice.index ? { text, strong: true } : text);
  const value = (metric: string): readonly Cell[] => [
    labels[metric] ?? metricName(metric),
    ...options.map(({ prediction }, index) => cells(shownWhole(prediction?.metrics[metric], units[metric]), index)),
  ];
  const range = options.map(({ prediction }, index) => {
    const interval = prediction === undefined ? undefined : intervalOf(prediction, "timeToTrain");
    const text = interval === undefined ? "not judged" : `${shown(interval[0], "s")} to ${shown(interval[1], "s")}`;
    return cells(prediction === undefined ? "–" : text, index);
  });
  const limit = facts.requirements.find(({ metric, sense }) => metric === "timeToTrain" && sense === "atMost");
  return {
    kind: "table",
    caption: `Runs under failures${limit === undefined ? "" : `; the limit of ${limit.id} is ${shown(limit.value, "s")}`}`,
    columns: [{ title: "" }, ...options.map(({ name }) => ({ title: name, align: "right" as const }))],
    rows: [...known.map(value), ["90 % of outcomes, errors of the model included", ...range]],
  };
}

/** A count of interruptions has no tenths. */
function shownWhole(value: number | undefined, unit: string | undefined): string {
  return unit === "1" && value !== undefined && value >= 10 ? String(Math.round(value)) : shown(value, unit);
}

function wallTime({ options, choice }: ReportFacts): readonly Block[] {
  const own = options[choice.index]?.prediction?.wallTime;
  if (own === undefined) return [];
  const names = own.children.filter(({ name }) => name !== "productive");
  const bars = options.flatMap(({ name, prediction }) => {
    const term = prediction?.wallTime;
    if (term === undefined) return [];
    const of = (wanted: string): number => term.children.find((child) => child.name === wanted)?.value ?? 0;
    return [{ label: name, values: names.map((each) => of(each.name)) }];
  });
  const parts = names.map(({ label }) => label);
  return [
    {
      kind: "chart",
      title: "Lost time, by cause",
      caption: "Wall time that brings the run no further; steps that count are left out.",
      chart: { type: "stacked", parts, bars, shown: (value) => shown(value, "s"), time: true },
    },
  ];
}

function causes(facts: ReportFacts): readonly Block[] {
  const all = recommendedOf(facts).prediction?.interruptions ?? [];
  if (all.length === 0) return [];
  const total = all.reduce((sum, each) => sum + 1 / each.meanTimeBetweenInterruptions, 0);
  const sorted = [...all].sort((a, b) => a.meanTimeBetweenInterruptions - b.meanTimeBetweenInterruptions);
  return [
    {
      kind: "table",
      caption: "What interrupts the recommended option",
      columns: [{ title: "cause" }, ...["share", "every", "parts in use"].map((title) => right(title))],
      rows: sorted.map(({ label, count, meanTimeBetweenInterruptions: every }) => [
        label,
        shown(1 / every / total, "1"),
        shown(every, "s"),
        grouped(count),
      ]),
    },
  ];
}

function right(title: string): { readonly title: string; readonly align: "right" } {
  return { title, align: "right" };
}

function need({ goodput }: ReportFacts): readonly Block[] {
  if (goodput === undefined) return [];
  const { wanted, requirement } = goodput;
  const why = requirement === undefined ? "the usual mark" : `the least that keeps ${requirement}`;
  return [
    {
      kind: "table",
      caption: `What a goodput of ${shown(wanted, "1")} demands (${why}), one thing at a time`,
      columns: [{ title: "" }, right("now"), right("needed")],
      rows: needRows(goodput),
    },
  ];
}

function needRows({ now, stall, interval, recovery, rate }: GoodputNeed): readonly (readonly Cell[])[] {
  const none: Cell = { text: "no amount reaches it", tone: "bad" };
  const most = (value: number | undefined): Cell => (value === undefined ? none : `at most ${shown(value, "s")}`);
  return [
    ["stall of a checkpoint, interval at its best", shown(now.stall, "s"), most(stall)],
    [
      "interval between checkpoints",
      shown(now.interval, "s"),
      interval === undefined ? none : `${shown(interval[0], "s")} to ${shown(interval[1], "s")}`,
    ],
    ["from a failure until steps go on", shown(now.recovery, "s"), most(recovery)],
    [
      "time between interruptions",
      shown(now.timeBetweenInterruptions, "s"),
      rate === undefined ? none : `at least ${shown(1 / rate, "s")}`,
    ],
  ];
}
