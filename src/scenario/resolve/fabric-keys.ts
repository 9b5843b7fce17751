/** Keys of an inline fabric that would change nothing where they stand: refused, each by its name. */

import { ProblemError } from "../../base/problem.ts";
import type { Cluster, Fabric, FabricTopology, NodeType } from "../../catalog/cluster.ts";
import { clusterTopology } from "../../network/index.ts";
import type { FabricInline } from "../schema/hardware.ts";
import { type Notes, problem } from "./notes.ts";

type Key = keyof FabricInline;

const ofTiers: readonly Key[] = ["tiers", "oversubscription", "nodesPerLeaf", "nodesPerPod"];
const ofSwitches: readonly Key[] = [...ofTiers, "radix", "uplinkBandwidth"];

/** What a topology does not read. */
const unread: Readonly<Partial<Record<FabricTopology, readonly Key[]>>> = {
  dragonfly: ofTiers,
  "torus-2d": ofSwitches,
  "torus-3d": ofSwitches,
  // No tiers and no boundaries may be written out.
  direct: ["nodesPerLeaf", "nodesPerPod", "radix", "uplinkBandwidth"],
};

/** What a single node has no use for. */
const betweenNodes: readonly Key[] = ["routing", "failures", "buildings", "uplinkBandwidth", "graph"];

export function checkFabricKeys(
  written: FabricInline,
  { fabric, node, count }: { readonly fabric: Fabric; readonly node: NodeType; readonly count: number },
  notes: Notes,
): void {
  const { topology } = fabric;
  const none = (key: Key, what: string): void => {
    if (written[key] !== undefined) problem(notes, `cluster.fabric.${key}`, `has no effect ${what}`, "remove it");
  };
  if (written.graph !== undefined) {
    for (const key of ["topology", ...ofSwitches, "buildings"] as const) none(key, "beside a graph of one's own");
  } else for (const key of unread[topology] ?? []) none(key, `on a ${topology} fabric`);
  if (count === 1) for (const key of betweenNodes) none(key, "with one node");
  if (topology.startsWith("torus-") && !node.scaleUp.topology.startsWith("torus")) {
    const message = `a torus joins accelerators without switches, and those of ${node.name} are joined by a ${node.scaleUp.topology}`;
    problem(notes, "cluster.fabric.topology", message, "a node whose scaleUp.topology is a torus, or another fabric");
  }
  if (fabric.reduction === "sharp" && (topology === "direct" || topology.startsWith("torus"))) {
    problem(notes, "cluster.fabric.reduction", `a ${topology} fabric has no switches that add`, "remove it");
  }
  const policy = fabric.routing?.policy;
  if (written.routing?.queuePairs !== undefined && policy !== "ecmp") {
    const message = `has no effect with policy ${policy}, which hashes nothing`;
    problem(notes, "cluster.fabric.routing.queuePairs", message, "remove it, or write policy: ecmp");
  }
}

/** Where switches are described, they must be able to join the nodes, whoever asks for links or not. */
export function checkSwitches(written: string | FabricInline | undefined, cluster: Cluster, notes: Notes): void {
  if (typeof written !== "object" || cluster.nodes === 1) return;
  if (written.radix === undefined && written.nodesPerLeaf === undefined && written.graph === undefined) return;
  try {
    clusterTopology(cluster);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    notes.problems.push(...error.problems);
  }
}
