/** What to order, and the figures of each node and link that an inspection checks. */

import { ProblemError } from "../base/problem.ts";
import type { Cluster } from "../catalog/cluster.ts";
import { facilityOf } from "../economics/index.ts";
import {
  type BillOfMaterials,
  type BillTotals,
  billOfMaterials,
  billTotals,
  clusterTopology,
} from "../network/index.ts";
import type { Machines } from "./machines.ts";
import type { Figure, OrderLine } from "./specification.ts";

export interface Order {
  readonly order: readonly OrderLine[];
  readonly figures: readonly Figure[];
  readonly notCovered: readonly string[];
}

/** `powerUsageEffectiveness` is the scenario's; unknown where it gives none. */
export function orderOf({ cluster, pool }: Machines, powerUsageEffectiveness: number | "unknown"): Order {
  const fabric = fabricOf(cluster);
  const known = typeof fabric === "string" ? undefined : fabric;
  const power = known === undefined || known.totals.power === 0 ? "unknown" : known.totals.power;
  const facility = facilityOf({ cluster, network: power, powerUsageEffectiveness });
  const { node, nodes, accelerators } = cluster;
  const note = pool === undefined ? "" : `pool ${pool}`;
  const whose = (item: string): string => (pool === undefined ? item : `${item} (${pool})`);
  const racks = facility.racks === "unknown" ? null : facility.racks;
  return {
    order: [
      { item: node.label, count: nodes, note: note === "" ? "nodes" : `nodes of ${note}` },
      { item: node.accelerator.label, count: accelerators, note: "accelerators, in the nodes" },
      {
        item: whose(node.nics.name ?? "network ports"),
        count: nodes * node.nics.count,
        note: "network ports, in the nodes",
      },
      ...(known === undefined ? [] : fabricLines(known, whose)),
      { item: whose("racks"), count: racks, note: facility.rackBasis },
    ],
    figures: [...nodeFigures(cluster), ...siteFigures(facility, pool ?? "site")],
    notCovered: [
      ...(typeof fabric === "string"
        ? [`switches and cables: ${fabric}`]
        : fabric.totals.excluded.map((what) => `${what}: no public source`)),
      ...facility.excluded.map((what) => `power of ${what}`),
    ],
  };
}

interface FabricBill extends BillOfMaterials {
  readonly totals: BillTotals;
}

/** The bill, or why there is none. */
function fabricOf(cluster: Cluster): FabricBill | string {
  try {
    const bill = billOfMaterials(clusterTopology(cluster));
    return { ...bill, totals: billTotals(bill, cluster.fabric.transport) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ message }) => message).join("; ");
  }
}

function fabricLines({ switches, cables, totals }: FabricBill, whose: (item: string) => string): readonly OrderLine[] {
  const types = new Map(totals.types.map(({ group, type }) => [group, type]));
  const boxes = switches
    .filter(({ place }) => place !== "node")
    .map(({ name, count, portsUsed }): OrderLine => {
      const type = types.get(name);
      const note = type === undefined ? "no such switch in the catalog" : `taken as ${type}`;
      return { item: whose(`switches, ${name}`), count, note: `${portsUsed} ports used; ${note}` };
    });
  const wires = cables
    .filter(({ medium }) => medium !== "scale-up")
    .map(({ name, medium, count }): OrderLine => ({ item: whose(`cables, ${name}`), count, note: medium }));
  const optics = cables.reduce((sum, cable) => sum + cable.optics, 0);
  const modules: OrderLine = {
    item: whose("optical modules"),
    count: optics,
    note: "one at each end of optical cables",
  };
  return [...boxes, ...wires, ...(optics === 0 ? [] : [modules])];
}

function nodeFigures({ node, fabric }: Cluster): readonly Figure[] {
  const { accelerator, scaleUp, nics, host } = node;
  const of = node.name;
  const { sources } = node;
  const watts = (value: number | "unknown"): number | null => (value === "unknown" ? null : value);
  return [
    {
      of: accelerator.name,
      what: "memory",
      value: accelerator.memory.capacity,
      unit: "B",
      sources: accelerator.sources,
    },
    {
      of: accelerator.name,
      what: "memory bandwidth",
      value: accelerator.memory.bandwidth,
      unit: "B/s",
      sources: accelerator.sources,
    },
    {
      of: accelerator.name,
      what: "bf16 dense peak",
      value: accelerator.peak.bf16 ?? null,
      unit: "flop/s",
      sources: accelerator.sources,
    },
    {
      of: accelerator.name,
      what: "power limit",
      value: watts(accelerator.power),
      unit: "W",
      sources: accelerator.sources,
    },
    { of, what: "accelerators", value: node.acceleratorsPerNode, unit: "1", sources },
    { of, what: "scale-up domain", value: scaleUp.domain, unit: "accelerators", sources },
    {
      of,
      what: "scale-up bandwidth of one accelerator, one direction",
      value: scaleUp.bandwidth,
      unit: "B/s",
      sources,
    },
    { of, what: "network ports", value: nics.count, unit: "1", sources },
    { of, what: "bandwidth of one network port, one direction", value: nics.bandwidth, unit: "B/s", sources },
    { of, what: "link of one accelerator to its host, one direction", value: host?.link ?? null, unit: "B/s", sources },
    { of, what: "rated power", value: watts(node.power), unit: "W", sources },
    { of: fabric.name, what: "latency of one hop", value: fabric.hopLatency, unit: "s", sources: fabric.sources },
    ...fabric.oversubscription.map(
      (ratio, tier): Figure => ({
        of: fabric.name,
        what: `oversubscription above tier ${tier + 1}`,
        value: ratio,
        unit: "1",
        sources: fabric.sources,
      }),
    ),
  ];
}

function siteFigures(facility: ReturnType<typeof facilityOf>, of: string): readonly Figure[] {
  const watts = (value: number | "unknown"): number | null => (value === "unknown" ? null : value);
  const figure = (what: string, value: number | "unknown"): Figure => ({
    of,
    what,
    value: watts(value),
    unit: "W",
    sources: [],
  });
  return [
    figure("machines at their rating", facility.machines),
    figure("switches and modules, as far as known", facility.network),
    figure("cooling and distribution", facility.cooling),
    figure("whole site", facility.site),
    {
      of,
      what: "power usage effectiveness",
      value: watts(facility.powerUsageEffectiveness),
      unit: "1",
      sources: ["pue-survey"],
    },
  ];
}
