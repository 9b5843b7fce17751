/** A collective scenario with everything looked up. */

import type { Bytes } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type {
  CollectiveOperation,
  CollectiveRequest,
  Contention,
  ExpertExchange,
  GroupPlacement,
  Profile,
  Topology,
} from "../../network/index.ts";
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
  /** What the fabric's links do to the group, where they were looked at one by one. */
  readonly fabric?: { readonly topology: Topology; readonly contention: Contention };
  /** What else the scenario says of the call: channels, whose kernels, how it is started. */
  readonly call: Pick<CollectiveRequest, "channels" | "library" | "launch">;
  /** Tokens between experts instead of a plain all-to-all: what does not follow from the size and the group. */
  readonly exchange?: Omit<ExpertExchange, "tokens" | "group">;
  /** Measured curves that stand in for the prediction where they answer it. */
  readonly calibration?: Profile;
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
}
