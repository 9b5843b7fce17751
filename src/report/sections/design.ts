/** The recommended design: what it is made of, and a sketch of its fabric. */

import { amountText, type Bill, billLines, itemText } from "../../economics/index.ts";
import { clusterOf } from "../cluster.ts";
import type { Block, Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { count, recommendedOf } from "../text.ts";

export function designSection(facts: ReportFacts): Section {
  const option = recommendedOf(facts);
  const bill = facts.bills[facts.choice.index];
  if (option.design === undefined || bill === undefined) {
    const text = "Nothing is built.";
    return { id: "design", title: "The recommended design", blocks: [{ kind: "paragraph", text }] };
  }
  const fabric = clusterOf(option.design)?.fabric;
  const joined =
    fabric === undefined
      ? "Every pool has a fabric of its own."
      : `Fabric: ${fabric.topology}, ${fabric.tiers} ${fabric.tiers === 1 ? "tier" : "tiers"}, ${fabric.transport}.`;
  return {
    id: "design",
    title: "The recommended design",
    blocks: [
      { kind: "paragraph", text: `${option.name}. ${option.what} ${joined}` },
      {
        kind: "table",
        caption: "Bill of materials; what no public source states and no scenario gives stays unknown",
        columns: [{ title: "item" }, { title: "amount", align: "right" }, { title: "what" }],
        rows: billLines(bill).map((line) => [itemText(line), amountText(line), line.note]),
      },
      ...sketch(bill),
    ],
  };
}

/** Of one kind of node; pools would be drawn as if they were one. */
function sketch({ machines: [machines, ...others] }: Bill): readonly Block[] {
  if (machines === undefined || others.length > 0) return [];
  const { nodes, node } = machines.cluster;
  const boxes = machines.fabric?.switches.filter(({ place }) => place === "fabric") ?? [];
  if (boxes.length === 0) return [];
  const tiers = [...boxes].reverse().sort((one, other) => one.count - other.count);
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
          { name: nodes === 1 ? "node" : "nodes", count: nodes, note: node.label.slice(0, 26) },
        ],
        shown: count,
      },
    },
  ];
}
