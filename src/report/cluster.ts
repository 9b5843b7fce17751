/** The one cluster of a design; undefined where pools differ. */

import type { Cluster } from "../catalog/index.ts";
import type { Design } from "../scenario/index.ts";

export function clusterOf(design: Design): Cluster | undefined {
  switch (design.kind) {
    case "training":
      return design.training.case.pools === undefined ? design.training.case.cluster : undefined;
    case "serving": {
      const [cluster, ...others] = [...new Set(design.serving.pools.map((pool) => pool.cluster))];
      return others.length === 0 ? cluster : undefined;
    }
    case "collective":
      return design.collective.cluster;
    case "traffic":
      return design.traffic.cluster;
    case "shared":
      return design.shared.cluster;
  }
}
