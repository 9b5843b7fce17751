/** Speed of the network core, against its aims: building, solving, a collective by flows, jobs side by side. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FabricShape, Job, Topology } from "../src/network/index.ts";

type Network = typeof import("../src/network/index.ts");
type Simulation = typeof import("../src/simulation/index.ts");

export interface Timing {
  readonly name: string;
  /** CPU milliseconds, median; or the most memory that a process of its own held, in megabytes. */
  readonly value: number;
  readonly unit: "ms" | "MB";
  readonly aim: number;
}

/** Figures of the built package. */
export function flowTimings(network: Network, simulation: Simulation): readonly Timing[] {
  const pod = built(network, 512, 2, { radix: 128 });
  const whole = built(network, 12_800, 3);
  const ms = (name: string, value: number, aim: number): Timing => ({ name: `${name}, CPU`, value, unit: "ms", aim });
  return [
    ms(
      "102,400 endpoints in three tiers, built",
      cpu(3, () => built(network, 12_800, 3)),
      2000,
    ),
    ms("max-min rates of 65,536 flows over 16,384 ports", permutationTime(network, simulation), 400),
    ms("hierarchical all-reduce of 4,096 accelerators by flows", collectiveTime(network, pod, 21), 20),
    ms("the same of 102,400", collectiveTime(network, whole, 3), 2000),
    ms(
      "8 jobs on 16,384 accelerators, 12 exchanges each",
      cpu(1, () => jobs(network)),
      10_000,
    ),
    { name: "65,536 flows from topology to rates, peak memory", value: peakMemory(), unit: "MB", aim: 300 },
  ];
}

/** Of a process that does one solve and nothing else, its loader included. */
function peakMemory(): number {
  const script = fileURLToPath(new URL("./solve.ts", import.meta.url));
  const run = spawnSync(process.execPath, ["--import", "tsx", script], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${script} failed: ${run.stderr}`);
  return Number(run.stdout);
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
export function permutationTime(network: Network, { fairRates }: Simulation): number {
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

function collectiveTime(network: Network, topology: Topology, rounds: number): number {
  const ranks = Array.from({ length: topology.accelerators }, (_, rank) => rank);
  return cpu(rounds, () => {
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
