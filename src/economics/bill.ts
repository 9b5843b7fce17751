/**
 * The bill of materials: what a design is made of, counted once for whoever prints it. Accelerators, nodes and their
 * spares, switches, cables, optical modules, storage, racks and power, group by group where nodes differ.
 *
 * What no public source states and no scenario gives stays unknown, with what would make it known.
 * Ignores: links between pools, ports and cables of spare nodes, management networks, spare parts.
 */

import { ProblemError } from "../base/problem.ts";
import type { Bytes, BytesPerSecond, Watts } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";
import {
  type BillOfMaterials,
  type BillTotals,
  billOfMaterials,
  billTotals,
  clusterTopology,
} from "../network/index.ts";
import { type Facility, facilityOf } from "./facility.ts";

/** Nodes that are alike. */
export interface Machines {
  /** Absent where all nodes are alike. */
  readonly pool?: string;
  readonly cluster: Cluster;
  /** Nodes that stand by; absent where nothing says. */
  readonly spares?: number;
}

/** What a store must hold and do. */
export interface StorageNeed {
  readonly checkpoint: Bytes;
  /** Of all nodes together; absent: whatever they take and give. */
  readonly write?: BytesPerSecond;
  readonly read?: BytesPerSecond;
}

/** What a scenario says of the building. */
export interface SiteTerms {
  readonly powerUsageEffectiveness: number | "unknown";
  /** What one rack may draw. */
  readonly rackPower?: Watts;
  /** Of the machines of the store. */
  readonly storagePower?: Watts;
}

export interface BillQuestion {
  readonly machines: readonly Machines[];
  /** Or what makes it known. */
  readonly storage: StorageNeed | string;
  readonly site: SiteTerms;
}

export interface FabricBill extends BillOfMaterials {
  readonly totals: BillTotals;
}

export interface MachinesBill extends Machines {
  readonly fabric?: FabricBill;
  /** Why the fabric could not be counted. */
  readonly fabricUnknown?: string;
}

export interface Bill {
  readonly machines: readonly MachinesBill[];
  readonly storage: StorageNeed | string;
  readonly facility: Facility;
}

export function billOf({ machines, storage, site }: BillQuestion): Bill {
  const counted = machines.map((group): MachinesBill => ({ ...group, ...fabricOf(group.cluster) }));
  const facility = facilityOf({
    groups: counted.map(({ cluster, spares = 0, fabric }) => ({ cluster, spares, network: networkPower(fabric) })),
    storage: site.storagePower ?? "unknown",
    powerUsageEffectiveness: site.powerUsageEffectiveness,
    ...(site.rackPower === undefined ? {} : { rack: site.rackPower }),
  });
  return { machines: counted, storage, facility };
}

function fabricOf(cluster: Cluster): Pick<MachinesBill, "fabric" | "fabricUnknown"> {
  try {
    const bill = billOfMaterials(clusterTopology(cluster));
    return { fabric: { ...bill, totals: billTotals(bill, cluster.fabric.transport) } };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { fabricUnknown: error.problems.map(({ message }) => message).join("; ") };
  }
}

/** Nothing known of switches that are there is unknown; what is known of them is a least. */
function networkPower(fabric: FabricBill | undefined): Watts | "unknown" {
  if (fabric === undefined) return "unknown";
  const { power, excluded } = fabric.totals;
  return power === 0 && excluded.length > 0 ? "unknown" : power;
}
