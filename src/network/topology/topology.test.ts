import { describe, expect, it } from "vitest";
import {
  billOfMaterials,
  customTopology,
  type FabricShape,
  fabricKind,
  fabricKinds,
  type NodeShape,
  type Topology,
  topologyProblems,
} from "./index.ts";
import { torusSides } from "./nodes.ts";

const hgx: NodeShape = {
  acceleratorsPerNode: 8,
  portsPerNode: 8,
  portBandwidth: 50e9,
  scaleUp: { domain: 8, topology: "switch", bandwidth: 450e9, latency: 1e-6 },
  hostLatency: 1e-6,
};

const shapeOf = (nodes: number, more: Partial<FabricShape> = {}): FabricShape => ({
  node: hgx,
  nodes,
  tiers: 2,
  oversubscription: [1],
  radix: 64,
  hopLatency: 0.5e-6,
  ...more,
});

function build(name: string, shape: FabricShape): Topology {
  const kind = fabricKind(name);
  if (kind === undefined) throw new Error(name);
  return kind.build(shape);
}

const countOf = (topology: Topology, group: string): number =>
  topology.switches.filter(({ name }) => name.endsWith(group)).reduce((sum, { count }) => sum + count, 0);

const switchedKinds = fabricKinds.filter(({ name }) => name !== "direct");

describe("topologies", () => {
  it("are sound for sizes that do not fill their switches", () => {
    for (const kind of switchedKinds) {
      for (const nodes of [1, 2, 3, 17, 64, 100]) {
        const topology = kind.build(shapeOf(nodes));
        expect(topologyProblems(topology), `${kind.name} of ${nodes}`).toEqual([]);
        expect(topology.accelerators).toBe(8 * nodes);
      }
    }
  });

  it("have each link twice, once in each direction", () => {
    for (const kind of fabricKinds) {
      const { reverse, ends, capacity, starts, vertices } = kind.build(shapeOf(20));
      for (let vertex = 0; vertex < vertices; vertex++) {
        for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
          expect(ends[reverse[link]!]).toBe(vertex);
          expect(reverse[reverse[link]!]).toBe(link);
          expect(capacity[reverse[link]!]).toBe(capacity[link]);
        }
      }
    }
  });

  it("non-blocking trees have as much above a leaf as below, oversubscribed ones a part of it", () => {
    for (const name of ["fat-tree", "rail-optimised"]) {
      for (const factor of [1, 2, 4]) {
        const { cables } = billOfMaterials(build(name, shapeOf(128, { oversubscription: [factor] })));
        const of = (link: string): number => cables.find((cable) => cable.name === link)?.count ?? 0;
        expect(of("leaf-spine")).toBe(of("port-leaf") / factor);
      }
    }
  });

  it("a fat tree of three tiers is the textbook's: 5 k^2 / 4 switches for k^3 / 4 ports", () => {
    const k = 8;
    const node = { ...hgx, acceleratorsPerNode: 1, portsPerNode: 1 };
    const shape = shapeOf(k ** 3 / 4, { node, tiers: 3, oversubscription: [1, 1], radix: k, nodesPerPod: k ** 2 / 4 });
    const topology = build("fat-tree", shape);
    expect(topologyProblems(topology)).toEqual([]);
    expect([countOf(topology, "leaf"), countOf(topology, "spine"), countOf(topology, "core")]).toEqual([
      k ** 2 / 2,
      k ** 2 / 2,
      k ** 2 / 4,
    ]);
  });

  it("rail-only has no switch that two rails share", () => {
    const topology = build("rail-only", shapeOf(64));
    expect(countOf(topology, "spine")).toBe(8);
    expect(topology.switches.filter(({ name }) => name.startsWith("rail 0")).length).toBeGreaterThan(0);
  });

  it("dual planes keep the total rate of the ports", () => {
    const total = (topology: Topology): number =>
      billOfMaterials(topology)
        .cables.filter(({ name }) => name === "port-leaf")
        .reduce((sum, { count, bandwidth }) => sum + count * bandwidth, 0);
    expect(total(build("dual-plane", shapeOf(64)))).toBe(total(build("rail-optimised", shapeOf(64))));
  });

  it("a torus has two cables a dimension and accelerator", () => {
    expect(torusSides(64, 3)).toEqual([4, 4, 4]);
    expect(torusSides(96, 2)).toEqual([8, 12]);
    const topology = build("torus-3d", shapeOf(8));
    expect(billOfMaterials(topology).cables).toMatchObject([{ count: 3 * 64 }]);
  });

  it("say what cannot be built", () => {
    const [problem] = topologyProblems(build("fat-tree", shapeOf(4096)));
    expect(problem?.message).toMatch(/spine \d+ would need \d+ ports and has 64/);
    const cut = customTopology({ name: "two islands", accelerators: ["a", "b"], switches: [], cables: [] });
    expect("problems" in cut ? [] : topologyProblems(cut)).toMatchObject([
      { message: expect.stringContaining("not connected") },
    ]);
  });

  it("list every mistake of a custom graph with its place", () => {
    const graph = {
      name: "broken",
      accelerators: ["a", "a"],
      switches: [{ name: "s" }],
      cables: [
        { from: "a", to: "t", bandwidth: 1e9, latency: 0 },
        { from: "a", to: "s", bandwidth: 0, latency: -1 },
        { from: "s", to: "s", bandwidth: 1e9, latency: 0 },
      ],
    };
    const built = customTopology(graph);
    expect("problems" in built ? built.problems.map(({ path }) => path) : []).toEqual([
      "accelerators[1]",
      "cables[0].to",
      "cables[1].bandwidth",
      "cables[1].latency",
      "cables[2]",
    ]);
  });
});
