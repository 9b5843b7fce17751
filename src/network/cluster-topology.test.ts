import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { type Cluster, type Fabric, gigabits } from "../catalog/cluster.ts";
import { clusterOf } from "../catalog/cluster-of.ts";
import { fabrics } from "../catalog/fabrics/index.ts";
import { nodes } from "../catalog/nodes/index.ts";
import { clusterRoutes, clusterTopology, usualRouting } from "./cluster-topology.ts";
import { collectiveTime } from "./collective/index.ts";
import { collectiveFlow, type FlowRequest } from "./flow/index.ts";
import { platformOf } from "./platform.ts";
import { failuresOf, Routes } from "./routing/index.ts";
import { linkName, pathLatency, topologyProblems } from "./topology/index.ts";

const h100 = nodes.get("hgx-h100");
const cluster = (count: number, more: Partial<Fabric> = {}, node = h100): Cluster => {
  const { fabric } = clusterOf({ node, nodes: count });
  return clusterOf({ node, nodes: count, fabric: { ...fabric, ...more } });
};
const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Bytes of a collective's size per second on a cluster where nothing else runs; 0 where there is no way. */
function rateOf(clusters: Cluster | readonly Cluster[], request: Omit<FlowRequest, "ranks">, ranks?: number[]): number {
  const topology = clusterTopology(clusters);
  const routes = clusterRoutes(clusters, topology, 1);
  const path = collectiveFlow(routes, { ...request, ranks: ranks ?? all(topology.accelerators) });
  if (path === undefined) return 0;
  return Math.min(...[...path.resources].map((link, at) => topology.capacity[link]! / (path.use?.[at] ?? 1)));
}

const problemsOf = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
};

const exchange = { operation: "all-to-all", algorithm: "direct" } as const;
const ring = { operation: "all-reduce", algorithm: "ring" } as const;

describe("topologies of clusters", () => {
  it("exist for every node of the catalog, alone, in pairs and in a group, and everybody reaches everybody", () => {
    for (const node of nodes.entries) {
      for (const count of [1, 2, 20]) {
        const made = clusterOf({ node, nodes: count });
        const topology = clusterTopology(made);
        expect(topologyProblems(topology), node.name).toEqual([]);
        const routes = clusterRoutes(made, topology, 1);
        const path = collectiveFlow(routes, { ...ring, ranks: all(made.accelerators) });
        expect(path, `${node.name} x ${count}`).toBeDefined();
      }
    }
  });

  it("give ports the goodput of the transport, scale-up links the rate that rings reach", () => {
    const { tuning, scaleOut } = platformOf(cluster(16));
    expect(rateOf(cluster(16), exchange)).toBeCloseTo(
      (16 / 15) * scaleOut.bandwidth * (tuning?.transport.goodput ?? 0),
      -6,
    );
    expect(rateOf(cluster(1), exchange)).toBeCloseTo((8 / 7) * (tuning?.ring ?? 0), -6);
  });

  it("join domains that span nodes, and domains that are parts of one", () => {
    const rack = cluster(36, {}, nodes.get("gb200-nvl72"));
    const topology = clusterTopology(rack);
    expect(topology.switches.filter(({ name }) => name === "scale-up")).toMatchObject([{ count: 2 }]);
    const pairs = clusterOf({ node: nodes.get("h100-nvl-box"), nodes: 2 });
    const made = clusterTopology(pairs);
    const routes = clusterRoutes(pairs, made, 1);
    const names = (to: number) => [...(routes.path(0, to, 0)?.resources ?? [])].map((link) => linkName(made, link));
    expect(names(1)).toEqual(["accelerator 0 -> accelerator 1"]);
    expect(names(2)).toEqual(["accelerator 0 -> bridge 0", "bridge 0 -> accelerator 2"]);
    expect(names(8)).toContain("accelerator 0 -> port 0");
  });

  it("join pools of unlike nodes on one fabric: the slower ports bind what both take part in", () => {
    const slow = clusterOf({ node: nodes.get("a100-4x200"), nodes: 4 });
    const pools = [cluster(4), slow];
    const topology = clusterTopology(pools);
    expect([topology.accelerators, topology.ports]).toEqual([64, 32 + 16]);
    const goodput = platformOf(pools[0]!).tuning?.transport.goodput ?? 0;
    const own = rateOf(pools, exchange, all(32));
    expect(own).toBeCloseTo((4 / 3) * gigabits(400) * goodput, -6);
    // Two accelerators share a port of 200 Gbit/s.
    expect(rateOf(pools, exchange)).toBeLessThan((64 / 56) * (gigabits(200) / 2) * goodput * (1 + 1e-9));
    expect(rateOf(pools, exchange)).toBeGreaterThan(0.5 * (gigabits(200) / 2) * goodput);
  });

  it("route as the transport does unless the fabric says otherwise", () => {
    expect(usualRouting(fabrics.get("infiniband-ndr"), h100)).toMatchObject({ policy: "adaptive", forwarding: "rail" });
    expect(usualRouting(fabrics.get("roce-400g"), h100)).toMatchObject({ policy: "ecmp", queuePairs: 1 });
    expect(usualRouting(fabrics.get("efa"), h100).policy).toBe("spray");
    expect(usualRouting(fabrics.get("ethernet-100g"), nodes.get("a40-box")).forwarding).toBe("own");
    const hashed = (queuePairs: number): number =>
      rateOf(cluster(64, { topology: "fat-tree", routing: { policy: "ecmp", queuePairs, forwarding: "own" } }), ring);
    const spread = rateOf(
      cluster(64, { topology: "fat-tree", routing: { policy: "spray", queuePairs: 1, forwarding: "own" } }),
      ring,
    );
    expect(hashed(1)).toBeLessThan(0.6 * spread);
    expect(hashed(16)).toBeGreaterThan(hashed(1));
    expect(hashed(16)).toBeLessThanOrEqual(spread * (1 + 1e-9));
  });
});

describe("flows over clusters of the catalog", () => {
  it("take the transfer times of the closed forms where nothing contends", () => {
    const size = 2 ** 30;
    for (const name of ["hgx-h100", "hgx-b200", "hgx-h200", "a100-8x200-roce", "grand-teton-h100"]) {
      for (const count of [2, 4]) {
        const made = cluster(count, { topology: "rail-optimised" }, nodes.get(name));
        const group = { size: 8 * count, perDomain: 8, stride: 1 };
        const closed = (operation: "all-reduce" | "all-to-all", algorithm: string) =>
          collectiveTime(platformOf(made), { operation, size, group, algorithm });
        const around = closed("all-reduce", "ring/simple");
        expect(size / rateOf(made, ring) / Math.max(around.scaleUp, around.scaleOut), name).toBeCloseTo(1, 2);
        const staged = closed("all-reduce", "hierarchical");
        const hierarchical = rateOf(made, { operation: "all-reduce", algorithm: "hierarchical" });
        expect(size / hierarchical / Math.max(staged.scaleUp, staged.scaleOut), name).toBeCloseTo(1, 2);
        // Beyond two nodes closed forms have 3 % a doubling of congestion that an ideal fabric has not.
        const direct = closed("all-to-all", "direct").scaleOut / (count === 2 ? 1 : 1.03);
        expect(size / rateOf(made, exchange) / direct, name).toBeCloseTo(1, 2);
      }
    }
  });
});

describe("failures by name", () => {
  const topology = clusterTopology(cluster(64));

  it("are vertices and cables", () => {
    const found = failuresOf(topology, ["spine 0", "rail 2 leaf 1 -> spine 3", "port 17", "node 5"]);
    if ("problems" in found) throw new ProblemError(found.problems);
    expect(found.vertices.size).toBe(1 + 1 + 8);
    const names = [...found.links].map((link) => linkName(topology, link));
    expect(new Set(names)).toEqual(new Set(["rail 2 leaf 1 -> spine 3", "spine 3 -> rail 2 leaf 1"]));
  });

  it("of names that mean nothing are problems with a place and what was meant", () => {
    const found = failuresOf(topology, ["spine 0", "spin 1", "spine 99", "port 1 -> spine 1", "", "rail 8 leaf 0"]);
    expect("problems" in found ? found.problems.map(({ path }) => path) : []).toEqual(
      [1, 2, 3, 4, 5].map((index) => `cluster.fabric.failures[${index}]`),
    );
    expect("problems" in found ? found.problems[0]?.hint : "").toMatch(/did you mean "spine \d+"/);
  });

  it("slow what goes over them, and cut off what has no other way", () => {
    const dead = (failures: string[], more: Partial<Fabric> = {}): number =>
      rateOf(cluster(40, { failures, ...more }), exchange) / rateOf(cluster(40, more), exchange);
    // Half of the capacity above the leaves, and one of its five spines dead.
    expect(dead(["spine 0"], { oversubscription: [2], nodesPerLeaf: 20 })).toBeCloseTo(0.8, 6);
    expect(dead(["rail 0 leaf 0"], { topology: "rail-only" })).toBe(0);
    // Both ports of an accelerator go to leaves of their own: half of the rate is left.
    expect(dead(["plane 0 leaf 0"], { topology: "dual-plane" })).toBeCloseTo(0.5, 6);
    const unknown = cluster(64, { failures: ["leaf"] });
    expect(problemsOf(() => clusterRoutes(unknown, topology, 1))[0]).toMatch(/^cluster\.fabric\.failures\[0\]: /);
  });
});

describe("bad clusters", () => {
  it("are problems with their places, all at once", () => {
    const node = { ...h100, nics: { ...h100.nics, bandwidth: -1 } };
    const buildings = { count: 40, bandwidth: 0, roundTrip: -1 };
    const wrong = cluster(32, { tiers: 7, oversubscription: [0], uplinkBandwidth: 0, buildings }, node);
    expect(problemsOf(() => clusterTopology(wrong)).map((line) => line.split(":")[0])).toEqual([
      "cluster.node.nics.bandwidth",
      "cluster.fabric.tiers",
      "cluster.fabric.oversubscription[0]",
      "cluster.fabric.uplinkBandwidth",
      "cluster.fabric.buildings.bandwidth",
      "cluster.fabric.buildings.roundTrip",
      "cluster.fabric.buildings.count",
    ]);
    expect(problemsOf(() => clusterTopology(cluster(4, { topology: "direct", tiers: 0 })))).toHaveLength(1);
    expect(problemsOf(() => clusterTopology(cluster(512, { tiers: 1 })))[0]).toMatch(/cluster\.fabric/);
  });

  it("a switch that cannot have so many ports is named", () => {
    const [line] = problemsOf(() => clusterTopology(cluster(4096, { tiers: 2 })));
    expect(line).toMatch(/spine 0 would need \d+ ports and has 64/);
  });
});

describe("buildings", () => {
  const far = (bandwidth: number): Fabric["buildings"] => ({ count: 2, bandwidth, roundTrip: 1e-3 });

  it("share the long haul: an exchange is bound by it, a building alone is not", () => {
    const buildings = far(gigabits(1600));
    if (buildings === undefined) throw new Error();
    const made = cluster(32, { buildings });
    // Of each rank's buffer half goes to the other building: 128 ranks over one link.
    expect(rateOf(made, exchange)).toBeCloseTo(gigabits(1600) / (128 * 0.5), -4);
    expect(rateOf(made, exchange, all(128))).toBeCloseTo(rateOf(cluster(16), exchange), -4);
  });

  it("are half a round trip apart, which every way between them has", () => {
    const made = cluster(32, { buildings: { count: 2, bandwidth: gigabits(1600), roundTrip: 1e-3 } });
    const topology = clusterTopology(made);
    const routes = clusterRoutes(made, topology, 1);
    const latency = (to: number): number =>
      pathLatency(topology, routes.path(0, to, 0) ?? { resources: new Int32Array(0) });
    expect(latency(255)).toBeGreaterThan(0.5e-3);
    expect(latency(255) - 0.5e-3).toBeLessThan(10e-6);
    expect(latency(127)).toBeLessThan(10e-6);
    expect(latency(127)).toBeGreaterThan(latency(7));
  });

  it("keep planes apart, and domains whole", () => {
    for (const topology of ["rail-only", "dual-plane", "dragonfly", "fat-tree"] as const) {
      const buildings = { count: 4, bandwidth: gigabits(3200), roundTrip: 1e-3 };
      const made = cluster(64, { topology, buildings });
      expect(rateOf(made, ring), topology).toBeGreaterThan(0);
    }
    const alone = cluster(64, { topology: "rail-only", buildings: { count: 2, bandwidth: 1e11, roundTrip: 1e-3 } });
    const topology = clusterTopology(alone);
    const own = new Routes(topology, { policy: "ecmp", forwarding: "own", seed: 1 });
    expect(own.path(0, 8 * 40 + 3, 0)).toBeUndefined();
    const rack = cluster(18, { buildings: { count: 2, bandwidth: 1e11, roundTrip: 1e-3 } }, nodes.get("gb200-nvl72"));
    expect(problemsOf(() => clusterTopology(rack))[0]).toMatch(/buildings\.count: a scale-up domain of 72/);
  });
});

describe("nodes of all kinds", () => {
  it("a port behind a slower link of the host is bound by it", () => {
    const slow = { ...h100, nics: { ...h100.nics, link: 31.5e9 } };
    expect(rateOf(cluster(16, {}, slow), exchange)).toBeCloseTo((16 / 15) * 31.5e9, -6);
    expect(rateOf(cluster(16, {}, slow), exchange)).toBeLessThan(rateOf(cluster(16), exchange));
  });

  it("accelerators that share ports share their rate, those with several use all of them", () => {
    const goodput = platformOf(cluster(16)).tuning?.transport.goodput ?? 0;
    const shared = { ...h100, nics: { count: 4, bandwidth: gigabits(400) } };
    const several = { ...h100, nics: { count: 32, bandwidth: gigabits(100) } };
    expect(rateOf(cluster(8, {}, shared), exchange)).toBeCloseTo((8 / 7) * 25e9 * goodput, -6);
    expect(rateOf(cluster(8, {}, several), exchange)).toBeCloseTo((8 / 7) * 50e9 * goodput, -6);
  });

  it("a domain of 576 accelerators over eight racks is one network", () => {
    const gb200 = nodes.get("gb200-nvl72");
    const wide = { ...gb200, scaleUp: { ...gb200.scaleUp, domain: 576 } };
    const made = cluster(144, {}, wide);
    const { tuning } = platformOf(made);
    expect(rateOf(made, exchange)).toBeCloseTo((576 / 575) * (tuning?.ring ?? 0), -6);
    expect(rateOf(made, exchange)).toBeGreaterThan(5 * rateOf(cluster(144, {}, gb200), exchange));
  });

  it("a group on fragments of nodes uses the ports that all of them have", () => {
    const whole = rateOf(cluster(8), ring, all(16));
    const fragments = [0, 1, 8, 9, 16, 17, 24, 25, 32, 33, 40, 41, 48, 49, 56, 57];
    const goodput = platformOf(cluster(8)).tuning?.transport.goodput ?? 0;
    expect(rateOf(cluster(8), ring, fragments)).toBeCloseTo((2 * 50e9 * goodput) / ((2 * 15) / 16), -6);
    expect(whole).toBeGreaterThan(1.7 * rateOf(cluster(8), ring, fragments));
  });

  it("known fabrics are sound at their size", () => {
    const of = (name: string, count: number): Cluster =>
      clusterOf({ node: h100, nodes: count, fabric: fabrics.get(name) });
    for (const [name, count] of [
      ["llama3-roce", 1024],
      ["alibaba-hpn", 1920],
      ["infiniband-ndr", 256],
    ] as const) {
      const topology = clusterTopology(of(name, count));
      expect(topologyProblems(topology), name).toEqual([]);
      expect(clusterRoutes(of(name, count), topology, 1).path(0, 8 * count - 1, 0), name).toBeDefined();
    }
    const hpn = clusterTopology(of("alibaba-hpn", 1920));
    expect(hpn.switches.filter(({ name }) => name.endsWith("leaf")).map(({ count }) => count)).toEqual([120, 120]);
  });
});

it("clusters of any numbers end in a topology or in problems", () => {
  const number = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(1, 2, 3, 8, 64) },
    { weight: 1, arbitrary: fc.constantFrom(0, -1, 0.5, 1e9, 1e-9, Number.NaN, Number.POSITIVE_INFINITY) },
  );
  const buildings = fc.record({ count: number, bandwidth: number, roundTrip: number });
  const topology = fc.constantFrom(
    "fat-tree",
    "rail-optimised",
    "rail-only",
    "dual-plane",
    "dragonfly",
    "torus",
    "direct",
  );
  const more = fc.record(
    {
      topology,
      tiers: number,
      oversubscription: fc.array(number, { maxLength: 3 }),
      radix: number,
      nodesPerLeaf: number,
      nodesPerPod: number,
      uplinkBandwidth: fc.oneof(number, fc.constantFrom(50e9, 100e9)),
      buildings,
    },
    { requiredKeys: ["topology"] },
  );
  const node = fc.record({ name: fc.constantFrom(...nodes.names), count: fc.constantFrom(1, 2, 5, 16), ports: number });
  fc.assert(
    fc.property(node, more, ({ name, count, ports }, fabric) => {
      const known = nodes.get(name);
      const nics = { count: Math.min(64, Math.max(0, Math.floor(ports) || 0)), bandwidth: 50e9 };
      const { fabric: usual } = clusterOf({ node: known, nodes: count });
      const made = clusterOf({ node: { ...known, nics }, nodes: count, fabric: { ...usual, ...fabric } as Fabric });
      const problems = problemsOf(() => {
        const graph = clusterTopology(made);
        expect(topologyProblems(graph)).toEqual([]);
        clusterRoutes(made, graph, 1).path(0, graph.accelerators - 1, 1);
      });
      for (const line of problems) expect(line).toMatch(/^cluster\.[\w.[\]]+: ./);
    }),
    { numRuns: 300 },
  );
});
