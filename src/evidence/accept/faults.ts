/** A platform with something wrong: the same two levels with other numbers, so that the same equations answer. */

import type { BytesPerSecond } from "../../base/quantity.ts";
import type { Platform } from "../../network/index.ts";

type ScaleUp = Platform["scaleUp"];
type ScaleOut = Platform["scaleOut"];

/** Looked up again on each use: rates of the platform before do not hold. */
function changed(platform: Platform, change: { scaleUp?: Partial<ScaleUp>; scaleOut?: Partial<ScaleOut> }): Platform {
  const { tuning: _, ...rest } = platform;
  return {
    ...rest,
    scaleUp: { ...platform.scaleUp, ...change.scaleUp },
    scaleOut: { ...platform.scaleOut, ...change.scaleOut },
  };
}

/** Without in-switch reduction. */
export function withoutReduction(platform: Platform): Platform {
  return changed(platform, { scaleUp: { reduction: "none" } });
}

/** Scale-up links of every accelerator at a part of their rate: the slowest member sets the pace of all. */
export function withLinks(platform: Platform, share: number): Platform {
  return changed(platform, { scaleUp: { bandwidth: platform.scaleUp.bandwidth * share } });
}

/** No way between accelerators of a node but through host memory. */
export function withoutPeers(platform: Platform, link: BytesPerSecond): Platform {
  return changed(platform, { scaleUp: { bandwidth: link, topology: "pcie", reduction: "none" } });
}

/** Ports at a part of their rate. */
export function withPorts(platform: Platform, share: number): Platform {
  const { bandwidth, nodeBandwidth, port } = platform.scaleOut;
  return changed(platform, {
    scaleOut: {
      bandwidth: bandwidth * share,
      nodeBandwidth: nodeBandwidth * share,
      ...(port === undefined ? {} : { port: port * share }),
    },
  });
}

/** Fewer ports, each at its rate. */
export function withFewerPorts(platform: Platform, share: number): Platform {
  const { bandwidth, nodeBandwidth } = platform.scaleOut;
  return changed(platform, { scaleOut: { bandwidth: bandwidth * share, nodeBandwidth: nodeBandwidth * share } });
}

/** No accelerator sends more than so much, whatever its ports can do. */
export function withPortLimit(platform: Platform, most: BytesPerSecond): Platform {
  const { bandwidth, acceleratorsPerNode, nodeBandwidth, port } = platform.scaleOut;
  return changed(platform, {
    scaleOut: {
      bandwidth: Math.min(bandwidth, most),
      nodeBandwidth: Math.min(nodeBandwidth, most * acceleratorsPerNode),
      ...(port === undefined ? {} : { port: Math.min(port, most) }),
    },
  });
}

/** Everything over sockets. */
export function overSockets(platform: Platform): Platform {
  return changed(platform, { scaleOut: { transport: "ethernet" } });
}

/** Everything of a node over one port of its own, by sockets. */
export function overOnePort(platform: Platform, rate: BytesPerSecond): Platform {
  const { acceleratorsPerNode } = platform.scaleOut;
  return changed(overSockets(platform), {
    scaleOut: { bandwidth: rate / acceleratorsPerNode, nodeBandwidth: rate, port: rate },
  });
}
