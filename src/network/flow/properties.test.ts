/** What must hold on any network: optimal shares, nothing lost, order without effect, more capacity never slower. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairRates, type SharedPath } from "../../simulation/index.ts";
import { Routes, type RoutingPolicy } from "../routing/index.ts";
import { type FabricShape, fabricKinds, type NodeShape, type Topology } from "../topology/index.ts";
import { collectiveFlow, type FlowRequest, runJobs } from "./index.ts";

const gibibyte = 2 ** 30;
const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const nodes: fc.Arbitrary<NodeShape> = fc.record({
  acceleratorsPerNode: fc.constantFrom(1, 2, 4, 8),
  portsPerNode: fc.constantFrom(1, 2, 4, 8, 12),
  portBandwidth: fc.constantFrom(12.5e9, 50e9),
  scaleUp: fc.record({
    domain: fc.constantFrom(1, 2, 4, 8, 16),
    topology: fc.constantFrom("switch", "mesh", "torus-2d", "torus-3d", "pcie"),
    bandwidth: fc.constantFrom(100e9, 450e9),
    latency: fc.constant(1e-6),
    wrapped: fc.constantFrom(0, 4, 16),
  }),
  bridgeBandwidth: fc.constant(24e9),
  hostBandwidth: fc.constantFrom(20e9, 63e9),
  hostLatency: fc.constant(1e-6),
});
const shapes: fc.Arbitrary<FabricShape> = fc.record({
  node: nodes,
  nodes: fc.integer({ min: 1, max: 12 }),
  others: fc.array(fc.record({ node: nodes, nodes: fc.integer({ min: 1, max: 5 }) }), { maxLength: 2 }),
  tiers: fc.constantFrom(2, 3),
  oversubscription: fc.array(fc.constantFrom(0.5, 1, 2, 7), { maxLength: 2 }),
  nodesPerLeaf: fc.constantFrom(1, 2, 4),
  nodesPerPod: fc.constantFrom(2, 4, 8),
  hopLatency: fc.constant(1e-6),
});
const kinds = fc.constantFrom(...fabricKinds.filter(({ name }) => name !== "direct" && !name.startsWith("torus")));
const policies = fc.constantFrom<RoutingPolicy>("deterministic", "ecmp", "adaptive", "spray");
const networks = fc.record({
  kind: kinds,
  shape: shapes,
  policy: policies,
  seed: fc.nat(1000),
  pairs: fc.integer({ min: 1, max: 4 }),
});

/** Time of a collective alone: its size over the rate that its most used link allows. */
function timeAlone({ capacity }: Topology, { resources, use }: SharedPath, size: number): number {
  return size * Math.max(0, ...[...resources].map((link, at) => (use?.[at] ?? 1) / capacity[link]!));
}

describe("on random networks", () => {
  it("flows get max-min fair shares of real paths: each has a full link where nobody has more, and no link is over", () => {
    fc.assert(
      fc.property(
        networks,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 30 }),
        (network, ends) => {
          const { kind, shape, policy, seed } = network;
          const topology = kind.build(shape);
          const routes = new Routes(topology, { policy, forwarding: "rail", seed });
          const count = topology.accelerators;
          const flows = ends
            .map(([from, to], key) => routes.path(from % count, to % count, key))
            .filter((path) => path !== undefined && path.resources.length > 0) as SharedPath[];
          const offsets = new Int32Array(flows.length + 1);
          flows.forEach(({ resources }, index) => {
            offsets[index + 1] = offsets[index]! + resources.length;
          });
          const shares = flows.map(({ resources, use }) => [...(use ?? Float64Array.from(resources, () => 1))]);
          const paths = Int32Array.from(flows.flatMap(({ resources }) => [...resources]));
          const rates = fairRates({
            capacity: topology.capacity,
            offsets,
            paths,
            use: Float64Array.from(shares.flat()),
          });
          const load = new Float64Array(topology.ends.length);
          const highest = new Float64Array(topology.ends.length);
          flows.forEach(({ resources }, flow) => {
            resources.forEach((link, at) => {
              load[link]! += rates[flow]! * (shares[flow]?.[at] ?? 1);
              highest[link] = Math.max(highest[link]!, rates[flow]!);
            });
          });
          load.forEach((carried, link) => {
            expect(carried).toBeLessThanOrEqual(topology.capacity[link]! * (1 + 1e-9));
          });
          flows.forEach(({ resources }, flow) => {
            const bound = resources.some(
              (link) =>
                load[link]! >= topology.capacity[link]! * (1 - 1e-9) && rates[flow]! >= highest[link]! * (1 - 1e-9),
            );
            expect(bound).toBe(true);
          });
        },
      ),
    );
  });

  it("collectives reach everybody, whatever the nodes, ports and tiers, and their time is finite", () => {
    fc.assert(
      fc.property(networks, fc.constantFrom("ring", "hierarchical", "direct"), (network, algorithm) => {
        const { kind, shape, policy, seed, pairs } = network;
        const topology = kind.build(shape);
        const routes = new Routes(topology, { policy, forwarding: "rail", seed, queuePairs: pairs });
        const operation = algorithm === "direct" ? "all-to-all" : "all-reduce";
        const path = collectiveFlow(routes, { operation, algorithm, ranks: all(topology.accelerators) } as FlowRequest);
        // Unlike nodes on rails of their own may have no rail in common.
        if (kind.name === "rail-only" || kind.name === "dual-plane") return;
        if (path === undefined) throw new Error(`${kind.name}: no way`);
        expect(timeAlone(topology, path, 1)).toBeLessThan(1);
      }),
    );
  });

  it("everything a job sends is carried once over every link of its way", () => {
    fc.assert(
      fc.property(networks, ({ kind, shape, policy, seed }) => {
        const topology = kind.build(shape);
        const routes = new Routes(topology, { policy, forwarding: "rail", seed });
        const path = collectiveFlow(routes, {
          operation: "all-reduce",
          algorithm: "ring",
          ranks: all(topology.accelerators),
        });
        if (path === undefined || path.resources.length === 0) return;
        const phases = [{ name: "ring", wait: 0, flows: [{ path, size: 1e9 }] }];
        const run = runJobs(topology, [{ name: "one", rounds: 2, phases }], topology.ends.length);
        const sent = new Map([...path.resources].map((link, at) => [link, 2e9 * (path.use?.[at] ?? 1)]));
        expect(run.hottest.length).toBe(sent.size);
        for (const { link, carried } of run.hottest) expect(carried / (sent.get(link) ?? 0)).toBeCloseTo(1, 9);
        expect(run.hottest[0]?.utilization).toBeCloseTo(1, 9);
      }),
      { numRuns: 40 },
    );
  });

  it("more capacity never slows a collective, wherever it is added", () => {
    fc.assert(
      fc.property(networks, fc.nat(), fc.double({ min: 1, max: 8, noNaN: true }), (network, place, factor) => {
        const { kind, shape, policy, seed } = network;
        const topology = kind.build(shape);
        const routes = new Routes(topology, { policy, forwarding: "rail", seed });
        const path = collectiveFlow(routes, {
          operation: "all-reduce",
          algorithm: "ring",
          ranks: all(topology.accelerators),
        });
        if (path === undefined) return;
        const grown = place % Math.max(1, topology.classes.length);
        const capacity = topology.capacity.map((rate, link) =>
          topology.classOf[link] === grown ? rate * factor : rate,
        );
        expect(timeAlone({ ...topology, capacity }, path, 1)).toBeLessThanOrEqual(timeAlone(topology, path, 1));
      }),
    );
  });

  it("an exchange does not depend on the order of its ranks", () => {
    fc.assert(
      fc.property(networks, fc.nat(), ({ kind, shape }, turn) => {
        const topology = kind.build(shape);
        const ranks = all(topology.accelerators);
        const by = turn % ranks.length;
        const turned = [...ranks.slice(by), ...ranks.slice(0, by)];
        const time = (order: readonly number[]): number => {
          const routes = new Routes(topology, { policy: "spray", forwarding: "rail", seed: 1 });
          const path = collectiveFlow(routes, { operation: "all-to-all", algorithm: "direct", ranks: order });
          return path === undefined ? -1 : timeAlone(topology, path, 1);
        };
        expect(time([...ranks].reverse())).toBeCloseTo(time(ranks), 15);
        expect(time(turned)).toBeCloseTo(time(ranks), 15);
      }),
      { numRuns: 60 },
    );
  });
});

describe("on uncontended symmetric networks flows are the closed forms", () => {
  const hgx: NodeShape = {
    acceleratorsPerNode: 8,
    portsPerNode: 8,
    portBandwidth: 50e9,
    scaleUp: { domain: 8, topology: "switch", bandwidth: 400e9, latency: 0 },
    hostLatency: 0,
  };
  const [up, nic] = [400e9, 50e9];
  const build = (name: string, count: number, node: NodeShape = hgx): Topology => {
    const kind = fabricKinds.find((each) => each.name === name);
    if (kind === undefined) throw new Error(name);
    return kind.build({ node, nodes: count, tiers: 2, oversubscription: [1], radix: 128, hopLatency: 0 });
  };
  const time = (
    topology: Topology,
    request: Omit<FlowRequest, "ranks">,
    forwarding: "rail" | "own" = "rail",
  ): number => {
    const routes = new Routes(topology, { policy: "spray", forwarding, seed: 1 });
    const path = collectiveFlow(routes, { ...request, ranks: all(topology.accelerators) });
    if (path === undefined) throw new Error("no way");
    return timeAlone(topology, path, gibibyte);
  };

  for (const N of [2, 8, 32]) {
    const [k, n] = [8, 8 * N];
    it(`${n} accelerators in ${N} nodes: ring, hierarchical, direct and forwarded all-to-all`, () => {
      const topology = build("rail-optimised", N);
      const ring = ((2 * (n - 1)) / n) * (gibibyte / Math.min(up, k * nic));
      expect(time(topology, { operation: "all-reduce", algorithm: "ring" }) / ring).toBeCloseTo(1, 2);
      const staged = Math.max(((2 * (k - 1)) / k) * (gibibyte / up), ((2 * (N - 1)) / N) * (gibibyte / k / nic));
      expect(time(topology, { operation: "all-reduce", algorithm: "hierarchical" }) / staged).toBeCloseTo(1, 6);
      const leaving = ((n - k) / n) * (gibibyte / nic);
      const inside = ((k - 1) / n) * (gibibyte / up);
      const direct = time(topology, { operation: "all-to-all", algorithm: "direct" }, "own");
      expect(direct / Math.max(leaving, inside)).toBeCloseTo(1, 6);
      const forwarded = time(topology, { operation: "all-to-all", algorithm: "direct" }, "rail");
      const crossing = inside + ((N - 1) / N) * ((k - 1) / k) * (gibibyte / up);
      expect(forwarded / Math.max(leaving, crossing)).toBeCloseTo(1, 6);
    });
  }

  it("a torus: rings over all dimensions, an exchange over its longest", () => {
    for (const [count, sides] of [
      [64, [4, 4, 4]],
      [512, [8, 8, 8]],
    ] as const) {
      const node: NodeShape = { ...hgx, scaleUp: { ...hgx.scaleUp, bandwidth: 6 * 100e9 } };
      const topology = build("torus-3d", count / 8, node);
      const ring = ((2 * (count - 1)) / count) * (gibibyte / (6 * 100e9));
      expect(time(topology, { operation: "all-reduce", algorithm: "ring" }) / ring).toBeCloseTo(1, 6);
      if (count > 64) continue;
      const exchange = (gibibyte * sides[2]) / (8 * 100e9);
      expect(time(topology, { operation: "all-to-all", algorithm: "direct" }) / exchange).toBeCloseTo(1, 6);
    }
  });
});

describe("flow classes", () => {
  it("of equal flows take as long as the flows one by one, with weights and caps", () => {
    const topology = fabricKinds[0]!.build({
      node: {
        acceleratorsPerNode: 1,
        portsPerNode: 1,
        portBandwidth: 50e9,
        scaleUp: { domain: 1, topology: "switch", bandwidth: 1e9, latency: 0 },
        hostLatency: 0,
      },
      nodes: 4,
      tiers: 1,
      oversubscription: [],
      hopLatency: 0,
    });
    const routes = new Routes(topology, { policy: "ecmp", forwarding: "own", seed: 1 });
    const [a, b] = [routes.path(0, 3, 0), routes.path(1, 3, 1)];
    if (a === undefined || b === undefined) throw new Error("no way");
    const end = (flows: readonly object[]): number =>
      runJobs(topology, [{ name: "job", rounds: 1, phases: [{ name: "all", wait: 0, flows: flows as never }] }]).time;
    const one = { path: a, size: 1e9, weight: 2, cap: 3e9 };
    const other = { path: b, size: 4e9 };
    expect(end([{ ...one, count: 5 }, other])).toBeCloseTo(end([one, one, one, one, one, other]), 12);
    expect(end([{ ...one, count: 1 }])).toBeCloseTo(1 / 3, 12);
  });
});
