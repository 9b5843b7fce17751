import { describe, expect, it } from "vitest";
import { type Cluster, clusterOf, type Fabric, fabrics, nodes } from "../catalog/index.ts";
import { clusterRoutes, clusterTopology } from "./cluster-topology.ts";
import { rankRate } from "./collective/span.ts";
import { type Contention, contentionOf, type GroupTraffic } from "./contention.ts";
import { platformOf } from "./platform.ts";

const fabric = (change: Partial<Fabric> = {}): Fabric => ({
  ...fabrics.get("roce-400g"),
  topology: "fat-tree",
  tiers: 2,
  oversubscription: [1],
  nodesPerLeaf: 4,
  radix: 256,
  ...change,
});

const cluster = (change: Partial<Fabric> = {}, count = 32): Cluster =>
  clusterOf({ node: nodes.get("hgx-h100"), nodes: count, fabric: fabric(change) });

/** What closed forms give a rank: eight ranks a node in one group, or one of eight groups side by side. */
function rateOf(of: Cluster, { operation, groups }: GroupTraffic): number {
  const perDomain = groups.length > 1 ? 1 : 8;
  const size = groups[0]?.length ?? 0;
  return rankRate(platformOf(of), { size, perDomain, stride: 8 / perDomain, sharing: groups.length }, operation);
}

function found(of: Cluster, traffic: GroupTraffic, seed = 0): Contention {
  const topology = clusterTopology(of);
  const answer = contentionOf(clusterRoutes(of, topology, seed), traffic, rateOf(of, traffic));
  if ("from" in answer) throw new Error(`no way from ${answer.from} to ${answer.to}`);
  return answer;
}

const everybody = (count: number): readonly number[] => Array.from({ length: count }, (_, rank) => rank);
/** One group of equal places for each place of a node. */
const rails = (count: number): readonly (readonly number[])[] =>
  Array.from({ length: 8 }, (_, rail) => Array.from({ length: count }, (__, node) => 8 * node + rail));

const spray = { policy: "spray", queuePairs: 1, forwarding: "rail" } as const;
const hashed = (queuePairs: number): Partial<Fabric> => ({
  routing: { policy: "ecmp", queuePairs, forwarding: "rail" },
});

describe("contention of groups on a fabric", () => {
  it("is 1 where packets are spread over a fabric without oversubscription", () => {
    for (const operation of ["all-reduce", "all-gather", "all-to-all", "broadcast"] as const) {
      expect(found(cluster({ routing: spray }), { operation, groups: [everybody(256)] }).factor).toBeCloseTo(1, 9);
    }
  });

  it("is what the boundary leaves: neighbours cross it rarely, an exchange nearly always", () => {
    const over = cluster({ routing: spray, oversubscription: [4] });
    // One of four nodes of a leaf sends across: 1:4 is just enough.
    expect(found(over, { operation: "all-reduce", groups: rails(32) }).factor).toBeCloseTo(1, 6);
    // 28 of 31 other nodes are beyond the leaf.
    expect(found(over, { operation: "all-to-all", groups: [everybody(256)] }).factor).toBeCloseTo((4 * 224) / 248, 2);
  });

  it("falls with queue pairs, and is never below 1", () => {
    const at = (pairs: number): number =>
      found(cluster({ ...hashed(pairs), nodesPerLeaf: 1 }), { operation: "all-reduce", groups: rails(32) }).factor;
    const [one, four, many] = [at(1), at(4), at(64)];
    expect(one).toBeGreaterThan(four);
    expect(four).toBeGreaterThan(many);
    expect(many).toBeGreaterThanOrEqual(1);
  });

  it("grows when a switch is down, by no more than what is left carries", () => {
    const plain = { routing: spray, radix: 64, nodesPerLeaf: 4 };
    const traffic: GroupTraffic = { operation: "all-to-all", groups: [everybody(256)] };
    const whole = found(cluster(plain), traffic).factor;
    const spines = clusterTopology(cluster(plain)).switches.find(({ name }) => name === "spine")?.count ?? 0;
    const less = found(cluster({ ...plain, failures: ["spine 0"] }), traffic).factor;
    expect(spines).toBeGreaterThan(1);
    expect(less / whole).toBeGreaterThan(1);
    expect(less / whole).toBeLessThanOrEqual((spines / (spines - 1)) * 1.001);
  });

  it("says who cannot be reached", () => {
    const cut = cluster({ failures: ["leaf 0"] });
    const topology = clusterTopology(cut);
    const routes = clusterRoutes(cut, topology, 0);
    const answer = contentionOf(routes, { operation: "all-reduce", groups: [everybody(256)] }, 50e9);
    expect(answer).toMatchObject({ from: expect.any(Number), to: expect.any(Number) });
  });

  it("delays calls by the way between buildings: a lap of a ring passes it twice", () => {
    const apart = cluster({ buildings: { count: 2, bandwidth: 1e12, roundTrip: 1e-3 } });
    const delay = (operation: GroupTraffic["operation"]): number =>
      found(apart, { operation, groups: [everybody(256)] }).delay;
    expect(delay("all-reduce")).toBeCloseTo(2e-3, 9);
    expect(delay("all-gather")).toBeCloseTo(1e-3, 9);
    expect(delay("all-to-all")).toBeCloseTo(0.5e-3, 9);
    expect(found(apart, { operation: "all-reduce", groups: [everybody(64)] }).delay).toBe(0);
  });

  it("samples large exchanges without bias: groups beyond the limit load links alike", () => {
    const large = cluster({ routing: spray, oversubscription: [4] }, 128);
    const factor = found(large, { operation: "all-to-all", groups: [everybody(1024)] }).factor;
    expect(factor).toBeCloseTo((4 * (1024 - 32)) / (1024 - 8), 1);
  });
});
