/** Small networks for tests of traffic: ports of 50 GB/s, one accelerator a node unless said otherwise. */

import { random } from "../src/base/random.ts";
import {
  type FabricShape,
  fabricKind,
  type NodeShape,
  type NoWay,
  type PatternOptions,
  Routes,
  type RoutingPolicy,
  runPattern,
  type Topology,
  type TrafficRun,
  trafficPatterns,
} from "../src/network/index.ts";

export const port = 50e9;
/** Four hops of fabric and two of hosts, at most. */
export const hop = 0.5e-6;

export const single: NodeShape = {
  acceleratorsPerNode: 1,
  portsPerNode: 1,
  portBandwidth: port,
  scaleUp: { domain: 1, topology: "switch", bandwidth: 450e9, latency: 0 },
  hostLatency: 0,
};

export const octet: NodeShape = {
  ...single,
  acceleratorsPerNode: 8,
  portsPerNode: 8,
  scaleUp: { ...single.scaleUp, domain: 8, bandwidth: 400e9 },
};

export function network(name: string, shape: Partial<FabricShape>): Topology {
  const kind = fabricKind(name);
  if (kind === undefined) throw new Error(name);
  return kind.build({ node: single, nodes: 16, tiers: 2, oversubscription: [1], radix: 32, hopLatency: hop, ...shape });
}

export function routesOf(topology: Topology, policy: RoutingPolicy = "spray", seed = 1): Routes {
  return new Routes(topology, { policy, forwarding: "own", seed });
}

export const first = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

export interface Wanted {
  readonly pattern: string;
  readonly options?: PatternOptions;
  readonly groups?: readonly (readonly number[])[];
  readonly size?: number;
  readonly rounds?: number;
  readonly seed?: number;
}

/** A pattern over all accelerators of a topology. */
export function ran(routes: Routes, wanted: Wanted): TrafficRun {
  const pattern = trafficPatterns.get(wanted.pattern);
  const groups = wanted.groups ?? [first(routes.topology.accelerators)];
  const found: TrafficRun | NoWay = runPattern(routes, {
    pattern,
    options: { ...pattern.defaults(groups[0]?.length ?? 0), ...wanted.options },
    groups,
    size: wanted.size ?? 1e9,
    rounds: wanted.rounds ?? 1,
    stream: random(wanted.seed ?? 0).stream("traffic"),
  });
  if ("from" in found) throw new Error(`no way from ${found.from} to ${found.to}`);
  return found;
}
