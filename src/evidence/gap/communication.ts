/**
 * Exposed communication: off as collectives were where they were measured, on all of the traffic, hidden or not; at most
 * everything that a working overlap hides comes out.
 */

import {
  domainCollectiveError,
  expertExchangeError,
  nodesCollectiveError,
  type PartError,
} from "../../catalog/accuracy/parts.ts";
import { type GroupPlacement, platformOf } from "../../network/index.ts";
import type { TrainingDesign } from "../../scenario/index.ts";
import { type Groups, groupsOf } from "../../training/parallel.ts";
import type { Leaf } from "./leaves.ts";
import { type Evidence, percent, type Suspect } from "./suspect.ts";
import { secondsOf } from "./what-if.ts";

export function communicationSuspect(leaf: Leaf, { design, whatIf }: Evidence): Suspect {
  const { name, label, value } = leaf;
  const traffic = Math.max(value, secondsOf(whatIf.exposed, name));
  const { share, from } = collectiveError(name, design);
  const error = share * traffic;
  const hidden = traffic - value;
  const known = `${percent(share)} by ${from}`;
  // Less than a hundredth of the traffic is rounding of the schedule, not an overlap.
  const why =
    hidden > 0.01 * traffic ? `${known}; and ${percent(hidden / traffic)} of it is hidden, if overlap works` : known;
  return {
    term: name,
    label,
    predicted: value,
    error: { less: error, more: error },
    bound: { less: error, more: error + hidden },
    why,
  };
}

/** Group whose ranks talk to each other in a part. */
const groupOf: Readonly<Record<string, Exclude<keyof Groups, "resharded">>> = {
  tensor: "tensor",
  context: "context",
  expert: "expert",
  sharded: "shardInner",
  transfer: "pipeline",
  gradientReduce: "data",
  parameterGather: "data",
};

function collectiveError(name: string, design: TrainingDesign): PartError {
  const { cluster, layout } = design.case;
  const { generation } = cluster.node.accelerator;
  const key = groupOf[name];
  const group: GroupPlacement | undefined = key === undefined ? undefined : groupsOf(layout, platformOf(cluster))[key];
  const inside = group === undefined ? cluster.nodes === 1 : group.size <= group.perDomain;
  if (name === "expert") {
    const exchange = expertExchangeError(generation);
    return inside || exchange.share > nodesCollectiveError.share ? exchange : nodesCollectiveError;
  }
  return inside ? domainCollectiveError(generation) : nodesCollectiveError;
}
