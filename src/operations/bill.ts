/** `explain --bill`: what the fabric of a design is made of, with power and price where public sources say. */

import { ProblemError } from "../base/problem.ts";
import type { Cluster } from "../catalog/index.ts";
import {
  type BillOfMaterials,
  type BillTotals,
  billOfMaterials,
  billTotals,
  clusterTopology,
} from "../network/index.ts";
import type { Design } from "../scenario/index.ts";

export interface Bill extends BillOfMaterials {
  readonly totals: BillTotals;
}

/** @throws ProblemError where the fabric makes no graph, or joins pools. */
export function billOf(design: Design): Bill {
  const bill = billOfMaterials(clusterTopology(clusterOfDesign(design)));
  return { ...bill, totals: billTotals(bill, clusterOfDesign(design).fabric.transport) };
}

const onePool = "write node and nodes, or a single pool";

function clusterOfDesign(design: Design): Cluster {
  switch (design.kind) {
    case "training": {
      const { cluster, pools } = design.training.case;
      if (pools === undefined) return cluster;
      throw new ProblemError([
        { path: "cluster.pools", message: "a bill is made for one kind of node", hint: onePool },
      ]);
    }
    case "serving": {
      const [cluster, ...others] = [...new Set(design.serving.pools.map((pool) => pool.cluster))];
      if (cluster !== undefined && others.length === 0) return cluster;
      throw new ProblemError([
        { path: "cluster.pools", message: "a bill is made for one kind of node", hint: onePool },
      ]);
    }
    case "collective":
      return design.collective.cluster;
    case "traffic":
      return design.traffic.cluster;
    case "shared":
      return design.shared.cluster;
  }
}
