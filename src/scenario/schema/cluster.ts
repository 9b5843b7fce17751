/** `cluster:` the hardware, as one kind of node or as named pools. */

import type { z } from "zod";
import { count, list, quantity, strict, text } from "./fields.ts";
import { type FabricInline, fabricField, type NodeInline, nodeField } from "./hardware.ts";

export interface PoolText {
  readonly name: string;
  readonly node: string | NodeInline;
  readonly nodes: number;
}

export interface PoolLinkText {
  readonly bandwidth: number;
  readonly latency?: number;
}

export interface ClusterText {
  readonly node?: string | NodeInline;
  readonly nodes?: number;
  readonly pools?: readonly PoolText[];
  readonly fabric?: string | FabricInline;
  readonly between?: PoolLinkText;
}

const nodesLimit = { atLeast: 1, atMost: 1_000_000 };

const pool = strict(() => ({
  name: text("Name of the pool."),
  node: nodeField,
  nodes: count("Nodes in the pool.", nodesLimit),
})).meta({ description: "One pool of equal nodes." });

const between = strict(() => ({
  bandwidth: quantity("bytesPerSecond", "All of it, one direction."),
  latency: quantity("seconds", "Added to each message's way. Default 0.", { atLeast: 0 }).exactOptional(),
})).meta({
  description: "The link from each pool to the next where it is slower than their ports: two halls, two sites.",
});

/** Either node and nodes, or pools: `structure.ts` checks which. */
const sections = () => ({
  node: nodeField.exactOptional(),
  nodes: count("Number of nodes.", nodesLimit).exactOptional(),
  pools: list(pool, "Several kinds of nodes, each in a named pool.").exactOptional(),
  fabric: fabricField.exactOptional(),
  between: between.exactOptional(),
});

/** The cluster section. */
export const clusterField: z.ZodType<ClusterText> = strict(
  sections,
  "e.g. cluster: { node: hgx-h100, nodes: 16 }",
).meta({
  description: "The hardware: node and nodes, or pools; and the fabric between them.",
});
