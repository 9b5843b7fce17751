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
  const elasticity = facts.sensitivities
    .filter(({ resource }) => flip.resources.includes(resource))
    .reduce((sum, each) => sum + (each.elasticity[facts.goal.metric] ?? 0), 0);
  const owned = facts.owners.find(
    ({ assumption }) => assumption === name || assumption === (priceKey(name) ?? ofRun[name]),
  );
  const found = sourceOf(name, facts);
  const asOf = owned?.asOf ?? found?.date;
  const source = [owned?.source ?? found?.title ?? "–", ...(asOf === undefined ? [] : [asOf])].join(", ");
  return [
    label,
    resourceValue(value, unit),
    name === "model" ? "1.00" : elasticityText(elasticity),
    borderCell(flip, "less", facts),
    borderCell(flip, "more", facts),
    ownerCell(owned?.owner),
    source,
  ];
}

/** No minus before a zero. */
function elasticityText(value: number): string {
  const text = value.toFixed(2);
  return text === "-0.00" ? "0.00" : text;
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

/** The key of the language that says how the job fails and saves. */
const ofRun: Readonly<Record<string, string>> = {
  timeBetweenFailures: "reliability.mtbf",
  detectionTime: "reliability.detection",
  restartTime: "reliability.restart",
  repairTime: "reliability.repair",
  checkpointStall: "reliability.checkpoint.overhead",
  storeWriteBandwidth: "storage.write",
  storeReadBandwidth: "storage.read",
  storeNodeBandwidth: "storage.perNode",
};

const ofFabric = new Set(["hopLatency"]);
const ofNode = new Set(["scaleOutBandwidth", "hostLink", "hostMemoryBandwidth", "handOverBandwidth"]);

/** The first source of the catalog's entry that the figure is from. */
function sourceOf(name: string, facts: ReportFacts): { readonly title: string; readonly date?: string } | undefined {
  if (name === "model") return { title: "errors of measured runs: see Evidence" };
  if (name.endsWith("hostTimes")) return { title: "fitted on measured runs of vLLM on H100, taken for other engines" };
  const { design, prediction } = recommendedOf(facts);
  const key = priceKey(name) ?? ofRun[name];
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
