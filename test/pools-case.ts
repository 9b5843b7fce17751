/** Training cases over two pools for tests: half of a case's nodes on each of two types. */

import type { Cluster } from "../src/catalog/cluster.ts";
import { clusterOf, nodes } from "../src/catalog/index.ts";
import type { TrainingCase } from "../src/training/index.ts";

/** Half of a case's cluster, on this node, joined by the case's fabric. */
function half({ cluster }: TrainingCase, node: string): Cluster {
  return clusterOf({ node: nodes.get(node), nodes: cluster.nodes / 2, fabric: cluster.fabric });
}

/** The first half of the pipeline's ranks on one type, the second on the other. */
export function overStages(c: TrainingCase, fast: string, slow: string): TrainingCase {
  const stages = c.layout.pipeline / 2;
  const pools = [
    { name: "fast", cluster: half(c, fast), stages },
    { name: "slow", cluster: half(c, slow), stages },
  ];
  return { ...c, pools: { by: "pipeline", pools } };
}

/** Half of the replicas on each type, with these sequences on the first. */
export function overReplicas(
  c: TrainingCase,
  fast: string,
  slow: string,
  sequences: number = c.globalBatch / 2,
): TrainingCase {
  const data = c.layout.data / 2;
  const pools = [
    { name: "fast", cluster: half(c, fast), data, sequences },
    { name: "slow", cluster: half(c, slow), data, sequences: c.globalBatch - sequences },
  ];
  return { ...c, pools: { by: "data", pools } };
}
