/** Where the time goes, in each option; the step on its ranks; memory; what another size and another part would do. */

import type { Term } from "../../base/term.ts";
import type { Block, Section } from "../document.ts";
import type { ReportFacts, SizePoint } from "../facts.ts";
import { count, metricName, percent, recommendedOf, shown } from "../text.ts";
import { loadBlocks } from "./loads.ts";

export function performanceSection(facts: ReportFacts): Section {
  return {
    id: "performance",
    title: "Performance",
    blocks: [
      ...breakdown(facts),
      ...timeline(facts),
      ...memory(facts),
      ...latencies(facts),
      ...sizes(facts),
      ...loadBlocks(facts),
      ...tornado(facts),
    ],
  };
}

const partsMost = 7;

function breakdown({ options, choice }: ReportFacts): readonly Block[] {
  const root = options[choice.index]?.prediction?.terms;
  if (root === undefined) return [];
  const built = options.flatMap(({ name, prediction }) => {
    const terms = prediction?.terms;
    return terms !== undefined && terms.name === root.name ? [{ name, terms }] : [];
  });
  const labels = new Map<string, { label: string; most: number }>();
  for (const { terms } of built) {
    for (const child of terms.children) {
      const most = Math.max(labels.get(child.name)?.most ?? 0, child.value);
      labels.set(child.name, { label: child.label, most });
    }
  }
  const ordered = [...labels].sort(([, one], [, other]) => other.most - one.most);
  const named = ordered.slice(0, partsMost);
  if (root.combine !== "sum" || named.length === 0) return [];
  const rest = ordered.length > named.length;
  const valuesOf = (terms: Term): readonly number[] => {
    const values = named.map(([name]) => terms.children.find((child) => child.name === name)?.value ?? 0);
    return rest ? [...values, Math.max(0, terms.value - values.reduce((sum, value) => sum + value, 0))] : values;
  };
  return [
    {
      kind: "chart",
      title: `Where the time goes: ${root.label}`,
      chart: {
        type: "stacked",
        parts: [...named.map(([, { label }]) => label), ...(rest ? ["all else"] : [])],
        bars: built.map(({ name, terms }) => ({ label: name, values: valuesOf(terms) })),
        shown: (value) => shown(value, "s"),
        time: true,
      },
    },
  ];
}

function timeline({ timeline: chart }: ReportFacts): readonly Block[] {
  if (chart === undefined) return [];
  const caption = "White is waiting. Where a pipeline has many ranks some are drawn, evenly chosen.";
  return [{ kind: "chart", title: "One step of the recommended option, by pipeline rank", caption, chart }];
}

function memory({ memory: use }: ReportFacts): readonly Block[] {
  if (use === undefined) return [];
  const parts = use.parts.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
  return [
    {
      kind: "chart",
      title: "Memory of the fullest accelerator",
      caption: `${shown(use.total, "B")} of ${shown(use.capacity, "B")}: ${percent(use.total / use.capacity)} used.`,
      chart: {
        type: "stacked",
        parts: [...parts.map(({ label }) => label), "free"],
        bars: [
          { label: "needed", values: [...parts.map(({ value }) => value), Math.max(0, use.capacity - use.total)] },
        ],
        shown: (value) => shown(value, "B"),
      },
    },
  ];
}

const waits = ["timeToFirstToken", "timePerOutputToken", "interTokenLatency", "endToEndLatency"] as const;
const shares = [0.5, 0.9, 0.95, 0.99];

function latencies(facts: ReportFacts): readonly Block[] {
  const { prediction } = recommendedOf(facts);
  if (prediction === undefined) return [];
  const series = waits.flatMap((name) => {
    const points = shares.flatMap((share) => {
      const value = prediction.metrics[`${name}.p${Math.round(share * 100)}`];
      return value === undefined ? [] : [{ share, value }];
    });
    const targets = (prediction.targets ?? []).flatMap(({ metric, most, className }) => {
      const [target, statistic] = metric.split(".p");
      const mine = target === name && className === undefined && statistic !== undefined;
      return mine ? [{ share: Number(statistic) / 100, value: most }] : [];
    });
    return points.length < 2 ? [] : [{ label: metricName(name), points, targets }];
  });
  if (series.length === 0) return [];
  const chart = { type: "percentiles", series, shown: (value: number) => shown(value, "s") } as const;
  return [{ kind: "chart", title: "How long requests wait, recommended option", chart }];
}

/** The rate that a size is judged by. */
function rateOf(facts: ReportFacts): string {
  const metrics = recommendedOf(facts).prediction?.metrics ?? {};
  return "tokensPerSecond" in metrics ? "tokensPerSecond" : "outputTokensPerSecond";
}

function sizes(facts: ReportFacts): readonly Block[] {
  const { sizes: points, units } = facts;
  const rate = rateOf(facts);
  const found = points.filter(({ prediction }) => prediction?.metrics[rate] !== undefined);
  if (points.length === 0) return [];
  const columns = ["stepTime", rate, "modelFlopsUtilization", "timeToTrain", "cost"];
  const known = columns.filter((metric) => found.some(({ prediction }) => prediction?.metrics[metric] !== undefined));
  return [
    ...(found.length < 2
      ? []
      : [
          {
            kind: "chart",
            title: "The same work on fewer and on more accelerators",
            caption:
              "The global batch stays: more replicas have fewer micro-batches each. Percentages are of perfect scaling from the recommended size (dashed).",
            chart: {
              type: "scaling",
              points: found.map(({ accelerators, prediction, factor }) => ({
                x: accelerators,
                y: prediction?.metrics[rate] ?? 0,
                ...(factor === 1 ? { here: true as const } : {}),
              })),
              xTitle: "accelerators",
              yTitle: metricName(rate),
              xShown: count,
              yShown: (value) => shown(value, units[rate]),
            },
          } satisfies Block,
        ]),
    {
      kind: "table",
      columns: [
        { title: "size", align: "right" },
        { title: "accelerators", align: "right" },
        ...known.map((metric) => ({ title: metricName(metric), align: "right" as const })),
        { title: "fit" },
      ],
      rows: points.map((point) => sizeRow(point, known, units)),
      marked: points.flatMap(({ factor }, index) => (factor === 1 ? [index] : [])),
    },
  ];
}

function sizeRow(point: SizePoint, metrics: readonly string[], units: ReportFacts["units"]): readonly string[] {
  const { factor, accelerators, prediction, refused } = point;
  const size = factor < 1 ? `1/${1 / factor} x` : `${factor} x`;
  const fit = prediction === undefined ? `not possible: ${refused ?? ""}` : prediction.fit.replaceAll("-", " ");
  return [
    size,
    count(accelerators),
    ...metrics.map((metric) => shown(prediction?.metrics[metric], units[metric])),
    fit,
  ];
}

/** A tenth more and a tenth less, by elasticity; what moves less than shows is left out. */
const move = 0.1;
const leastMove = 0.0005;
const rowsMost = 10;

function tornado(facts: ReportFacts): readonly Block[] {
  const metric = ["timeToTrain", "stepTime", "endToEndLatency.mean", "time"].find(
    (name) => recommendedOf(facts).prediction?.metrics[name] !== undefined,
  );
  if (metric === undefined) return [];
  const rows = facts.sensitivities
    .map(({ label, elasticity }) => ({ label, by: elasticity[metric] ?? 0 }))
    .filter(({ by }) => Math.abs(by) * move > leastMove)
    .sort((one, other) => Math.abs(other.by) - Math.abs(one.by))
    .slice(0, rowsMost)
    .map(({ label, by }) => ({ label, less: -by * move, more: by * move }));
  if (rows.length === 0) return [];
  return [
    {
      kind: "chart",
      title: `What a tenth more or less of each resource does to the ${metricName(metric)}`,
      caption: "By the elasticity at the design; each resource alone.",
      chart: { type: "tornado", rows, lessName: "10 % less of it", moreName: "10 % more of it" },
    },
  ];
}
