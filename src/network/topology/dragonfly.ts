/**
 * Dragonfly: switches in groups, every switch of a group joined to every other, groups joined by cables dealt round over
 * their switches. Balanced: of a switch's ports, a quarter go to network ports, half to its group, a quarter to other
 * groups.
 * @source kim-2008-dragonfly
 */

import { type FabricKind, type FabricShape, switched } from "./fabric.ts";
import type { GraphBuilder } from "./graph.ts";

interface Balance {
  readonly portsPerSwitch: number;
  readonly switchesPerGroup: number;
  readonly globalPerSwitch: number;
  readonly groups: number;
}

export const dragonfly: FabricKind = switched({
  name: "dragonfly",
  summary: "groups of fully joined switches, groups joined to each other",
  join(part) {
    const { builder, shape, portBandwidth } = part;
    const latency = shape.hopLatency;
    const ports = part.ports.flat();
    const balance = balanceOf(shape, ports.length);
    const { portsPerSwitch, switchesPerGroup, groups } = balance;
    const radix = shape.radix === undefined ? {} : { radix: shape.radix, portRate: portBandwidth };
    const count = groups * switchesPerGroup;
    const first = builder.switchGroup({ name: `${part.prefix}group switch`, count, ...radix });
    const rate = shape.uplinkBandwidth ?? portBandwidth;
    const local = builder.linkClass({ name: "group", medium: "fabric", capacity: rate, latency });
    const global = builder.linkClass({ name: "between groups", medium: "fabric", capacity: rate, latency });
    ports.forEach((port, index) => {
      const { bandwidth: capacity, line } = part.rateOf(port);
      const down = builder.linkClass({ name: "port-switch", medium: "fabric", capacity, line, latency });
      builder.cable(port, first + Math.floor(index / portsPerSwitch), down);
    });
    for (let group = 0; group < groups; group++) {
      const start = first + group * switchesPerGroup;
      for (let a = 0; a < switchesPerGroup; a++) {
        for (let b = a + 1; b < switchesPerGroup; b++) builder.cable(start + a, start + b, local);
      }
    }
    addGlobal(builder, first, balance, global);
    return [Array.from({ length: count }, (_, index) => first + index)];
  },
});

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
