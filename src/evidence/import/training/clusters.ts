/** The machines of the rows: catalog nodes, with what the row says otherwise. */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { countOf, numberOf, type RawRow, textOf } from "../raw.ts";

export interface Machine {
  readonly cluster: Section;
  readonly assumptions: readonly Assumption[];
}

/** Accelerator text of a row to the catalog node that carries it; longest match first. */
const nodes: readonly { readonly pattern: RegExp; readonly node: string; readonly perNode: number }[] = [
  { pattern: /A100.*40 ?GB/i, node: "hgx-a100-40gb", perNode: 8 },
  { pattern: /A100/i, node: "hgx-a100", perNode: 8 },
  { pattern: /H200/i, node: "hgx-h200", perNode: 8 },
  { pattern: /H800/i, node: "hgx-h800", perNode: 8 },
  { pattern: /H100/i, node: "hgx-h100", perNode: 8 },
  { pattern: /GB300/i, node: "gb300-nvl72", perNode: 4 },
  { pattern: /GB200/i, node: "gb200-nvl72", perNode: 4 },
  { pattern: /B300/i, node: "hgx-b300", perNode: 8 },
  { pattern: /B200/i, node: "hgx-b200", perNode: 8 },
  { pattern: /MI325X/i, node: "mi325x-8", perNode: 8 },
  { pattern: /MI355X/i, node: "mi355x-8", perNode: 8 },
];

/** The catalog node of a row and how many there are; undefined where the accelerator is not in the table. */
export function machineOf(row: RawRow): Machine | undefined {
  const name = textOf(row.system.accelerator);
  const count = countOf(row.system, "count");
  const known = nodes.find((entry) => entry.pattern.test(name));
  if (known === undefined || count === undefined) return undefined;
  const perNode = numberOf(row.system.per_node) ?? known.perNode;
  const whole = count % perNode === 0;
  const node =
    perNode === known.perNode && whole
      ? known.node
      : partialNode(known.node, whole ? perNode : Math.min(count, perNode));
  const nodeCount = whole ? count / perNode : 1;
  return { cluster: { node, nodes: nodeCount }, assumptions: networkAssumption(row, nodeCount) };
}

/** A server with fewer accelerators than the catalog's, one port each. */
function partialNode(base: string, count: number): Section {
  return { extends: base, acceleratorsPerNode: count, scaleUp: { domain: count }, nics: { count } };
}

function networkAssumption(row: RawRow, nodeCount: number): readonly Assumption[] {
  const stated = textOf(row.system.scale_out);
  const open = stated === "" || /not stated|assumed|memory/i.test(stated);
  if (nodeCount === 1 || !open) return [];
  return [assume("cluster.fabric", "catalog default", `network between nodes: ${stated || "not stated"}`)];
}
