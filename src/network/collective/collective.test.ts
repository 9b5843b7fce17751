import { describe, expect, it } from "vitest";
import { fabrics, nodes } from "../../catalog/index.ts";
import { platformOf } from "../platform.ts";
import type { CollectiveOperation, GroupPlacement, Platform } from "./collective.ts";
import { algorithms, algorithmsFor, collectiveSeconds, collectiveTime } from "./index.ts";

const operations: readonly CollectiveOperation[] = [
  "all-reduce",
  "all-gather",
  "reduce-scatter",
  "all-to-all",
  "broadcast",
  "send-receive",
];

function platform(name: string, fabricName?: string): Platform {
  const node = nodes.get(name);
  const fabric = fabrics.get(fabricName ?? node.fabric ?? "none");
  return platformOf({ node, nodes: 512, fabric, accelerators: 512 * node.acceleratorsPerNode });
}

const group = (size: number, perDomain: number, sharing?: number): GroupPlacement => ({
  size,
  perDomain,
  stride: 1,
  ...(sharing === undefined ? {} : { sharing }),
});

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

function busBandwidth(on: Platform, size: number, where: GroupPlacement, algorithm?: string): number {
  const n = where.size;
  const request = { operation: "all-reduce" as const, size, group: where };
  const { time } = collectiveTime(on, algorithm === undefined ? request : { ...request, algorithm });
  return (size * 2 * (n - 1)) / n / time;
}

describe("every platform of the catalog", () => {
  for (const node of nodes.entries) {
    const on = platform(node.name);
    const inside = Math.min(on.scaleUp.domain, 8);
    const groups = [
      group(2, 1),
      group(16, 1),
      ...(inside > 1 ? [group(inside, inside), group(inside * 4, inside)] : []),
    ];
    it(`${node.name} answers all operations, monotone in size and without jumps above two`, () => {
      for (const operation of operations) {
        for (const where of operation === "send-receive" ? [group(2, 1), group(2, Math.min(2, inside))] : groups) {
          if (where.size > where.perDomain && on.scaleOut.nodeBandwidth === 0) continue;
          let before = 0;
          for (let size = 256; size <= 16 * gibibyte; size *= Math.SQRT2) {
            const seconds = collectiveSeconds(on, { operation, size: Math.round(size), group: where });
            expect(Number.isFinite(seconds) && seconds > 0).toBe(true);
            expect(seconds).toBeGreaterThanOrEqual(before * (1 - 1e-9));
            if (before > 0) expect(seconds / before).toBeLessThan(2);
            before = seconds;
          }
        }
      }
    });
  }
});

describe("the two answers", () => {
  it("agree, and the parts explain the whole", () => {
    const on = platform("hgx-h100");
    for (const operation of operations) {
      for (const where of [group(8, 8), group(64, 8), group(6, 6), group(32, 1, 8)]) {
        for (const size of [1, 65536, 30 * mebibyte, gibibyte]) {
          const request = { operation, size, group: where };
          const answer = collectiveTime(on, request);
          expect(collectiveSeconds(on, request)).toBe(answer.time);
          expect(answer.time).toBeGreaterThanOrEqual(
            answer.latency + Math.max(answer.scaleUp, answer.scaleOut) - 1e-12,
          );
          expect(answer.time).toBeLessThanOrEqual(answer.latency + answer.scaleUp + answer.scaleOut + 1e-12);
        }
      }
    }
  });
  it("take no time for a group of one", () => {
    expect(
      collectiveSeconds(platform("hgx-h100"), { operation: "all-reduce", size: gibibyte, group: group(1, 1) }),
    ).toBe(0);
  });
  it("say where they come from", () => {
    const on = platform("hgx-h100");
    const basis = (where: GroupPlacement, size: number): string =>
      collectiveTime(on, { operation: "all-reduce", size, group: where }).basis;
    expect(basis(group(8, 8), mebibyte)).toBe("measured");
    expect(basis(group(6, 6), mebibyte)).toBe("interpolated");
    expect(basis(group(64, 8), mebibyte)).toBe("extrapolated");
    expect(basis(group(8, 8), 512 * mebibyte)).toBe("measured");
    expect(basis(group(8, 8), gibibyte)).toBe("extrapolated");
    expect(
      collectiveTime(platform("hgx-h800"), { operation: "all-reduce", size: mebibyte, group: group(8, 8) }).basis,
    ).toBe("extrapolated");
  });
  it("do not depend on a platform that was prepared", () => {
    const { tuning: _, ...bare } = platform("hgx-b200");
    const request = { operation: "all-gather" as const, size: 3e8, group: group(64, 8) };
    expect(collectiveSeconds(bare, request)).toBe(collectiveSeconds(platform("hgx-b200"), request));
  });
});

describe("scaling", () => {
  it("is never slower with more bandwidth, fewer ranks per NIC or less latency", () => {
    const on = platform("hgx-h100");
    const faster: Platform = { ...on, scaleOut: { ...on.scaleOut, bandwidth: 100e9, port: 100e9 } };
    const slower: Platform = { ...on, scaleOut: { ...on.scaleOut, hopLatency: 10e-6 } };
    const { tuning: _, ...bare } = slower;
    for (const operation of operations) {
      for (const size of [4096, mebibyte, gibibyte]) {
        const request = { operation, size, group: operation === "send-receive" ? group(2, 1) : group(64, 8) };
        expect(collectiveSeconds(faster, request)).toBeLessThanOrEqual(collectiveSeconds(on, request));
        expect(collectiveSeconds(bare, request)).toBeGreaterThanOrEqual(collectiveSeconds(on, request));
      }
    }
  });
  it("shares the NICs of a node among its groups", () => {
    const on = platform("a100-4x200");
    const time = (sharing: number): number =>
      collectiveSeconds(on, { operation: "reduce-scatter", size: gibibyte, group: group(16, 1, sharing) });
    // One rank alone has a 200 Gbit/s port; eight of them share four, that is half each.
    expect(time(8) / time(1)).toBeGreaterThan(1.8);
    expect(time(8) / time(1)).toBeLessThan(2.2);
    expect(time(4)).toBeCloseTo(time(1), 9);
  });
  it("lets the bus bandwidth of a ring tend to that of its slower link", () => {
    const on = platform("hgx-a100");
    const limit = 8 * 25e9 * 0.967;
    const reached = busBandwidth(on, 2 ** 36, group(16, 8), "ring");
    expect(reached).toBeLessThan(limit);
    expect(reached).toBeGreaterThan(0.98 * limit);
    expect(busBandwidth(on, mebibyte, group(16, 8), "ring")).toBeLessThan(0.2 * limit);
  });
  it("follows busbw = 2(n-1)/(n+1) B with in-switch reduction", () => {
    const on = platform("hgx-h200");
    for (const n of [4, 5, 6, 7, 8]) {
      const law = ((2 * (n - 1)) / (n + 1)) * 308e9;
      expect(busBandwidth(on, 2 ** 36, group(n, n), "nvls") / law).toBeCloseTo(1, 3);
    }
  });
  it("makes an all-reduce cost no more than reduce-scatter and all-gather, and no less than either", () => {
    for (const name of ["hgx-a100", "hgx-h100", "hgx-b200"]) {
      const on = platform(name);
      for (const where of [group(16, 8), group(128, 8), group(16, 1, 8)]) {
        for (const size of [mebibyte, 64 * mebibyte, gibibyte]) {
          const time = (operation: CollectiveOperation, algorithm?: string): number =>
            collectiveSeconds(on, {
              operation,
              size,
              group: where,
              ...(algorithm === undefined ? {} : { algorithm }),
            });
          const halves = time("reduce-scatter", "ring") + time("all-gather", "ring");
          expect(time("all-reduce", "ring")).toBeLessThanOrEqual(halves);
          expect(time("all-reduce")).toBeLessThanOrEqual(halves);
          // Only trees in the switch carry less than the two halves; never less than the NICs allow.
          expect(time("all-reduce")).toBeGreaterThan(0.4 * time("all-gather"));
        }
      }
    }
  });
  it("reproduces the fall of reduce-scatter on H100 over 4 to 128 nodes within 6 %", () => {
    const on = platform("hgx-h100");
    const reported: readonly (readonly [number, number])[] = [
      [4, 360],
      [8, 345],
      [16, 320],
      [32, 300],
      [64, 280],
      [128, 260],
    ];
    for (const [count, rate] of reported) {
      const n = count * 8;
      const size = 8 * gibibyte;
      const time = collectiveSeconds(on, { operation: "reduce-scatter", size, group: group(n, 8) });
      expect(Math.abs((size * (n - 1)) / n / time / (rate * 1e9) - 1)).toBeLessThan(0.06);
    }
  });
});

describe("choice", () => {
  const chosen = (
    on: Platform,
    size: number,
    where: GroupPlacement,
    operation: CollectiveOperation = "all-reduce",
  ): string => collectiveTime(on, { operation, size, group: where }).algorithm;
  it("takes in-switch reduction on H200 only beyond four GPUs, and from about 2 MiB", () => {
    const on = platform("hgx-h200");
    expect(chosen(on, gibibyte, group(4, 4))).toBe("ring/simple");
    for (const n of [5, 6, 7, 8]) expect(chosen(on, gibibyte, group(n, n))).toBe("nvls");
    expect(chosen(on, 512 * 1024, group(8, 8))).toBe("ring/ll");
    expect(chosen(on, 4 * mebibyte, group(8, 8))).toBe("nvls");
    expect(chosen(platform("hgx-a100"), gibibyte, group(8, 8))).toBe("ring/simple");
  });
  it("takes trees for small all-reduces over many nodes and in-switch trees for large ones", () => {
    const on = platform("hgx-h100");
    expect(chosen(on, 65536, group(512, 8))).toMatch(/^tree\//);
    expect(chosen(on, gibibyte, group(512, 8))).toBe("nvls-tree");
    expect(chosen(platform("aws-p5en"), 4 * gibibyte, group(32, 8))).toBe("ring/simple");
    expect(chosen(platform("hgx-a100"), gibibyte, group(16, 8))).toBe("ring/simple");
  });
  it("gathers small scatters of one rank a node in parallel trees, and messages on rails", () => {
    const on = platform("hgx-h100");
    expect(chosen(on, mebibyte, group(512, 1, 8), "reduce-scatter")).toBe("pat");
    expect(chosen(on, mebibyte, group(128, 8), "all-to-all")).toBe("rail");
    expect(chosen(platform("mi300x-8"), gibibyte, group(8, 8))).toBe("mesh/simple");
  });
  it("leaves the measured curves where the switch does not reduce: slower when large, much the same when small", () => {
    const node = nodes.get("hgx-h100");
    const fabric = fabrics.get("infiniband-ndr");
    const without = { ...node, scaleUp: { ...node.scaleUp, reduction: "none" as const } };
    const on = platform("hgx-h100");
    const off = platformOf({ node: without, nodes: 1, fabric, accelerators: 8 });
    const seconds = (where: Platform, size: number, n: number): number =>
      collectiveSeconds(where, { operation: "all-reduce", size, group: group(n, n) });
    expect(seconds(off, gibibyte, 8) / seconds(on, gibibyte, 8)).toBeGreaterThan(1.2);
    for (const size of [1024, 65536, mebibyte, 16 * mebibyte]) {
      expect(Math.abs(seconds(off, size, 8) / seconds(on, size, 8) - 1)).toBeLessThan(0.25);
    }
    expect(seconds(off, gibibyte, 4)).toBe(seconds(on, gibibyte, 4));
    const gather = { operation: "all-gather" as const, size: gibibyte, group: group(8, 8) };
    expect(collectiveSeconds(off, gather)).toBe(collectiveSeconds(on, gather));
  });
  it("obeys a forced name and refuses one that cannot run", () => {
    const on = platform("hgx-h200");
    const request = { operation: "all-reduce" as const, size: 8 * gibibyte, group: group(8, 8) };
    expect(collectiveTime(on, { ...request, algorithm: "ring" }).time).toBeGreaterThan(
      collectiveTime(on, request).time,
    );
    expect(collectiveTime(on, { ...request, algorithm: "ring/ll128" }).algorithm).toBe("ring/ll128");
    expect(() => collectiveTime(on, { ...request, algorithm: "pigeon" })).toThrow(/pigeon/);
    expect(() => collectiveTime(platform("hgx-a100"), { ...request, algorithm: "nvls" })).toThrow(/nvls/);
    expect(algorithmsFor(platform("hgx-a100"), request)).not.toContain("nvls");
    expect(algorithmsFor(on, request)).toContain("nvls");
  });
  it("names every algorithm once, each with operations and protocols", () => {
    expect(new Set(algorithms.map((algorithm) => algorithm.name)).size).toBe(algorithms.length);
    for (const algorithm of algorithms) {
      expect(algorithm.operations.length * algorithm.protocols.length).toBeGreaterThan(0);
      expect(algorithm.summary.length).toBeGreaterThan(10);
    }
  });
});

describe("oversubscription", () => {
  const llama = platform("grand-teton-h100", "llama3-roce");
  it("leaves rings inside a pod alone and slows those whose every hop leaves it", () => {
    const time = (size: number, stride: number): number =>
      collectiveSeconds(llama, {
        operation: "reduce-scatter",
        size: gibibyte,
        group: { size, perDomain: 1, stride, sharing: 8 },
      });
    // Stride of 16 nodes: one hop in 24 crosses a boundary of 1:7, which has room for it.
    const smooth = time(128, 128);
    expect(time(128, 8)).toBeCloseTo(smooth, 9);
    // Stride of one pod: every hop crosses.
    expect(time(8, 3072) / time(8, 8)).toBeGreaterThan(5);
  });
  it("makes an all-to-all over pods pay in full", () => {
    const time = (size: number): number =>
      collectiveTime(llama, { operation: "all-to-all", size: gibibyte, group: group(size, 8) }).scaleOut;
    expect(time(6144) / time(3072)).toBeGreaterThan(3);
  });
});
