/**
 * The machines that a profile was measured on, and in what others differ from them. Ports and the fabric count only
 * where a group leaves its scale-up domain. Ignores: latency of hops, leaf sizes, hosts.
 */

import { type BytesPerSecond, formatQuantity } from "../../base/quantity.ts";
import type { Cluster, NodeType } from "../../catalog/cluster.ts";

export interface ProfileMachines {
  /** Catalog name. */
  readonly accelerator: string;
  readonly acceleratorsPerNode: number;
  readonly scaleUp: NodeType["scaleUp"];
  readonly ports: { readonly count: number; readonly bandwidth: BytesPerSecond };
  readonly transport: string;
  /** Capacity below over capacity above, all boundaries together. */
  readonly oversubscription: number;
}

/** What a profile keeps of the cluster that it was made on. */
export function profileMachinesOf({ node, fabric }: Cluster): ProfileMachines {
  const { domain, topology, bandwidth, reduction } = node.scaleUp;
  return {
    accelerator: node.accelerator.name,
    acceleratorsPerNode: node.acceleratorsPerNode,
    scaleUp: { domain, topology, bandwidth, reduction },
    ports: { count: node.nics.count, bandwidth: node.nics.bandwidth },
    transport: fabric.transport,
    oversubscription: fabric.oversubscription.reduce((product, own) => product * own, 1),
  };
}

/** In what machines differ from those of a profile: `8 network ports of 25 GB/s a node, measured over 8 of 50 GB/s`. */
export function otherMachines(
  measured: ProfileMachines,
  cluster: Cluster,
  reach: "one domain" | "several domains",
): readonly string[] {
  const here = profileMachinesOf(cluster);
  const said = (of: (machines: ProfileMachines) => readonly Fact[]): readonly string[] => {
    const before = of(measured);
    return of(here).flatMap((fact, index) => (sameFact(fact, before[index]) ? [] : [told(fact, before[index])]));
  };
  return [...said(insideFacts), ...(reach === "one domain" ? [] : said(outsideFacts))];
}

interface Fact {
  readonly value: number | string;
  readonly text: string;
}

function insideFacts({ accelerator, acceleratorsPerNode, scaleUp }: ProfileMachines): readonly Fact[] {
  const { domain, topology, bandwidth, reduction } = scaleUp;
  return [
    { value: accelerator, text: accelerator },
    { value: acceleratorsPerNode, text: `${acceleratorsPerNode} accelerators a node` },
    { value: domain, text: `scale-up domains of ${domain}` },
    { value: topology, text: `a scale-up network of kind ${topology}` },
    { value: bandwidth, text: `scale-up links of ${rate(bandwidth)}` },
    { value: reduction, text: reduction === "none" ? "no in-switch reduction" : "in-switch reduction" },
  ];
}

function outsideFacts({ ports, transport, oversubscription }: ProfileMachines): readonly Fact[] {
  return [
    { value: ports.count, text: `${ports.count} network ports a node` },
    { value: ports.bandwidth, text: `network ports of ${rate(ports.bandwidth)}` },
    { value: transport, text: `a fabric of ${transport}` },
    { value: oversubscription, text: `a fabric oversubscribed ${oversubscription} : 1` },
  ];
}

function rate(bandwidth: BytesPerSecond): string {
  return formatQuantity(bandwidth, "bytesPerSecond");
}

function told({ text }: Fact, measured: Fact | undefined): string {
  return `the cluster has ${text}, measured was ${measured?.text ?? "nothing of it"}`;
}

/** Rates that were written in other units may differ in their last digits. */
function sameFact({ value }: Fact, other: Fact | undefined): boolean {
  if (typeof value === "string" || typeof other?.value !== "number") return value === other?.value;
  return Math.abs(value - other.value) <= 1e-9 * Math.abs(value);
}
