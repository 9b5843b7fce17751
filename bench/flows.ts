/** Speed of the network core, against its aims: building, solving, a collective by flows, jobs side by side. */

import type { FabricShape, Job, Topology } from "../src/network/index.ts";

type Network = typeof import("../src/network/index.ts");
type Simulation = typeof import("../src/simulation/index.ts");

export interface Timing {
  readonly name: string;
  /** CPU milliseconds, median. */
  readonly value: number;
  readonly aim: number;
}

/** Figures of the built package. */
export function flowTimings(network: Network, simulation: Simulation): readonly Timing[] {
  const pod = built(network, 512, 2);
  return [
    { name: "102,400 endpoints in three tiers, built", value: cpu(3, () => built(network, 12_800, 3)), aim: 2000 },
    { name: "max-min rates of 65,536 flows over 16,384 ports", value: permutationTime(network, simulation), aim: 400 },
    { name: "hierarchical all-reduce of 4,096 accelerators by flows", value: collectiveTime(network, pod), aim: 20 },
    { name: "8 jobs on 16,384 accelerators, 12 exchanges each", value: cpu(1, () => jobs(network)), aim: 10_000 },
  ];
}

function built(network: Network, nodes: number, tiers: number, more: Partial<FabricShape> = {}): Topology {
  const kind = network.fabricKind("rail-optimised");
  if (kind === undefined) throw new Error("no rail-optimised fabric");
  return kind.build({
    node: {
      acceleratorsPerNode: 8,
      portsPerNode: 8,
      portBandwidth: 50e9,
      scaleUp: { domain: 8, topology: "switch", bandwidth: 450e9, latency: 1e-6 },
      hostLatency: 1e-6,
    },
    nodes,
    tiers,
    oversubscription: [1, 1],
    radix: 64,
    nodesPerPod: 256,
    hopLatency: 0.5e-6,
    ...more,
  });
}

/** Every port sends to another over four hashed queue pairs. */
function permutationTime(network: Network, { fairRates }: Simulation): number {
  const topology = built(network, 2048, 2, { radix: 256 });
  const routes = new network.Routes(topology, { policy: "ecmp", forwarding: "own", seed: 1 });
  const count = topology.accelerators;
  const paths = Array.from({ length: 4 * count }, (_, key) => {
    const from = key >> 2;
    return routes.path(from, (from * 4097 + 8 * 1021) % count, key);
  });
  const offsets = new Int32Array(paths.length + 1);
  paths.forEach((path, index) => {
    offsets[index + 1] = offsets[index]! + (path?.resources.length ?? 0);
  });
  const joined = Int32Array.from(paths.flatMap((path) => [...(path?.resources ?? [])]));
  return cpu(7, () => fairRates({ capacity: topology.capacity, offsets, paths: joined }));
}

function collectiveTime(network: Network, topology: Topology): number {
  const ranks = Array.from({ length: topology.accelerators }, (_, rank) => rank);
  return cpu(21, () => {
    const routes = new network.Routes(topology, { policy: "ecmp", forwarding: "rail", seed: 1 });
    const path = network.collectiveFlow(routes, { operation: "all-reduce", algorithm: "hierarchical", ranks });
    if (path === undefined) throw new Error("no way");
    const phases = [{ name: "all-reduce", wait: 0, flows: [{ path, size: 2 ** 30 }] }];
    return network.runJobs(topology, [{ name: "alone", rounds: 1, phases }]);
  });
}

/** Eight data-parallel jobs on every eighth node each, gradients of their rails hashed over an oversubscribed fabric. */
function jobs(network: Network): unknown {
  const topology = built(network, 2048, 3, { oversubscription: [1, 4] });
  const routes = new network.Routes(topology, { policy: "ecmp", forwarding: "rail", seed: 1 });
  const list = Array.from({ length: 8 }, (_, job): Job => {
    const rails = Array.from({ length: 8 }, (_, rail) => {
      const ranks = Array.from({ length: 256 }, (_, node) => (node * 8 + job) * 8 + rail);
      const path = network.collectiveFlow(routes, {
        operation: "all-reduce",
        algorithm: "ring",
        ranks,
        key: 1e6 * rail,
      });
      if (path === undefined) throw new Error("no way");
      return { path, size: 1e9 };
    });
    const phases = [{ name: "gradients", wait: 0.1 + 0.01 * job, flows: rails }];
    return { name: `job ${job}`, rounds: 12, phases };
  });
  return network.runJobs(topology, list);
}

/** Median CPU milliseconds of a call. */
function cpu(rounds: number, run: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}
