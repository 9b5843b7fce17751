/** What a target of export is: one file each, one line in `index.ts`. */

import type { NodeType } from "../../catalog/index.ts";
import type { DesignOf } from "../../scenario/index.ts";

export type Case = DesignOf<"training">["training"]["case"];

export interface Target {
  readonly name: string;
  readonly summary: string;
  /** Families of stacks that run these settings; on another one, switches without a word are its own. */
  readonly stacks: readonly string[];
  /** The format of import that reads it back. */
  readonly format: string;
  /** Why a key of the scenario is lost here: the first pattern that matches its path says it. */
  readonly reasons: readonly { readonly path: RegExp; readonly reason: string }[];
  /** The settings as text, and whether the model is in it. */
  write(design: DesignOf<"training">): { readonly text: string; readonly model: "stated" | "not stated" };
}

/** Reasons of what no launch file says. */
export const everywhere: Target["reasons"] = [
  { path: /^cluster\.pools/, reason: "one launch runs on one kind of machine: written for as many of the first" },
  { path: /^(stragglers|jitter)/, reason: "how machines behave, not how they are started" },
];

/** Lines above every export: for which machines it is, and what has to be added. */
export function heading(design: DesignOf<"training">, add: string): readonly string[] {
  const { cluster, software } = design.training.case;
  const { node, nodes }: { readonly node: NodeType; readonly nodes: number } = cluster;
  return [
    `# ${design.training.name}`.replaceAll("\n", " "),
    `# ${nodes} x ${node.name}, ${node.acceleratorsPerNode} accelerators each; stack ${software.name} ${software.version}`,
    `# Add: ${add}.`,
  ];
}

/** `0.5` of 32 layers is 16. */
export function wholeLayers(share: number, layers: number): number {
  return Math.round(share * layers);
}
