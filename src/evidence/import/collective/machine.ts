/** Which node of the catalog a row ran on, and where the ranks sat. */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { type RawRow, textOf } from "../raw.ts";
import { basePoint, type Point } from "./values.ts";

export interface Machine {
  readonly cluster: Section;
  readonly inferred: readonly string[];
  readonly assumptions: readonly Assumption[];
}

interface Found {
  readonly node: string | Section;
  readonly fabric?: string;
  /** What the source leaves open, in words; absent where it states the machine. */
  readonly chosen?: string;
}

export function machineOf(row: RawRow): Machine | { readonly skip: string } {
  const found = nodeOf(row);
  if (found === undefined) return { skip: "the accelerators are not stated" };
  const { nodes } = basePoint(row);
  const { node, fabric, chosen } = found;
  const name = typeof node === "string" ? node : String(node.extends);
  return {
    cluster: { node, nodes, ...(fabric === undefined ? {} : { fabric }) },
    inferred: chosen === undefined ? [] : ["cluster.node"],
    assumptions: chosen === undefined ? [] : [assume("cluster.node", name, chosen)],
  };
}

/** Four ports on a node of eight, where a source says so. */
const fourPorts = (node: string, bandwidth: string): Section => ({ extends: node, nics: { count: 4, bandwidth } });

function nodeOf(row: RawRow): Found | undefined {
  const { system, measured, source } = row;
  const accelerator = textOf(system.accelerator);
  const scaleOut = textOf(system.scale_out);
  const several = basePoint(row).nodes > 1 || measured.some(({ extra }) => Number(extra.nodes) > 1);
  if (/^A100/.test(accelerator)) {
    if (!several) return { node: "hgx-a100" };
    if (!/4x200|4 per node/.test(scaleOut)) return { node: "hgx-a100" };
    return {
      node: "a100-4x200",
      ...(/inferred/.test(scaleOut) ? { chosen: "four ports, from the rate reached" } : {}),
    };
  }
  if (/^8-GPU nodes.*not in excerpt/.test(accelerator) && /4x200/.test(scaleOut)) {
    return { node: "a100-4x200", chosen: "the accelerator is not stated; its ports are" };
  }
  if (/^8-GPU/.test(accelerator))
    return { node: "hgx-h100", chosen: "nodes of eight with eight ports, kind not stated" };
  if (/^H100/.test(accelerator)) {
    // Its description of the system has 50 GB/s per accelerator; single tables leave that out.
    const described = /aiconfigurator/i.test(source.title);
    return hopper(scaleOut, several && !described ? "wanted" : "known");
  }
  if (/^H200/.test(accelerator)) {
    if (/EFA/.test(scaleOut)) return { node: "aws-p5en" };
    return {
      node: "hgx-h200",
      ...(/rate not stated/.test(scaleOut) ? { chosen: "ports of 400 Gbit/s; not stated" } : {}),
    };
  }
  const others: readonly (readonly [RegExp, string])[] = [
    [/^H800/, "hgx-h800"],
    [/^B200/, "hgx-b200"],
    [/^GB200/, "gb200-nvl72"],
    [/^GB300/, "gb300-nvl72"],
    [/^L40S/, "l40s-box"],
  ];
  const node = others.find(([pattern]) => pattern.test(accelerator))?.[1];
  return node === undefined ? undefined : { node };
}

/** Ports are `wanted` where bytes cross the network and nothing else describes it. */
function hopper(scaleOut: string, ports: "wanted" | "known"): Found {
  if (/4x400G RoCE/.test(scaleOut)) return { node: fourPorts("hgx-h100", "400 Gbit/s"), fabric: "roce-400g" };
  if (/4x400G class/.test(scaleOut)) {
    return { node: fourPorts("hgx-h100", "400 Gbit/s"), chosen: "InfiniBand; the kind of port is not stated" };
  }
  const open = ports === "wanted" && (scaleOut === "" || /not stated/.test(scaleOut));
  return { node: "hgx-h100", ...(open ? { chosen: "eight ports of 400 Gbit/s; not stated" } : {}) };
}

/** A regular group; ranks on fewer accelerators than a node has are said so. */
export function groupOf({ ranks, nodes, perNode }: Point): Section {
  return nodes > 1 ? { size: ranks, perNode } : { size: ranks };
}
