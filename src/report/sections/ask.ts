/** Page one: what to decide, by when, what it costs, what may go wrong, how likely it works. */

import type { Border, Flip } from "../decision/flips.ts";
import type { Block, Section, Tile } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import {
  borderText,
  changeOf,
  limitText,
  metricName,
  percent,
  recommendedOf,
  resourceValue,
  sentence,
  shown,
  statusCell,
} from "../text.ts";
import { nextBest } from "./options.ts";

export function askSection(facts: ReportFacts): Section {
  const { ask, choice, requirements } = facts;
  const option = recommendedOf(facts);
  return {
    id: "ask",
    title: "The ask",
    blocks: [
      ...(ask.decision === undefined
        ? []
        : [{ kind: "paragraph", text: `To decide: ${ask.decision}` } satisfies Block]),
      { kind: "paragraph", text: `Recommended: ${option.name}.`, role: "lead" },
      { kind: "paragraph", text: option.what },
      ...nextBest(facts).map((text): Block => ({ kind: "paragraph", text })),
      { kind: "tiles", tiles: tilesOf(facts) },
      { kind: "paragraph", text: `Main risk: ${mainRisk(facts)}` },
      ...(choice.keepsAll || requirements.length === 0
        ? []
        : [{ kind: "paragraph", text: shortfall(facts) } satisfies Block]),
      ...(requirements.length === 0 ? [] : [glance(facts)]),
    ],
  };
}

function tilesOf(facts: ReportFacts): readonly Tile[] {
  const { ask, units, judgements, choice, requirements } = facts;
  const { metrics } = recommendedOf(facts).prediction ?? { metrics: {} as Readonly<Record<string, number>> };
  const figure = (metric: string): readonly Tile[] =>
    metrics[metric] === undefined ? [] : [{ label: metricName(metric), value: shown(metrics[metric], units[metric]) }];
  const own = judgements[choice.index] ?? [];
  // A simulated hour of serving has a cost that says nothing; that of its tokens does.
  const served = recommendedOf(facts).prediction?.kind === "serving";
  const costMetric = served ? "costPerMillionOutputTokens" : "cost";
  const cost: readonly Tile[] =
    metrics[costMetric] === undefined
      ? [{ label: metricName(costMetric), value: "unknown", note: "no dated public price, or no amount of work given" }]
      : figure(costMetric);
  const [first] = own;
  const speed = metrics.timeToTrain === undefined ? figure(firstOf(metrics)) : figure("timeToTrain");
  return [
    { label: "decide by", value: ask.decideBy ?? "not given", ...(ask.owner === undefined ? {} : { note: ask.owner }) },
    ...cost.map((tile) => ({ note: "storage, data transfer and staff excluded", ...tile })),
    ...speed,
    ...(first === undefined || requirements.length === 0
      ? []
      : [
          {
            label: `probability of meeting ${requirements.map(({ id }) => id).join(", ")}`,
            value: jointly(own.map(({ probability }) => probability)),
            note: "from the errors of measured runs; requirements no run judges count by prediction",
          },
        ]),
    ...(served ? requirements.flatMap(({ metric }) => figure(metric)) : figure("energy")),
    ...figure("memoryPerAccelerator"),
  ].slice(0, 6);
}

function firstOf(metrics: Readonly<Record<string, number>>): string {
  return ["stepTime", "sloGoodput", "outputTokensPerSecond", "time"].find((name) => name in metrics) ?? "";
}

/** Requirements share the error of one step: all hold about as often as the rarest. */
function jointly(probabilities: readonly (number | undefined)[]): string {
  const known = probabilities.filter((each) => each !== undefined);
  return known.length === 0 ? "not judged" : percent(Math.min(...known));
}

/** The nearest border, as the share by which the assumption has to move. */
export function nearestFlips(flips: readonly Flip[]): readonly Flip[] {
  return flips
    .filter(({ less, more }) => less !== undefined || more !== undefined)
    .sort((one, other) => distance(one) - distance(other));
}

/** Factors, either way. */
function distance({ less, more }: Flip): number {
  return Math.min(
    less === undefined ? Number.POSITIVE_INFINITY : 1 / less.factor,
    more?.factor ?? Number.POSITIVE_INFINITY,
  );
}

function mainRisk(facts: ReportFacts): string {
  const { flips, judgements, choice } = facts;
  const unsure = (judgements[choice.index] ?? []).filter(({ status }) => status === "cannot tell");
  const limits = unsure.map(({ requirement, probability }) => {
    const odds = probability === undefined ? "" : ` with probability ${percent(probability)}`;
    return `${requirement.id} (${requirement.text}) holds${odds}.`;
  });
  // What breaks a requirement is a risk; what only makes a neighbour better is a choice.
  const nearest = nearestBorder(flips, ({ breaks }) => breaks.length > 0) ?? nearestBorder(flips, () => true);
  if (nearest === undefined)
    return [...limits, "No single assumption flips it within a quarter to four times."].join(" ");
  const { flip, border } = nearest;
  const to = flip.value === undefined ? "" : ` to ${resourceValue(flip.value * border.factor, flip.unit)}`;
  const words = `the decision flips where ${flip.label} moves by ${changeOf(border.factor)}${to}: ${borderText(border, facts)}.`;
  return [...limits, sentence(words)].join(" ");
}

function nearestBorder(
  flips: readonly Flip[],
  wanted: (border: Border) => boolean,
): { readonly flip: Flip; readonly border: Border } | undefined {
  const size = ({ factor }: Border): number => (factor < 1 ? 1 / factor : factor);
  return flips
    .flatMap((flip) => [flip.less, flip.more].flatMap((border) => (border === undefined ? [] : [{ flip, border }])))
    .filter(({ border }) => wanted(border))
    .reduce<{ readonly flip: Flip; readonly border: Border } | undefined>(
      (best, each) => (best === undefined || size(each.border) < size(best.border) ? each : best),
      undefined,
    );
}

function shortfall(facts: ReportFacts): string {
  const broken = (facts.judgements[facts.choice.index] ?? []).filter(({ kept }) => !kept);
  const lacks = broken.map(({ requirement, value }) => {
    const found = value === undefined ? "no result" : shown(value, facts.units[requirement.metric]);
    return `${requirement.id} (${found}; ${limitText(requirement, facts.units)})`;
  });
  return `No option keeps every requirement. This one comes nearest and lacks ${lacks.join(", ")}.`;
}

function glance(facts: ReportFacts): Block {
  const own = facts.judgements[facts.choice.index] ?? [];
  return {
    kind: "table",
    columns: [
      { title: "requirement" },
      { title: "limit" },
      { title: "predicted", align: "right" },
      { title: "of the recommended option" },
    ],
    rows: own.map((judgement) => [
      `${judgement.requirement.id} ${judgement.requirement.text}`,
      limitText(judgement.requirement, facts.units),
      shown(judgement.value, facts.units[judgement.requirement.metric]),
      statusCell(judgement),
    ]),
  };
}
