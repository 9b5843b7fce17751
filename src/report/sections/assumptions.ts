/** The register: every assumption with owner, source and date, what it moves, and where it flips the decision. */

import { sources } from "../../catalog/index.ts";
import { clusterOf } from "../cluster.ts";
import { type Flip, flipRange } from "../decision/flips.ts";
import type { Cell, Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { borderText, changeOf, metricName, recommendedOf, resourceValue } from "../text.ts";

export function assumptionsSection(facts: ReportFacts): Section {
  return {
    id: "assumptions",
    title: "Assumptions",
    blocks: [
      {
        kind: "paragraph",
        text: `Each resource was moved alone, from a quarter to ${flipRange} times its value, in every option that has the same, until the recommended option broke a requirement that it keeps or another became better.`,
      },
      {
        kind: "table",
        caption: "Figures of the design, and where the decision flips",
        columns: [
          { title: "assumption" },
          { title: "value", align: "right" },
          { title: `elasticity of ${metricName(facts.goal.metric)}`, align: "right" },
          { title: "flips below" },
          { title: "flips above" },
          { title: "owner" },
          { title: "source, as of" },
        ],
        rows: facts.flips.map((flip) => flipRow(flip, facts)),
      },
      {
        kind: "table",
        caption: "Taken for granted in the recommended option",
        columns: [
          { title: "assumption" },
          { title: "value" },
          { title: "source" },
          { title: "owner" },
          { title: "as of" },
        ],
        rows: (recommendedOf(facts).prediction?.assumptions ?? []).map(({ path, value, reason }): readonly Cell[] => {
          const owned = facts.owners.find(({ assumption }) => assumption === path);
          const dated = /\d{4}-\d{2}-\d{2}/.exec(reason)?.[0];
          return [path, value, owned?.source ?? reason, ownerCell(owned?.owner), owned?.asOf ?? dated ?? "–"];
        }),
      },
    ],
  };
}

function ownerCell(owner: string | undefined): Cell {
  return owner ?? { text: "nobody named", tone: "quiet" };
}

function flipRow(flip: Flip, facts: ReportFacts): readonly Cell[] {
  const { name, label, value, unit } = flip;
  const sensitive = facts.sensitivities.find(({ resource }) => resource === name);
  const elasticity = sensitive?.elasticity[facts.goal.metric];
  const owned = facts.owners.find(({ assumption }) => assumption === name || assumption === priceKey(name));
  const found = sourceOf(name, facts);
  const asOf = owned?.asOf ?? found?.date;
  const source = [owned?.source ?? found?.title ?? "–", ...(asOf === undefined ? [] : [asOf])].join(", ");
  return [
    label,
    resourceValue(value, unit),
    name === "model" ? "1" : elasticity === undefined ? "0" : elasticity.toFixed(2),
    borderCell(flip, "less", facts),
    borderCell(flip, "more", facts),
    ownerCell(owned?.owner),
    source,
  ];
}

function borderCell(flip: Flip, side: "less" | "more", facts: ReportFacts): Cell {
  const border = flip[side];
  if (border === undefined) return { text: "nowhere", tone: "quiet" };
  const at = flip.value === undefined ? "" : `${resourceValue(flip.value * border.factor, flip.unit)} `;
  return `${at}(${changeOf(border.factor)}): ${borderText(border, facts)}`;
}

/** The key of the language that gives a price. */
function priceKey(name: string): string | undefined {
  return { acceleratorPrice: "economics.acceleratorHour", energyPrice: "economics.energy" }[name];
}

const ofFabric = new Set(["hopLatency"]);
const ofNode = new Set(["scaleOutBandwidth", "hostLink", "hostMemoryBandwidth"]);

/** The first source of the catalog's entry that the figure is from. */
function sourceOf(name: string, facts: ReportFacts): { readonly title: string; readonly date?: string } | undefined {
  if (name === "model") return { title: "errors of measured runs: see Evidence" };
  const { design, prediction } = recommendedOf(facts);
  const key = priceKey(name);
  const priced = prediction?.assumptions.find(({ path }) => path === key);
  if (key !== undefined) return { title: priced?.reason ?? "given in the scenario" };
  const cluster = design === undefined ? undefined : clusterOf(design);
  if (cluster === undefined) return undefined;
  const entry = ofFabric.has(name) ? cluster.fabric : ofNode.has(name) ? cluster.node : cluster.node.accelerator;
  const [first] = entry.sources;
  const source = first === undefined ? undefined : sources[first];
  if (source === undefined) return { title: "given in the scenario" };
  const date = source.date ?? (source.year === undefined ? undefined : String(source.year));
  return { title: source.title, ...(date === undefined ? {} : { date }) };
}
