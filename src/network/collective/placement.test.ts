/** Groups on arbitrary accelerators: their shape, and closed forms against flows over the same links. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fabrics, nodes } from "../../catalog/index.ts";
import { fairRates } from "../../simulation/index.ts";
import { collectiveFlow, type FlowAlgorithm } from "../flow/index.ts";
import { platformOf, slowestPlatform } from "../platform.ts";
import { Routes } from "../routing/index.ts";
import { fabricKind, type NodeShape, type Topology } from "../topology/index.ts";
import { tuningOf } from "../tuning.ts";
import type { CollectiveOperation, GroupPlacement, Platform } from "./collective.ts";
import { collectiveSeconds, collectiveTime } from "./index.ts";
import { type Places, placementOf } from "./placement.ts";

const eight: Places = {
  domainOf: (rank) => Math.floor(rank / 8),
  nodeOf: (rank) => Math.floor(rank / 8),
  railOf: (rank) => rank % 8,
};

describe("placement", () => {
  it("of regular groups is what layouts say", () => {
    const ranks = Array.from({ length: 64 }, (_, rank) => rank);
    expect(placementOf(ranks, eight)).toEqual({ size: 64, perDomain: 8, stride: 1 });
    const strided = Array.from({ length: 16 }, (_, rank) => 8 * rank + 3);
    expect(placementOf(strided, eight)).toEqual({ size: 16, perDomain: 1, stride: 8 });
  });
  it("of fragments keeps the fullest and the emptiest domain", () => {
    const ranks = [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 16, 17];
    expect(placementOf(ranks, eight)).toMatchObject({ size: 12, perDomain: 6, perDomainMin: 2, domains: 3 });
  });
  it("counts hops to other rails, and none where a domain holds the hop", () => {
    expect(placementOf([0, 9, 18, 27], eight).crossing).toBe(1);
    expect(placementOf([0, 8, 17, 25], eight).crossing).toBe(0.5);
    expect(placementOf([0, 1, 2, 3], eight).crossing).toBeUndefined();
    const pairs = { ...eight, domainOf: (rank: number) => rank >> 1 };
    expect(placementOf([0, 1, 2, 3], pairs).crossing).toBeUndefined();
  });
  it("refuses groups that are none", () => {
    expect(() => placementOf([], eight)).toThrow(RangeError);
    expect(() => placementOf([3, 4, 3], eight)).toThrow(RangeError);
  });
  it("holds every rank once, whatever the order of the ranks", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 511 }), { minLength: 1, maxLength: 96 }), (ranks) => {
        const {
          size,
          perDomain,
          perDomainMin = perDomain,
          domains = size / perDomain,
          stride,
        } = placementOf(ranks, eight);
        expect(size).toBe(ranks.length);
        expect(domains * perDomainMin).toBeLessThanOrEqual(size);
        expect(domains * perDomain).toBeGreaterThanOrEqual(size);
        expect(stride).toBeGreaterThanOrEqual(1);
        const again = placementOf([...ranks].reverse(), eight);
        const shape = (group: GroupPlacement) => [group.perDomain, group.perDomainMin, group.domains, group.stride];
        expect(shape(again)).toEqual(shape(placementOf(ranks, eight)));
      }),
    );
  });
});

const gibibyte = 2 ** 30;
const hgx: NodeShape = {
  acceleratorsPerNode: 8,
  portsPerNode: 8,
  portBandwidth: 50e9,
  scaleUp: { domain: 8, topology: "switch", bandwidth: 400e9, latency: 0 },
  hostLatency: 0,
};

function build(name: string, node: NodeShape = hgx): Topology {
  const kind = fabricKind(name);
  if (kind === undefined) throw new Error(name);
  return kind.build({ node, nodes: 8, tiers: 2, oversubscription: [1], radix: 64, hopLatency: 0 });
}

/** Seconds of 1 GiB alone on the links, and on the network's alone: what no latency and no protocol is part of. */
function flowSeconds(topology: Topology, ranks: readonly number[], how: [CollectiveOperation, FlowAlgorithm]): number {
  const routes = new Routes(topology, { policy: "spray", forwarding: "own", seed: 1 });
  const [operation, algorithm] = how;
  if (operation === "send-receive" || operation === "reduce") throw new Error(operation);
  const flow = collectiveFlow(routes, { operation, algorithm, ranks });
  if (flow === undefined) throw new Error("no way");
  const offsets = Int32Array.of(0, flow.resources.length);
  const use = flow.use ?? new Float64Array(flow.resources.length).fill(1);
  const [rate = 0] = fairRates({ capacity: topology.capacity, offsets, paths: flow.resources, use });
  return gibibyte / rate;
}

/** The same machine in closed form, its links reaching all that is specified. */
function ideal(): Platform {
  const node = { ...nodes.get("hgx-h100"), scaleUp: { ...nodes.get("hgx-h100").scaleUp, bandwidth: 400e9 } };
  const platform = platformOf({ node, nodes: 8, fabric: fabrics.get("infiniband-ndr"), accelerators: 64 });
  const tuning = tuningOf(platform);
  const transport = { ...tuning.transport, goodput: 1 };
  return { ...platform, tuning: { ...tuning, ring: 400e9, exchange: 400e9, transport, boundaries: [] } };
}

/** Transfers without latency: the larger of the two, which a pipeline overlaps. */
function closedSeconds(group: GroupPlacement, operation: CollectiveOperation, algorithm: string): number {
  const { scaleUp, scaleOut } = collectiveTime(ideal(), { operation, size: gibibyte, group, algorithm });
  return Math.max(scaleUp, scaleOut);
}

describe("closed forms on fragments", () => {
  const fragments: readonly (readonly number[])[] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 16, 17],
    [0, 8, 9, 10, 11, 12, 13, 14, 15],
    [0, 1, 8, 9, 16, 17, 24, 25],
  ];
  it("rings pass the emptiest domain: equal to flows", () => {
    for (const ranks of fragments) {
      const group = placementOf(ranks, eight);
      const flow = flowSeconds(build("fat-tree"), ranks, ["all-reduce", "ring"]);
      // Its loss beyond four nodes does not apply here.
      expect(closedSeconds(group, "all-reduce", "ring/simple") / flow).toBeCloseTo(1, 6);
    }
  });
  it("all-to-all is paced by the rank that sends most: equal to flows", () => {
    for (const ranks of fragments) {
      const group = placementOf(ranks, eight);
      const flow = flowSeconds(build("fat-tree"), ranks, ["all-to-all", "direct"]);
      const { scaleOut } = collectiveTime(ideal(), {
        operation: "all-to-all",
        size: gibibyte,
        group,
        algorithm: "direct",
      });
      // What the closed form adds for all talking to all: 3 % from four domains on.
      const congestion = (group.domains ?? group.size / group.perDomain) >= 4 ? 1.03 : 1;
      expect(scaleOut / flow / congestion).toBeCloseTo(1, 6);
    }
  });
  it("are never faster than the even group of as many ranks", () => {
    const on = platformOf({
      node: nodes.get("hgx-h100"),
      nodes: 64,
      fabric: fabrics.get("infiniband-ndr"),
      accelerators: 512,
    });
    for (const operation of ["all-reduce", "all-gather"] as const) {
      const time = (group: GroupPlacement): number =>
        collectiveSeconds(on, { operation, size: gibibyte, group, algorithm: "ring" });
      const even = time({ size: 32, perDomain: 8, stride: 1 });
      const uneven = time({ size: 32, perDomain: 8, perDomainMin: 2, domains: 6, stride: 1 });
      expect(uneven / even).toBeGreaterThan(3);
    }
  });
});

describe("other rails and unlike machines", () => {
  it("a group across rails crosses the tiers above, where they are thin", () => {
    const fabric = { ...fabrics.get("infiniband-ndr"), oversubscription: [4], tiers: 2 };
    const on = platformOf({ node: nodes.get("hgx-h100"), nodes: 16, fabric, accelerators: 128 });
    const time = (ranks: readonly number[]): number =>
      collectiveSeconds(on, { operation: "all-gather", size: gibibyte, group: placementOf(ranks, eight) });
    const aligned = time([0, 8, 16, 24]);
    expect(time([0, 9, 18, 27]) / aligned).toBeGreaterThan(3);
    const joined = { ...on, scaleOut: { ...on.scaleOut, rails: "joined" as const } };
    const group = placementOf([0, 9, 18, 27], eight);
    expect(collectiveSeconds(joined, { operation: "all-gather", size: gibibyte, group })).toBeCloseTo(aligned, 9);
  });
  it("the slowest port sets the pace of all", () => {
    const of = (name: string): Platform => {
      const node = nodes.get(name);
      const fabric = fabrics.get(node.fabric ?? "none");
      return platformOf({ node, nodes: 8, fabric, accelerators: 8 * node.acceleratorsPerNode });
    };
    const [fast, slow] = [of("hgx-h100"), of("a100-4x200")];
    const request = { operation: "all-reduce", size: gibibyte, group: { size: 32, perDomain: 8, stride: 1 } } as const;
    const mixed = collectiveSeconds(slowestPlatform([fast, slow]), request);
    expect(mixed).toBeCloseTo(collectiveSeconds(slowestPlatform([slow, fast]), request), 12);
    expect(mixed).toBeGreaterThanOrEqual(collectiveSeconds(slow, request) * (1 - 1e-9));
    expect(slowestPlatform([fast]).scaleOut).toEqual(fast.scaleOut);
    expect(() => slowestPlatform([])).toThrow(RangeError);
  });
});
