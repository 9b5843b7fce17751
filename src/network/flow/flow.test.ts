import { describe, expect, it } from "vitest";
import { fairRates, type SharedPath } from "../../simulation/index.ts";
import { Routes, type RoutingPolicy } from "../routing/index.ts";
import { type FabricShape, fabricKind, type NodeShape, type Topology } from "../topology/index.ts";
import { collectiveFlow, type FlowRequest, type Job, runJobs } from "./index.ts";

const gibibyte = 2 ** 30;
const single: NodeShape = {
  acceleratorsPerNode: 1,
  portsPerNode: 1,
  portBandwidth: 50e9,
  scaleUp: { domain: 1, topology: "switch", bandwidth: 450e9, latency: 0 },
  hostLatency: 0,
};
const hgx: NodeShape = {
  ...single,
  acceleratorsPerNode: 8,
  portsPerNode: 8,
  scaleUp: { ...single.scaleUp, domain: 8, bandwidth: 400e9 },
};

function build(name: string, shape: Partial<FabricShape>): Topology {
  const kind = fabricKind(name);
  if (kind === undefined) throw new Error(name);
  return kind.build({ node: hgx, nodes: 8, tiers: 2, oversubscription: [1], radix: 64, hopLatency: 0, ...shape });
}

const routesOf = (topology: Topology, policy: RoutingPolicy = "spray"): Routes =>
  new Routes(topology, { policy, forwarding: "rail", seed: 1 });

/** Seconds of several collectives of so many bytes at once, each at its fair rate. */
function times(topology: Topology, flows: readonly (SharedPath | undefined)[], size: number): number[] {
  const found = flows.map((flow) => flow ?? { resources: new Int32Array(0), use: new Float64Array(0) });
  const offsets = new Int32Array(found.length + 1);
  found.forEach(({ resources }, index) => {
    offsets[index + 1] = offsets[index]! + resources.length;
  });
  const paths = Int32Array.from(found.flatMap(({ resources }) => [...resources]));
  const use = Float64Array.from(found.flatMap(({ use: shares }) => [...(shares ?? [])]));
  return [...fairRates({ capacity: topology.capacity, offsets, paths, use })].map((rate) => size / rate);
}

const alone = (topology: Topology, request: FlowRequest, policy?: RoutingPolicy): number =>
  times(topology, [collectiveFlow(routesOf(topology, policy), request)], gibibyte)[0] ?? Number.NaN;

const first = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("collectives as flows", () => {
  it("ring all-reduce of 1 GiB over 8, 64 and 512 ports of 50 GB/s is the closed form", () => {
    for (const n of [8, 64, 512]) {
      const topology = build("fat-tree", { node: single, nodes: n });
      const time = alone(topology, { operation: "all-reduce", algorithm: "ring", ranks: first(n) });
      expect(Math.abs(time / (((2 * (n - 1)) / n) * (gibibyte / 50e9)) - 1)).toBeLessThan(1e-3);
    }
  });

  it("rings and stages use every port of a node: NICs bind a hierarchical all-reduce", () => {
    const topology = build("rail-optimised", { nodes: 16 });
    const n = 128;
    const ring = alone(topology, { operation: "all-reduce", algorithm: "ring", ranks: first(n) });
    expect(ring).toBeCloseTo(((2 * (n - 1)) / n) * (gibibyte / (8 * 50e9)), 6);
    const staged = alone(topology, { operation: "all-reduce", algorithm: "hierarchical", ranks: first(n) });
    const nics = ((2 * 15) / 16) * (gibibyte / 8 / 50e9);
    const links = ((2 * 7) / 8) * (gibibyte / 400e9);
    expect(staged).toBeCloseTo(Math.max(nics, links), 6);
  });

  it("an all-to-all over a non-blocking fabric is bound by the ports, over an oversubscribed one by the uplinks", () => {
    const n = 64;
    const port = ((n - 1) / n) * (gibibyte / 50e9);
    const shape = { node: single, nodes: n, radix: 32 };
    const request: FlowRequest = { operation: "all-to-all", algorithm: "direct", ranks: first(n) };
    expect(alone(build("fat-tree", shape), request)).toBeCloseTo(port, 6);
    // 16 ports a leaf: of each rank's buffer 48/64 cross, over a quarter of the capacity.
    const crossing = ((48 / 64) * gibibyte) / (50e9 / 4);
    expect(alone(build("fat-tree", { ...shape, oversubscription: [4] }), request)).toBeCloseTo(crossing, 6);
  });

  it("a contiguous ring hardly feels oversubscription, a scattered one does", () => {
    const n = 64;
    const topology = build("fat-tree", { node: single, nodes: n, radix: 32, oversubscription: [4] });
    const scattered = first(n).map((index) => (index * 17) % n);
    const time = (ranks: number[]): number => alone(topology, { operation: "all-reduce", algorithm: "ring", ranks });
    expect(time(first(n))).toBeCloseTo(((2 * 63) / 64) * (gibibyte / 50e9), 6);
    expect(time(scattered)).toBeGreaterThan(3.5 * time(first(n)));
  });

  it("two jobs on an oversubscribed fabric slow each other, and not where they share nothing", () => {
    const topology = build("fat-tree", { node: single, nodes: 64, radix: 32, oversubscription: [4] });
    const routes = routesOf(topology);
    const job = (ranks: number[]): SharedPath | undefined =>
      collectiveFlow(routes, { operation: "all-to-all", algorithm: "direct", ranks });
    const [even, odd] = [first(64).filter((index) => index % 2 === 0), first(64).filter((index) => index % 2 === 1)];
    const [together] = times(topology, [job(even), job(odd)], gibibyte);
    const [lonely] = times(topology, [job(even)], gibibyte);
    expect((together ?? 0) / (lonely ?? 1)).toBeCloseTo(2, 6);
    const [low, high] = [first(16), first(16).map((index) => index + 16)];
    const [beside] = times(topology, [job(low), job(high)], gibibyte);
    const [by] = times(topology, [job(low)], gibibyte);
    expect(beside).toBeCloseTo(by ?? 0, 9);
  });

  it("does not depend on who is called first", () => {
    const topology = build("rail-optimised", { nodes: 8 });
    const request = { operation: "all-reduce", algorithm: "hierarchical" } as const;
    const rotated = first(64).map((index) => (index + 24) % 64);
    expect(alone(topology, { ...request, ranks: rotated })).toBeCloseTo(
      alone(topology, { ...request, ranks: first(64) }),
      9,
    );
  });
});

describe("jobs side by side", () => {
  const topology = build("fat-tree", { node: single, nodes: 64, radix: 32, oversubscription: [4] });
  const routes = routesOf(topology);
  const jobOf = (name: string, ranks: number[], wait: number): Job => {
    const path = collectiveFlow(routes, { operation: "all-to-all", algorithm: "direct", ranks });
    if (path === undefined) throw new Error(name);
    return { name, rounds: 4, phases: [{ name: "exchange", wait, flows: [{ path, size: 1e9 }] }] };
  };
  const even = first(64).filter((index) => index % 2 === 0);
  const odd = even.map((index) => index + 1);

  it("take their own time alone, and wait for each other where uplinks are shared", () => {
    const lonely = runJobs(topology, [jobOf("a", even, 0)]);
    const both = runJobs(topology, [jobOf("a", even, 0), jobOf("b", odd, 0)]);
    expect(both.jobs.map(({ round }) => round / (lonely.jobs[0]?.round ?? 0))).toEqual([
      expect.closeTo(2, 6),
      expect.closeTo(2, 6),
    ]);
    expect(both.hottest[0]?.name).toMatch(/leaf \d+ -> spine|spine \d+ -> leaf/);
    expect(both.hottest[0]?.utilization).toBeCloseTo(1, 6);
  });

  it("slow each other less when they compute in between", () => {
    const lonely = runJobs(topology, [jobOf("a", even, 0.5)]).jobs[0]?.round ?? 0;
    const beside = runJobs(topology, [jobOf("a", even, 0.5), jobOf("b", odd, 0.3)]).jobs[0]?.round ?? 0;
    expect(beside).toBeGreaterThanOrEqual(lonely * (1 - 1e-9));
    expect(beside).toBeLessThan(2 * lonely);
  });
});
