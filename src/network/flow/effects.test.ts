/** Published effects of fabrics, reproduced by flows; the figures stand in docs/models/flows.md too. */
import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { Routes, type RoutingPolicy } from "../routing/index.ts";
import { type FabricShape, fabricKind, type NodeShape, type Topology } from "../topology/index.ts";
import { collectiveFlow, type FlowRequest } from "./index.ts";

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
  scaleUp: { ...single.scaleUp, domain: 8 },
};
const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function build(name: string, shape: Partial<FabricShape>): Topology {
  const kind = fabricKind(name);
  if (kind === undefined) throw new Error(name);
  return kind.build({ node: hgx, nodes: 64, tiers: 2, oversubscription: [1], radix: 64, hopLatency: 0, ...shape });
}

interface Way {
  readonly policy: RoutingPolicy;
  readonly queuePairs?: number;
  readonly seed?: number;
  readonly forwarding?: "rail" | "own";
}

/** Seconds a byte of a collective takes, by the medium of the links that bind it. */
function binding(topology: Topology, way: Way, request: FlowRequest): Map<string, number> {
  const { policy, seed = 1, queuePairs = 1, forwarding = "rail" } = way;
  const flow = collectiveFlow(new Routes(topology, { policy, forwarding, seed, queuePairs }), request);
  if (flow === undefined) throw new Error("no way");
  const times = new Map<string, number>();
  flow.resources.forEach((link, at) => {
    const medium = topology.classes[topology.classOf[link]!]?.medium ?? "";
    times.set(medium, Math.max(times.get(medium) ?? 0, (flow.use?.[at] ?? 1) / topology.capacity[link]!));
  });
  return times;
}

/** Rate of a collective; the mean over seeds. */
function rate(topology: Topology, way: Way, request: FlowRequest, seeds = 1): number {
  const rates = all(seeds).map(
    (seed) => 1 / Math.max(...binding(topology, { ...way, seed: seed + 1 }, request).values()),
  );
  return rates.reduce((sum, each) => sum + each, 0) / seeds;
}

describe("hashing in Meta's fabric", () => {
  // Racks of 16 accelerators below a leaf, as many uplinks as ports: half of every rack belongs to the job.
  const rack = { nodesPerLeaf: 2, nodes: 64, radix: 64 };
  const topology = build("fat-tree", rack);
  const ring = (ranks: number[]): FlowRequest => ({ operation: "all-reduce", algorithm: "ring", ranks });
  const stream = random(11).stream("placement");
  const whole = ring(all(256));
  const nodes = all(64);
  for (let index = 63; index > 0; index--) {
    const other = stream.integer(index + 1);
    [nodes[index], nodes[other]] = [nodes[other]!, nodes[index]!];
  }
  const fragmented = ring(nodes.slice(0, 32).flatMap((node) => all(8).map((local) => node * 8 + local)));

  it("pinned paths are free for whole racks and cost a fragmented job more than 30 %", () => {
    const ideal = rate(topology, { policy: "spray" }, fragmented);
    expect(rate(topology, { policy: "deterministic" }, whole) / rate(topology, { policy: "spray" }, whole)).toBeCloseTo(
      1,
      9,
    );
    expect(rate(topology, { policy: "deterministic" }, fragmented) / ideal).toBeLessThan(0.7);
  });

  it("one hash a flow costs more than 30 %, queue pairs win 40 % and more of it, twice the uplinks heal it", () => {
    const ideal = rate(topology, { policy: "spray" }, fragmented);
    const hashed = (queuePairs: number, on = topology): number =>
      rate(on, { policy: "ecmp", queuePairs }, fragmented, 10) / ideal;
    expect(hashed(1)).toBeLessThan(0.7);
    expect(hashed(16) / hashed(1)).toBeGreaterThan(1.4);
    const twice = build("fat-tree", { ...rack, oversubscription: [0.5], radix: 128 });
    expect(hashed(16, twice)).toBeGreaterThan(0.88);
    expect(hashed(4, twice)).toBeGreaterThan(1.2 * hashed(4));
  });
});

describe("Alibaba's HPN against its former fabric", () => {
  it("keeps 1,024 accelerators below one tier of leaves: no hashing above, more than 15 % faster in the network", () => {
    const ring: FlowRequest = { operation: "all-reduce", algorithm: "ring", ranks: all(512) };
    // Segments of 128 nodes on dual planes, against a tree whose leaves hold 16 nodes' single ports.
    const hpn = build("dual-plane", { nodes: 128, nodesPerLeaf: 128, radix: 256 });
    const former = build("fat-tree", { nodes: 128, nodesPerLeaf: 16, tiers: 3, oversubscription: [1, 1], radix: 256 });
    const gain = rate(hpn, { policy: "ecmp" }, ring) / rate(former, { policy: "ecmp", queuePairs: 2 }, ring, 5);
    expect(gain).toBeGreaterThan(1.15);
    expect(rate(hpn, { policy: "ecmp" }, ring)).toBeCloseTo(rate(hpn, { policy: "spray" }, ring), 0);
  });
});

describe("rail-only", () => {
  it("costs an all-to-all 8 to 11 %: bytes cross the scale-up network before they leave", () => {
    const cost = (scaleUp: number, port: number): number => {
      const node = { ...hgx, portBandwidth: port, scaleUp: { ...hgx.scaleUp, bandwidth: scaleUp } };
      const request: FlowRequest = { operation: "all-to-all", algorithm: "direct", ranks: all(512) };
      const rails = binding(build("rail-only", { node }), { policy: "spray" }, request);
      const full = binding(build("rail-optimised", { node }), { policy: "spray", forwarding: "own" }, request);
      const sum = (times: Map<string, number>): number => (times.get("scale-up") ?? 0) + (times.get("fabric") ?? 0);
      // What goes to other nodes by NIC is the same; forwarding is not overlapped in the published figure.
      expect(rails.get("fabric")).toBeCloseTo(full.get("fabric") ?? 0, 18);
      return sum(rails) / sum(full) - 1;
    };
    expect(cost(300e9, 25e9)).toBeGreaterThan(0.06);
    expect(cost(300e9, 25e9)).toBeLessThan(0.09);
    expect(cost(450e9, 50e9)).toBeGreaterThan(0.08);
    expect(cost(450e9, 50e9)).toBeLessThan(0.115);
  });

  it("is as fast as full rails for a hierarchical all-reduce", () => {
    const request: FlowRequest = { operation: "all-reduce", algorithm: "hierarchical", ranks: all(512) };
    const [rails, full] = ["rail-only", "rail-optimised"].map((name) =>
      rate(build(name, {}), { policy: "spray" }, request),
    );
    expect((rails ?? 0) / (full ?? 1)).toBeCloseTo(1, 9);
  });
});

describe("failures", () => {
  it("one dead spine of four costs a full exchange what the others cannot carry", () => {
    const exchange: FlowRequest = { operation: "all-to-all", algorithm: "direct", ranks: all(256) };
    const topology = build("fat-tree", { nodes: 32, nodesPerLeaf: 4 });
    const first = topology.switches.find(({ name }) => name === "spine");
    const failures = { links: new Set<number>(), vertices: new Set([first?.first ?? 0]) };
    const routes = new Routes(topology, { policy: "spray", forwarding: "own", seed: 1, failures });
    const flow = collectiveFlow(routes, exchange);
    const left = Math.min(
      ...[...(flow?.resources ?? [])].map((link, at) => topology.capacity[link]! / (flow?.use?.[at] ?? 1)),
    );
    const spines = first?.count ?? 0;
    // Of 248 parts that leave a node 224 cross the spines.
    const crossing = 224 / 248;
    expect(left / rate(topology, { policy: "spray", forwarding: "own" }, exchange)).toBeCloseTo(
      Math.min(1, (1 - 1 / spines) / crossing),
      6,
    );
  });
});
