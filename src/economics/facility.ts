/**
 * What a building must give a cluster: racks, power for the machines and the network, cooling on top of it.
 *
 *     machines  = nodes x rating
 *     site      = PUE (machines + network)
 *     racks     = nodes / (nodes of a scale-up domain that is a rack), or machines / power of a rack
 *
 * Ratings, not what a job draws: a site is sized for them. What has no public figure is named, not guessed.
 * Ignores: storage, management, spare nodes, redundancy of supplies, ramps.
 */

import type { Watts } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";

export interface Facility {
  readonly machines: Watts | "unknown";
  readonly network: Watts | "unknown";
  /** Machines and what is known of the network; unknown where the machines are. */
  readonly equipment: Watts | "unknown";
  /** Cooling and distribution beside the equipment. */
  readonly cooling: Watts | "unknown";
  readonly site: Watts | "unknown";
  readonly powerUsageEffectiveness: number | "unknown";
  readonly racks: number | "unknown";
  /** How the racks were counted, or why they were not. */
  readonly rackBasis: string;
  readonly excluded: readonly string[];
}

export interface FacilityQuestion {
  readonly cluster: Cluster;
  /** Of the fabric's switches and modules, as far as it is known. */
  readonly network: Watts | "unknown";
  readonly powerUsageEffectiveness: number | "unknown";
  /** What one rack may draw, where the building says. */
  readonly rack?: Watts;
}

/** @source pue-survey */
export function facilityOf(question: FacilityQuestion): Facility {
  const { cluster, network, powerUsageEffectiveness: pue } = question;
  if (pue !== "unknown" && !(pue >= 1)) throw new RangeError(`a facility at PUE ${pue}`);
  const { node, nodes } = cluster;
  const machines = node.power === "unknown" ? node.power : node.power * nodes;
  const equipment = machines === "unknown" ? machines : machines + (network === "unknown" ? 0 : network);
  const excluded = [
    ...(machines === "unknown" ? [`nodes (no rating of ${node.label} published)`] : []),
    ...(network === "unknown" ? ["network (power unknown)"] : []),
    ...(pue === "unknown" ? ["cooling (no power usage effectiveness is given)"] : []),
    "storage",
    "management",
  ];
  return {
    machines,
    network,
    equipment,
    cooling: times(equipment, pue === "unknown" ? pue : pue - 1),
    site: times(equipment, pue),
    powerUsageEffectiveness: pue,
    ...racksOf(question),
    excluded,
  };
}

function times(power: Watts | "unknown", factor: number | "unknown"): Watts | "unknown" {
  return power === "unknown" || factor === "unknown" ? "unknown" : power * factor;
}

/** A switched domain of several nodes is built as a rack. */
function racksOf({ cluster, rack }: FacilityQuestion): Pick<Facility, "racks" | "rackBasis"> {
  const { node, nodes } = cluster;
  const trays = node.scaleUp.domain / node.acceleratorsPerNode;
  if (node.scaleUp.topology === "switch" && trays > 1) {
    return { racks: Math.ceil(nodes / trays), rackBasis: `${trays} trays a rack: one scale-up domain` };
  }
  if (rack === undefined) return { racks: "unknown", rackBasis: "no power of a rack is given" };
  if (node.power === "unknown") return { racks: "unknown", rackBasis: `no rating of ${node.label} is published` };
  const each = Math.floor(rack / node.power);
  if (each === 0) return { racks: "unknown", rackBasis: `one ${node.label} draws more than a rack may` };
  return { racks: Math.ceil(nodes / each), rackBasis: `${each} nodes a rack by its power` };
}
