/** From a cluster of the catalog to the two-level network that collectives see. */
import type { Cluster, Fabric } from "../catalog/cluster.ts";
import type { Platform } from "./collective/collective.ts";
import { transportOf } from "./transport.ts";
import { tuningOf } from "./tuning.ts";

/**
 * The network of a cluster: rates per accelerator, one direction, in bytes per second, with measured curves looked up.
 * Ports fewer than accelerators are shared by all; more ports than accelerators are split among them.
 */
export function platformOf(cluster: Cluster): Platform {
  const { node, fabric } = cluster;
  // An accelerator sends no faster than its own way to the ports (PCIe) lets it.
  const own = node.nics.link ?? Number.POSITIVE_INFINITY;
  const nodeBandwidth = Math.min(node.nics.count * node.nics.bandwidth, node.acceleratorsPerNode * own);
  const share = nodeBandwidth / node.acceleratorsPerNode;
  const leaf = nodesPerLeaf(cluster);
  const { generation, multiprocessors } = node.accelerator;
  const platform: Platform = {
    generation,
    ...(multiprocessors === undefined ? {} : { multiprocessors }),
    scaleUp: {
      domain: Math.min(node.scaleUp.domain, cluster.accelerators),
      built: node.scaleUp.domain,
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
      port: Math.min(Math.max(node.nics.bandwidth, share), own),
      ...(fabric.reduction === undefined ? {} : { reduction: fabric.reduction }),
      rails: railsOf(fabric.topology),
    },
  };
  return { ...platform, tuning: tuningOf(platform) };
}

function railsOf(topology: Fabric["topology"]): NonNullable<Platform["scaleOut"]["rails"]> {
  if (topology === "rail-only") return "apart";
  return topology === "rail-optimised" || topology === "dual-plane" ? "separate" : "joined";
}

/**
 * The network of machines that differ, as a group over all of them sees it: every exchange waits for the slowest link
 * and the longest way. @throws RangeError without platforms.
 */
export function slowestPlatform(platforms: readonly Platform[]): Platform {
  const [first, ...others] = platforms;
  if (first === undefined) throw new RangeError("no platforms");
  return others.reduce(slower, first);
}

function slower(a: Platform, b: Platform): Platform {
  const inside = a.scaleUp.bandwidth <= b.scaleUp.bandwidth ? a : b;
  const port = Math.min(a.scaleOut.port ?? a.scaleOut.bandwidth, b.scaleOut.port ?? b.scaleOut.bandwidth);
  const least = (key: "bandwidth" | "nodeBandwidth" | "acceleratorsPerNode"): number =>
    Math.min(a.scaleOut[key], b.scaleOut[key]);
  const far = a.scaleOut.hopLatency * a.scaleOut.tiers >= b.scaleOut.hopLatency * b.scaleOut.tiers ? a : b;
  const scaleOut = transportOf(a.scaleOut.transport).goodput <= transportOf(b.scaleOut.transport).goodput ? a : b;
  const { tuning: _, ...rest } = inside;
  const whole: Platform = {
    ...rest,
    scaleUp: {
      ...inside.scaleUp,
      domain: Math.min(a.scaleUp.domain, b.scaleUp.domain),
      reduction: a.scaleUp.reduction === b.scaleUp.reduction ? a.scaleUp.reduction : "none",
    },
    scaleOut: {
      ...far.scaleOut,
      transport: scaleOut.scaleOut.transport,
      bandwidth: least("bandwidth"),
      nodeBandwidth: least("nodeBandwidth"),
      acceleratorsPerNode: least("acceleratorsPerNode"),
      port,
      reduction: a.scaleOut.reduction === b.scaleOut.reduction ? (a.scaleOut.reduction ?? "none") : "none",
    },
  };
  return { ...whole, tuning: tuningOf(whole) };
}

/** Half of a leaf's ports face nodes: one port of each node on a rail, all of them elsewhere. */
function nodesPerLeaf({ node, fabric }: Cluster): number | undefined {
  if (fabric.nodesPerLeaf !== undefined) return fabric.nodesPerLeaf;
  if (fabric.radix === undefined) return undefined;
  const down = fabric.radix / 2;
  return fabric.topology === "rail-optimised" ? down : Math.max(1, Math.floor(down / node.nics.count));
}
