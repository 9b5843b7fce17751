/**
 * The rent at which an option costs as much as the cheapest way that is known: what a price that nobody published would
 * have to be.
 *
 *     price = cost of the other / accelerators held x time held
 *
 * Ignores: options whose energy is billed apart from the rent.
 */

import type { DollarsPerSecond, Seconds } from "../../base/quantity.ts";
import { resourcesOf } from "../../scenario/index.ts";
import type { Option } from "../decision/question.ts";
import type { Block, Cell } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { changeOf, metricName, resourceValue, shown } from "../text.ts";

export function breakEvenTable(facts: ReportFacts): readonly Block[] {
  const { options, units, choice } = facts;
  const metric = units.costPerMillionOutputTokens === undefined ? "cost" : "costPerMillionOutputTokens";
  const rented = options.flatMap((option) => {
    const held = heldOf(option, metric);
    return held === undefined
      ? []
      : [{ option, held, cost: option.prediction?.metrics[metric], price: priceOf(option) }];
  });
  const priced = rented.flatMap((each) => (each.cost === undefined ? [] : [{ ...each, cost: each.cost }]));
  const chosen = priced.find(({ option }) => option === options[choice.index]);
  const other =
    chosen ?? priced.reduce<(typeof priced)[number] | undefined>((a, b) => (a && a.cost <= b.cost ? a : b), undefined);
  if (other === undefined || rented.length < 2) return [];
  const title = `${metricName(metric)} as "${other.option.name}" (${shown(other.cost, units[metric])})`;
  return [
    {
      kind: "table",
      caption: `The rent of an accelerator-hour at which an option has the same ${title}. Below it the option is cheaper.`,
      columns: [
        { title: "option" },
        { title: "rent taken", align: "right" },
        { title: "equal at", align: "right" },
        { title: "change", align: "right" },
      ],
      rows: rented
        .filter(({ option }) => option !== other.option)
        .map(({ option, held, price }): readonly Cell[] => {
          const equal = other.cost / held;
          return [
            option.name,
            price === undefined ? "unknown" : resourceValue(price, "USD/s"),
            resourceValue(equal, "USD/s"),
            price === undefined ? "–" : changeOf(equal / price),
          ];
        }),
    },
  ];
}

/** Accelerator-seconds of the run, spares included, or of a million output tokens. */
function heldOf({ design, prediction }: Option, metric: string): Seconds | undefined {
  if (design === undefined || prediction === undefined) return undefined;
  if (resourcesOf(design).some(({ name }) => name === "energyPrice")) return undefined;
  const { metrics } = prediction;
  if (metric === "costPerMillionOutputTokens") {
    const each = metrics.outputTokensPerSecondPerAccelerator;
    return each === undefined || !(each > 0) ? undefined : 1e6 / each;
  }
  if (design.kind !== "training" || design.training.case.pools !== undefined) return undefined;
  const { accelerators, node } = design.training.case.cluster;
  const { timeToTrain, spareNodes = 0 } = metrics;
  return timeToTrain === undefined ? undefined : timeToTrain * (accelerators + spareNodes * node.acceleratorsPerNode);
}

function priceOf({ design }: Option): DollarsPerSecond | undefined {
  return design === undefined ? undefined : resourcesOf(design).find(({ name }) => name === "acceleratorPrice")?.value;
}
