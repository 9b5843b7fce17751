/** A collective scenario with everything looked up. */

import type { Bytes } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { CollectiveOperation, GroupPlacement, Profile } from "../../network/index.ts";
import type { Assumption } from "../prediction.ts";

export interface CollectiveDesign {
  readonly name: string;
  readonly seed: number;
  readonly cluster: Cluster;
  readonly operation: CollectiveOperation;
  /** Ascending, as nccl-tests counts them. */
  readonly sizes: readonly Bytes[];
  readonly group: GroupPlacement;
  /** The very accelerators, in rank order: what flows are laid over. */
  readonly ranks: readonly number[];
  /** Forced algorithm; absent: as the library chooses. */
  readonly algorithm?: string;
  /** Measured curves that stand in for the prediction where they answer it. */
  readonly calibration?: Profile;
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
}
