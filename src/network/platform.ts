/** From a cluster of the catalog to the two-level network that collectives see. */
import type { Cluster } from "../catalog/cluster.ts";
import type { Platform } from "./collective/collective.ts";
import { tuningOf } from "./tuning.ts";

/**
 * The network of a cluster: rates per accelerator, one direction, in bytes per second, with measured curves looked up.
 * Ports fewer than accelerators are shared by all; more ports than accelerators are split among them.
 */
export function platformOf(cluster: Cluster): Platform {
  const { node, fabric } = cluster;
  const nodeBandwidth = node.nics.count * node.nics.bandwidth;
  const share = nodeBandwidth / node.acceleratorsPerNode;
  const leaf = nodesPerLeaf(cluster);
  const platform: Platform = {
    generation: node.accelerator.generation,
    scaleUp: {
      domain: Math.min(node.scaleUp.domain, cluster.accelerators),
      bandwidth: node.scaleUp.bandwidth,
      topology: node.scaleUp.topology,
      reduction: node.scaleUp.reduction,
    },
    scaleOut: {
      bandwidth: share,
      nodeBandwidth,
      acceleratorsPerNode: node.acceleratorsPerNode,
      transport: fabric.transport,
      hopLatency: fabric.hopLatency,
      tiers: fabric.tiers,
      oversubscription: fabric.oversubscription,
      ...(fabric.nodesPerPod === undefined ? {} : { nodesPerPod: fabric.nodesPerPod }),
      ...(leaf === undefined ? {} : { nodesPerLeaf: leaf }),
      port: Math.max(node.nics.bandwidth, share),
    },
  };
  return { ...platform, tuning: tuningOf(platform) };
}

/** Half of a leaf's ports face nodes: one port of each node on a rail, all of them elsewhere. */
function nodesPerLeaf({ node, fabric }: Cluster): number | undefined {
  if (fabric.nodesPerLeaf !== undefined) return fabric.nodesPerLeaf;
  if (fabric.radix === undefined) return undefined;
  const down = fabric.radix / 2;
  return fabric.topology === "rail-optimised" ? down : Math.max(1, Math.floor(down / node.nics.count));
}
