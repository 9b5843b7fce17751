/** The recommended design: what it is made of, and a sketch of its fabric. */

import { type Facility, facilityOf } from "../../economics/index.ts";
import { clusterOf } from "../cluster.ts";
import type { Block, Cell, Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { count, recommendedOf, shown } from "../text.ts";

export function designSection(facts: ReportFacts): Section {
  const option = recommendedOf(facts);
  const cluster = option.design === undefined ? undefined : clusterOf(option.design);
  if (cluster === undefined) {
    const text =
      option.design === undefined
        ? "Nothing is built."
        : "It has pools of several kinds of node; a bill is made for one kind.";
    return { id: "design", title: "The recommended design", blocks: [{ kind: "paragraph", text }] };
  }
  const { node, nodes, accelerators, fabric } = cluster;
  const facility = siteOf(facts, cluster);
  const rows: (readonly Cell[])[] = [
    ["accelerators", count(accelerators), node.accelerator.label],
    ["nodes", count(nodes), node.label],
    ...fabricRows(facts),
    storageRow(facts),
    ["racks", facility.racks === "unknown" ? "unknown" : count(facility.racks), facility.rackBasis],
    facility.machines === "unknown"
      ? ["power, nodes", "unknown", `no rated power of ${node.name}`]
      : ["power, nodes", shown(facility.machines, "W"), `rated ${shown(node.power as number, "W")} a node`],
    ...fabricPower(facts),
    [
      "power, cooling and distribution",
      shownPower(facility.cooling),
      facility.cooling === "unknown"
        ? "known with economics.powerUsageEffectiveness of the site"
        : "(PUE - 1) x equipment",
    ],
    ["power, site", shownPower(facility.site), `without ${facility.excluded.join(", ")}`],
  ];
  return {
    id: "design",
    title: "The recommended design",
    blocks: [
      {
        kind: "paragraph",
        text: `${option.name}. ${option.what} Fabric: ${fabric.topology}, ${fabric.tiers} ${fabric.tiers === 1 ? "tier" : "tiers"}, ${fabric.transport}.`,
      },
      {
        kind: "table",
        caption: "Bill of materials; what no public source states stays unknown",
        columns: [{ title: "item" }, { title: "amount", align: "right" }, { title: "what" }],
        rows,
      },
      ...sketch(facts, nodes, node.label),
    ],
  };
}

/** As a specification of the same design has it. A power usage effectiveness that nobody gave is unknown. */
function siteOf(facts: ReportFacts, cluster: NonNullable<ReturnType<typeof clusterOf>>): Facility {
  const { design, prediction } = recommendedOf(facts);
  const prices =
    design?.kind === "training"
      ? design.training.prices
      : design?.kind === "serving"
        ? design.serving.prices
        : undefined;
  const assumed = prediction?.assumptions.some(({ path }) => path === "economics.powerUsageEffectiveness") === true;
  const network = facts.materials.bill?.totals.power ?? 0;
  return facilityOf({
    cluster,
    network: network === 0 ? "unknown" : network,
    powerUsageEffectiveness: prices === undefined || assumed ? "unknown" : prices.powerUsageEffectiveness,
  });
}

function shownPower(value: Facility["site"]): string {
  return value === "unknown" ? "unknown" : shown(value, "W");
}

/** What the store must do is known where checkpoints go to one; what it is made of never is. */
function storageRow(facts: ReportFacts): readonly Cell[] {
  const { design, prediction } = recommendedOf(facts);
  const store = design?.kind === "training" ? design.training.reliability?.store : undefined;
  const size = prediction?.metrics.checkpointSize;
  if (store === undefined || size === undefined) {
    return ["storage", "unknown", "known with reliability and storage in the scenario"];
  }
  const rates =
    store.write === undefined || store.read === undefined
      ? "as fast as the nodes write and read"
      : `writes ${shown(store.write, "B/s")}, reads ${shown(store.read, "B/s")}`;
  return ["storage", `${shown(size, "B")} a checkpoint`, `${rates}; its devices are not in the catalog`];
}

function fabricRows({ materials: { bill, unknown } }: ReportFacts): readonly (readonly Cell[])[] {
  if (bill === undefined) return [["switches and optics", "unknown", unknown ?? ""]];
  const types = new Map(bill.totals.types.map(({ group, type }) => [group, type]));
  const optics = bill.cables.reduce((sum, cable) => sum + cable.optics, 0);
  return [
    ...bill.switches
      .filter(({ place }) => place !== "node")
      .map(({ name, count: each, portsUsed }): readonly Cell[] => [
        `switches, ${name}`,
        count(each),
        `${types.get(name) ?? "type unknown"}, ${portsUsed} ports used`,
      ]),
    ...bill.cables
      .filter(({ optics: modules }) => modules > 0)
      .map(({ name, count: each, bandwidth }): readonly Cell[] => [
        `cables, ${name}`,
        count(each),
        `${shown(bandwidth, "B/s")} each way`,
      ]),
    ["optical modules", optics === 0 ? "none" : count(optics), "two a cable that is no copper"],
  ];
}

function fabricPower({ materials: { bill } }: ReportFacts): readonly (readonly Cell[])[] {
  if (bill === undefined) return [];
  const { power, priceLow, priceHigh, excluded } = bill.totals;
  const without = excluded.length === 0 ? "" : `without ${excluded.join(", ")}`;
  return [
    ["power, fabric", power === 0 ? "unknown" : shown(power, "W"), "switches and optics, where known"],
    ["price, fabric", priceHigh === 0 ? "unknown" : `${shown(priceLow, "USD")} to ${shown(priceHigh, "USD")}`, without],
  ];
}

function sketch({ materials: { bill } }: ReportFacts, nodes: number, label: string): readonly Block[] {
  const boxes = bill?.switches.filter(({ place }) => place === "fabric") ?? [];
  if (boxes.length === 0) return [];
  const tiers = [...boxes].sort((one, other) => one.count - other.count);
  return [
    {
      kind: "chart",
      title: "The fabric from the top",
      caption: "At most eight boxes of a tier are drawn, and not every cable.",
      chart: {
        type: "topology",
        tiers: [
          ...tiers.map(({ name, count: each, portsUsed }) => ({
            name,
            count: each,
            note: `${portsUsed} ports used`,
          })),
          { name: nodes === 1 ? "node" : "nodes", count: nodes, note: label.slice(0, 26) },
        ],
        shown: count,
      },
    },
  ];
}
