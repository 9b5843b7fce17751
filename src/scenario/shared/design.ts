/** Several training jobs on one cluster, with everything looked up. */

import type { Cluster } from "../../catalog/cluster.ts";
import type { Topology } from "../../network/index.ts";
import type { Assumption } from "../prediction.ts";
import type { TrainingDesign, TrainingFabric } from "../training/design.ts";

export interface SharedJob {
  readonly name: string;
  /** As if it were alone on the cluster, on its own nodes. */
  readonly alone: TrainingDesign;
  readonly dimensions: TrainingFabric["dimensions"];
}

export interface SharedDesign {
  readonly name: string;
  readonly seed: number;
  /** The whole cluster. */
  readonly cluster: Cluster;
  readonly topology: Topology;
  readonly jobs: readonly SharedJob[];
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
}
