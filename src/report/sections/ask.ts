/** Page one: what to decide, by when, what it costs, what may go wrong, how likely it works. */

import type { Border, Flip } from "../decision/flips.ts";
import type { Block, Section, Tile } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { changeOf, limitText, metricName, percent, recommendedOf, resourceValue, shown, statusCell } from "../text.ts";
import { nextBest } from "./options.ts";
import { pointers } from "./pointers.ts";

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
      ...pointers(facts),
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
    ...cost.map((tile) => ({ note: "rented; storage, data transfer and staff excluded", ...tile })),
    ...speed,
    ...(first === undefined || requirements.length === 0
      ? []
      : [
          {
            label: `probability of meeting ${requirements.map(({ id }) => id).join(", ")}`,
            value: jointly(own.map(({ probability }) => probability)),
            note: own.some(({ probability }) => probability !== undefined)
              ? "from the errors of measured runs; requirements no run judges count by prediction"
              : "no measured run judges these; whether they are met is by prediction alone",
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

/** Two sentences: what would go wrong, then how sure the requirements are as things stand. */
function mainRisk(facts: ReportFacts): string {
  const { flips, judgements, choice } = facts;
  const unsure = (judgements[choice.index] ?? []).filter(({ status }) => status === "cannot tell");
  const odds = unsure.map(({ requirement, probability }) => {
    return `${requirement.id} holds with a probability of ${probability === undefined ? "unknown size" : percent(probability)}`;
  });
  const now = odds.length === 0 ? [] : [`As things stand, ${listed(odds)}.`];
  // What breaks a requirement is a risk; what only makes a neighbour better is a choice. A datasheet does not move.
  const moving = flips.filter(({ name }) => !stated.test(name));
  const nearest =
    nearestBorder(moving, ({ breaks }) => breaks.length > 0) ??
    nearestBorder(flips, ({ breaks }) => breaks.length > 0) ??
    nearestBorder(moving, () => true);
  if (nearest === undefined) {
    const text =
      "no single assumption breaks a requirement or makes another option better within a quarter to four times.";
    return [text, ...now].join(" ");
  }
  return [`${moved(nearest)}, ${consequence(nearest.border, facts)}.`, ...now].join(" ");
}

/** Figures that a datasheet states and no run changes. */
const stated = /memoryCapacity$/;

/** `the price of an accelerator-hour may rise to 5 $/h (+25 %)`: what has to move, as a clause. */
function moved({ flip, border }: { readonly flip: Flip; readonly border: Border }): string {
  const { name, label, value, unit } = flip;
  const more = border.factor > 1;
  if (name === "model") {
    return `the model may be wrong. Were the recommended option ${changeOf(border.factor).slice(1)} ${more ? "slower" : "faster"} than predicted`;
  }
  const to = resourceValue(value === undefined ? undefined : value * border.factor, unit);
  const now = resourceValue(value, unit);
  return `the ${label} may be ${more ? "more" : "less"} than assumed. At ${to} instead of ${now} (${changeOf(border.factor)})`;
}

/** What follows, by the words of the requirement and not its letter alone. */
function consequence({ to, breaks }: Border, { requirements, options, choice }: ReportFacts): string {
  const broken = breaks.map((id) => {
    const text = requirements.find((each) => each.id === id)?.text;
    return text === undefined ? id : `${id} (${text})`;
  });
  const other = to === choice.index ? undefined : options[to]?.name;
  return [
    ...(broken.length === 0 ? [] : [`it would no longer keep ${listed(broken)}`]),
    ...(other === undefined ? [] : [`"${other}" would be the better choice`]),
  ].join(", and ");
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
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
