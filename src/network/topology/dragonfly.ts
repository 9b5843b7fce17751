/**
 * Dragonfly: switches in groups, every switch of a group joined to every other, groups joined by cables dealt round over
 * their switches. Balanced: of a switch's ports, a quarter go to network ports, half to its group, a quarter to other
 * groups.
 * @source kim-2008-dragonfly
 */

import type { FabricKind, FabricShape } from "./fabric.ts";
import { GraphBuilder } from "./graph.ts";
import { addNodes, nodeCounts } from "./nodes.ts";

interface Balance {
  readonly portsPerSwitch: number;
  readonly switchesPerGroup: number;
  readonly globalPerSwitch: number;
  readonly groups: number;
}

export const dragonfly: FabricKind = {
  name: "dragonfly",
  summary: "groups of fully joined switches, groups joined to each other",
  build(shape) {
    const { node, nodes, hopLatency: latency } = shape;
    const counts = nodeCounts(node, nodes);
    const builder = new GraphBuilder("dragonfly", counts);
    addNodes(builder, node, nodes);
    const balance = balanceOf(shape, counts.ports);
    const { portsPerSwitch, switchesPerGroup, groups } = balance;
    const radix = shape.radix === undefined ? {} : { radix: shape.radix };
    const first = builder.switchGroup({ name: "group switch", count: groups * switchesPerGroup, ...radix });
    const capacity = node.portBandwidth;
    const rate = shape.uplinkBandwidth ?? capacity;
    const down = builder.linkClass({ name: "port-switch", medium: "fabric", capacity, latency });
    const local = builder.linkClass({ name: "group", medium: "fabric", capacity: rate, latency });
    const global = builder.linkClass({ name: "between groups", medium: "fabric", capacity: rate, latency });
    for (let port = 0; port < counts.ports; port++) {
      builder.cable(builder.port(port), first + Math.floor(port / portsPerSwitch), down);
    }
    for (let group = 0; group < groups; group++) {
      const start = first + group * switchesPerGroup;
      for (let a = 0; a < switchesPerGroup; a++) {
        for (let b = a + 1; b < switchesPerGroup; b++) builder.cable(start + a, start + b, local);
      }
    }
    addGlobal(builder, first, balance, global);
    return builder.finish();
  },
};

function balanceOf(shape: FabricShape, ports: number): Balance {
  const radix = shape.radix ?? 64;
  const portsPerSwitch = Math.max(1, Math.floor((radix + 1) / 4));
  const most = 2 * portsPerSwitch;
  const switches = Math.ceil(ports / portsPerSwitch);
  const switchesPerGroup = Math.min(most, switches);
  return {
    portsPerSwitch,
    switchesPerGroup,
    globalPerSwitch: portsPerSwitch,
    groups: Math.ceil(switches / switchesPerGroup),
  };
}

/** As many cables between every two groups as their switches' global ports allow, dealt round; at least one. */
function addGlobal(builder: GraphBuilder, first: number, balance: Balance, link: number): void {
  const { groups, switchesPerGroup, globalPerSwitch } = balance;
  if (groups < 2) return;
  const each = Math.max(1, Math.floor((switchesPerGroup * globalPerSwitch) / (groups - 1)));
  const used = new Int32Array(groups);
  const next = (group: number): number => first + group * switchesPerGroup + (used[group]!++ % switchesPerGroup);
  for (let a = 0; a < groups; a++) {
    for (let b = a + 1; b < groups; b++) for (let n = 0; n < each; n++) builder.cable(next(a), next(b), link);
  }
}
