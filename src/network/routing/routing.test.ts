import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { fairRates } from "../../simulation/index.ts";
import {
  customTopology,
  type FabricShape,
  fabricKind,
  linkName,
  type NodeShape,
  type Topology,
} from "../topology/index.ts";
import { failuresOf, Routes, type RoutingOptions, type RoutingPolicy } from "./index.ts";

const hgx: NodeShape = {
  acceleratorsPerNode: 8,
  portsPerNode: 8,
  portBandwidth: 50e9,
  scaleUp: { domain: 8, topology: "switch", bandwidth: 450e9, latency: 1e-6 },
  hostLatency: 1e-6,
};

function build(name: string, more: Partial<FabricShape> = {}): Topology {
  const kind = fabricKind(name);
  if (kind === undefined) throw new Error(name);
  return kind.build({ node: hgx, nodes: 64, tiers: 2, oversubscription: [1], radix: 32, hopLatency: 1e-6, ...more });
}

const policies: readonly RoutingPolicy[] = ["deterministic", "ecmp", "adaptive", "spray"];
const options = (policy: RoutingPolicy, more: Partial<RoutingOptions> = {}): RoutingOptions => ({
  policy,
  forwarding: "own",
  seed: 1,
  ...more,
});

/** What enters every vertex leaves it, but for source and destination. */
function balance(
  topology: Topology,
  path: { readonly resources: Int32Array; readonly use?: Float64Array },
): Map<number, number> {
  const sums = new Map<number, number>();
  path.resources.forEach((link, index) => {
    const share = path.use?.[index] ?? 1;
    const from = topology.ends[topology.reverse[link]!]!;
    const to = topology.ends[link]!;
    sums.set(from, (sums.get(from) ?? 0) - share);
    sums.set(to, (sums.get(to) ?? 0) + share);
  });
  return new Map([...sums].filter(([, sum]) => Math.abs(sum) > 1e-12));
}

describe("routes", () => {
  it("lead from source to destination in every topology, under every policy", () => {
    for (const name of ["fat-tree", "rail-optimised", "dual-plane", "dragonfly", "torus-3d"]) {
      const topology = build(name);
      for (const policy of policies) {
        const routes = new Routes(topology, options(policy));
        fc.assert(
          fc.property(fc.nat(511), fc.nat(511), fc.nat(1000), (from, to, key) => {
            const path = routes.path(from, to, key);
            if (path === undefined) throw new Error(`${name} ${policy}: no way from ${from} to ${to}`);
            const rest = balance(topology, path);
            expect(rest.size).toBe(from === to ? 0 : 2);
            if (from !== to) expect([rest.get(from), rest.get(to)].map((sum) => Math.round(sum ?? 0))).toEqual([-1, 1]);
          }),
          { numRuns: 40 },
        );
      }
    }
  });

  it("stay on the scale-up network inside a node", () => {
    const topology = build("fat-tree");
    const names = [...(new Routes(topology, options("ecmp")).path(1, 6, 0)?.resources ?? [])].map((link) =>
      linkName(topology, link),
    );
    expect(names).toEqual(["accelerator 1 -> scale-up 0", "scale-up 0 -> accelerator 6"]);
  });

  it("reach another rail of a rail-only fabric only by forwarding", () => {
    const topology = build("rail-only");
    expect(new Routes(topology, options("ecmp")).path(0, 8 + 3, 0)).toBeUndefined();
    const forwarded = new Routes(topology, options("ecmp", { forwarding: "rail" })).path(0, 8 + 3, 0);
    const names = [...(forwarded?.resources ?? [])].map((link) => linkName(topology, link));
    expect(names.slice(0, 3)).toEqual([
      "accelerator 0 -> scale-up 0",
      "scale-up 0 -> accelerator 3",
      "accelerator 3 -> port 3",
    ]);
    expect(names.at(-1)).toBe("port 11 -> accelerator 11");
  });

  it("go round what has failed, and say so where nothing is left", () => {
    const topology = build("rail-optimised");
    const spine = topology.switches.find(({ name }) => name === "spine");
    if (spine === undefined) throw new Error("no spines");
    const spines = Array.from({ length: spine.count }, (_, index) => spine.first + index);
    const without = (count: number) =>
      new Routes(
        topology,
        options("ecmp", { failures: { links: new Set(), vertices: new Set(spines.slice(0, count)) } }),
      );
    const [from, to] = [0, 8 * 40 + 3];
    const path = without(spine.count - 1).path(from, to, 7);
    const passed = [...(path?.resources ?? [])].map((link) => topology.ends[link]!);
    expect(passed).toContain(spines.at(-1));
    expect(without(spine.count).path(from, to, 7)).toBeUndefined();
  });

  it("under any failures either arrive without using what is down, or say that there is no way", () => {
    const down = fc.record({
      links: fc.array(fc.nat(), { maxLength: 40 }),
      vertices: fc.array(fc.nat(), { maxLength: 30 }),
    });
    for (const name of ["rail-optimised", "dual-plane", "dragonfly", "torus-3d"]) {
      const topology = build(name, { nodes: 12, nodesPerLeaf: 4 });
      fc.assert(
        fc.property(down, fc.constantFrom(...policies), fc.nat(95), fc.nat(95), (failed, policy, from, to) => {
          const links = new Set(failed.links.map((link) => link % topology.ends.length));
          const vertices = new Set(failed.vertices.map((vertex) => vertex % topology.vertices));
          const routes = new Routes(topology, options(policy, { forwarding: "rail", failures: { links, vertices } }));
          const path = routes.path(from, to, 5);
          if (path === undefined) return;
          for (const link of path.resources) {
            expect(links.has(link)).toBe(false);
            expect(vertices.has(topology.ends[link]!)).toBe(false);
          }
          if (from !== to)
            expect([...balance(topology, path).keys()].sort((a, b) => a - b)).toEqual([from, to].sort((a, b) => a - b));
        }),
      );
    }
  });

  it("of names that are no names are problems, never raw errors", () => {
    const topology = build("rail-optimised");
    const word = fc.constantFrom(
      "spine",
      "leaf",
      "rail",
      "port",
      "node",
      "->",
      "-1",
      "0",
      "3",
      "99999",
      " ",
      "accelerator",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (name) => {
          const found = failuresOf(topology, [name]);
          if ("problems" in found)
            expect(found.problems.every(({ path }) => path === "cluster.fabric.failures[0]")).toBe(true);
          else expect(found.links.size + found.vertices.size).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("spray loads all spines alike; a permutation then runs at the full rate", () => {
    const topology = build("fat-tree", { nodes: 32 });
    const routes = new Routes(topology, options("spray"));
    const [rates] = permutation(topology, routes, 1);
    for (const rate of rates) expect(rate).toBeCloseTo(50e9, -3);
  });

  it("adaptive ways run a permutation at the full rate too, and fill unequal ways by what they carry", () => {
    const topology = build("fat-tree", { nodes: 32 });
    const [rates] = permutation(topology, new Routes(topology, options("adaptive")), 1);
    for (const rate of rates) expect(rate).toBeCloseTo(50e9, -3);
    const cable = (from: string, to: string, bandwidth: number) => ({ from, to, bandwidth, latency: 0 });
    const unequal = customTopology({
      name: "a wide and a narrow way",
      accelerators: ["a", "b"],
      switches: ["left", "right", "wide", "narrow"].map((name) => ({ name })),
      cables: [
        cable("a", "left", 75e9),
        cable("b", "right", 75e9),
        cable("left", "wide", 50e9),
        cable("wide", "right", 50e9),
        cable("left", "narrow", 25e9),
        cable("narrow", "right", 25e9),
      ],
    });
    if ("problems" in unequal) throw new Error("a custom graph with problems");
    const rate = (policy: RoutingPolicy): number => {
      const path = new Routes(unequal, options(policy)).path(0, 1, 0);
      if (path === undefined) throw new Error("no way");
      return Math.min(...[...path.resources].map((link, at) => unequal.capacity[link]! / (path.use?.[at] ?? 1)));
    };
    expect(rate("adaptive")).toBeCloseTo(75e9, 0);
    expect(rate("spray")).toBeCloseTo(50e9, 0);
  });

  it("static routes keep shifts below the leaves apart, and meet where places below other leaves are alike", () => {
    const topology = build("fat-tree", { nodes: 32 });
    const routes = new Routes(topology, options("deterministic"));
    const used = (targets: readonly number[]): number => {
      const load = new Float64Array(topology.ends.length);
      targets.forEach((to, from) => {
        for (const link of routes.path(from, to, 0)?.resources ?? []) load[link]! += 1;
      });
      return Math.max(...load);
    };
    const each = Array.from({ length: 256 }, (_, index) => index);
    expect(used(each.map((from) => (from + 16) % 256))).toBe(1);
    // Sixteen of one leaf send to the first ports of sixteen leaves.
    expect(used(each.slice(0, 16).map((from) => (from * 16 + 16) % 256))).toBeGreaterThan(8);
  });

  it("lose on a random permutation what hashing loses: half at one queue pair, little at sixteen", () => {
    // 1,024 ports, 32 leaves of 32: published for 16,384: .50, .80 and .95 of the rate at 1, 4 and 16 queue pairs.
    const topology = build("fat-tree", { nodes: 128, radix: 64 });
    const mean = [1, 4, 16].map((pairs) => {
      const [rates] = permutation(topology, new Routes(topology, options("ecmp")), pairs);
      return rates.reduce((sum, rate) => sum + rate, 0) / rates.length / 50e9;
    });
    expect(mean[0]).toBeGreaterThan(0.45);
    expect(mean[0]).toBeLessThan(0.6);
    expect(mean[1]).toBeGreaterThan(0.75);
    expect(mean[2]).toBeGreaterThan(0.9);
  });

  it("are the same for the same seed and others for another", () => {
    const topology = build("fat-tree");
    const links = (seed: number): string =>
      Array.from({ length: 50 }, (_, key) =>
        new Routes(topology, options("ecmp", { seed })).path(0, 300, key)?.resources.join(","),
      ).join(";");
    expect(links(1)).toBe(links(1));
    expect(links(1)).not.toBe(links(2));
  });
});

/** Each accelerator sends to one of another node over `pairs` queue pairs: the sum of the pairs' rates, by sender. */
function permutation(topology: Topology, routes: Routes, pairs: number): [number[]] {
  const count = topology.accelerators;
  const stream = random(7).stream("permutation");
  const targets = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = stream.integer(index + 1);
    [targets[index], targets[other]] = [targets[other]!, targets[index]!];
  }
  const paths = targets.flatMap((to, from) =>
    Array.from({ length: pairs }, (_, pair) =>
      routes.path(from, to === from ? (from + 8) % count : to, from * pairs + pair),
    ),
  );
  const offsets = new Int32Array(paths.length + 1);
  paths.forEach((path, index) => {
    offsets[index + 1] = offsets[index]! + (path?.resources.length ?? 0);
  });
  const rates = fairRates({
    capacity: topology.capacity,
    offsets,
    paths: Int32Array.from(paths.flatMap((path) => [...(path?.resources ?? [])])),
    use: Float64Array.from(
      paths.flatMap((path) => [...(path?.use ?? new Float64Array(path?.resources.length ?? 0).fill(1))]),
    ),
  });
  return [
    targets.map((_, from) =>
      rates.slice(from * pairs, (from + 1) * pairs).reduce((sum, rate) => sum + Math.min(rate, 50e9), 0),
    ),
  ];
}
