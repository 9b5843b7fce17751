/**
 * What a building must give a cluster: racks, power for the machines, the network and the store, cooling on top of it.
 *
 *     machines  = (nodes + spares) x rating
 *     site      = PUE (machines + network + storage)
 *     racks     = nodes / (nodes of a scale-up domain that is a rack), or nodes / floor(power of a rack / rating)
 *
 * Ratings, not what a job draws: a site is sized for them. What has no public figure is named, not guessed.
 * Ignores: management, redundancy of supplies, ramps, racks of switches and storage.
 */

import type { Watts } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";

/** Nodes that are alike, with their fabric. */
export interface FacilityGroup {
  readonly cluster: Cluster;
  /** Nodes that stand by, beside those of the cluster. */
  readonly spares?: number;
  /** Of the fabric's switches and modules, as far as it is known. */
  readonly network: Watts | "unknown";
}

export interface FacilityQuestion {
  readonly groups: readonly FacilityGroup[];
  readonly storage: Watts | "unknown";
  readonly powerUsageEffectiveness: number | "unknown";
  /** What one rack may draw, where the building says. */
  readonly rack?: Watts;
}

export interface GroupFacility {
  readonly machines: Watts | "unknown";
  readonly network: Watts | "unknown";
  readonly racks: number | "unknown";
  /** How the racks were counted, or why they were not. */
  readonly rackBasis: string;
}

export interface Facility {
  /** As asked, in their order. */
  readonly groups: readonly GroupFacility[];
  readonly storage: Watts | "unknown";
  /** Machines and what is known of network and storage; unknown where the machines are. */
  readonly equipment: Watts | "unknown";
  /** Cooling and distribution beside the equipment. */
  readonly cooling: Watts | "unknown";
  readonly site: Watts | "unknown";
  readonly powerUsageEffectiveness: number | "unknown";
  readonly excluded: readonly string[];
}

/** @source pue-survey */
export function facilityOf(question: FacilityQuestion): Facility {
  const { storage, powerUsageEffectiveness: pue } = question;
  if (pue !== "unknown" && !(pue >= 1)) throw new RangeError(`a facility at PUE ${pue}`);
  const groups = question.groups.map((group) => groupFacility(group, question.rack));
  const others = [...groups.map(({ network }) => network), storage].filter((power) => power !== "unknown");
  const equipment = groups.some(({ machines }) => machines === "unknown")
    ? "unknown"
    : [...groups.map(({ machines }) => Number(machines)), ...others].reduce((sum, power) => sum + power, 0);
  return {
    groups,
    storage,
    equipment,
    cooling: times(equipment, pue === "unknown" ? pue : pue - 1),
    site: times(equipment, pue),
    powerUsageEffectiveness: pue,
    excluded: [
      ...question.groups.flatMap(({ cluster: { node } }) =>
        node.power === "unknown" ? [`nodes (no rating of ${node.label} published)`] : [],
      ),
      ...(groups.some(({ network }) => network === "unknown") ? ["network (power unknown)"] : []),
      ...(pue === "unknown" ? ["cooling (no power usage effectiveness is given)"] : []),
      ...(storage === "unknown" ? ["storage"] : []),
      "management",
    ],
  };
}

function times(power: Watts | "unknown", factor: number | "unknown"): Watts | "unknown" {
  return power === "unknown" || factor === "unknown" ? "unknown" : power * factor;
}

function groupFacility({ cluster, spares = 0, network }: FacilityGroup, rack: Watts | undefined): GroupFacility {
  const nodes = cluster.nodes + spares;
  const { power } = cluster.node;
  const machines = power === "unknown" ? power : power * nodes;
  return { machines, network, ...racksOf(cluster, nodes, rack) };
}

/** A switched domain of several nodes is built as a rack. */
function racksOf(
  { node }: Cluster,
  nodes: number,
  rack: Watts | undefined,
): Pick<GroupFacility, "racks" | "rackBasis"> {
  const trays = node.scaleUp.domain / node.acceleratorsPerNode;
  if (node.scaleUp.topology === "switch" && trays > 1) {
    return { racks: Math.ceil(nodes / trays), rackBasis: `${trays} trays a rack: one scale-up domain` };
  }
  if (rack === undefined)
    return { racks: "unknown", rackBasis: "known with economics.rackPower, what one rack may draw" };
  if (node.power === "unknown") return { racks: "unknown", rackBasis: `no rating of ${node.label} is published` };
  const each = Math.floor(rack / node.power);
  if (each === 0) return { racks: "unknown", rackBasis: `one ${node.label} draws more than a rack may` };
  return { racks: Math.ceil(nodes / each), rackBasis: `${each} nodes a rack by its power` };
}
