/** Which node of the catalog a serving row ran on, by the name that its source gives the accelerator. */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";

export interface Machine {
  readonly node: string;
  /** Accelerators of a node. */
  readonly perNode: number;
}

type Rule = readonly [name: RegExp, node: string, perNode: number];

const rules: readonly Rule[] = [
  [/h200[ -]nvl/i, "h200-nvl-box", 8],
  [/gb300/i, "gb300-nvl72", 4],
  [/gb200/i, "gb200-nvl72", 4],
  [/b200/i, "hgx-b200", 8],
  [/h200/i, "hgx-h200", 8],
  [/h800/i, "hgx-h800", 8],
  [/h100/i, "hgx-h100", 8],
  [/a100/i, "hgx-a100", 8],
  [/l40s/i, "l40s-box", 8],
  [/rtx[ -]pro[ -]6000/i, "rtx-pro-6000-box", 8],
  [/mi325x/i, "mi325x-8", 8],
  [/mi300x/i, "mi300x-8", 8],
];

/** The node, or nothing for accelerators that the catalog does not have or the row does not state. */
export function machineNamed(accelerator: string): Machine | undefined {
  if (/unknown|\(x\d+\)/i.test(accelerator)) return undefined;
  const found = rules.find(([name]) => name.test(accelerator));
  return found === undefined ? undefined : { node: found[1], perNode: found[2] };
}

/** As few nodes as hold so many accelerators. */
export function clusterOf({ node, perNode }: Machine, accelerators: number): Section {
  return { node, nodes: Math.ceil(accelerators / perNode) };
}

/** What is taken for granted where a source names a part of eight that has several hosts. */
export function virtualised(accelerator: string): readonly Assumption[] {
  if (!/virtualized/i.test(accelerator)) return [];
  return [assume("cluster.node", "not virtualised", "a virtual machine with the whole node; its cost is not modelled")];
}
