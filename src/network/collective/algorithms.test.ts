/** Algorithms that the library does not choose by itself, and what can be forced of those it does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fabrics, nodes } from "../../catalog/index.ts";
import { platformOf } from "../platform.ts";
import { requestProblems } from "./check.ts";
import type { CollectiveOperation, CollectiveRequest, GroupPlacement, Platform } from "./collective.ts";
import { algorithmsFor, collectiveSeconds, collectiveTime } from "./index.ts";

const [mebibyte, gibibyte] = [2 ** 20, 2 ** 30];

function platform(name: string, reduction: "none" | "sharp" = "none"): Platform {
  const node = nodes.get(name);
  const fabric = { ...fabrics.get(node.fabric ?? "none"), reduction };
  return platformOf({ node, nodes: 512, fabric, accelerators: 512 * node.acceleratorsPerNode });
}

const group = (size: number, perDomain: number): GroupPlacement => ({ size, perDomain, stride: 1 });
const h100 = platform("hgx-h100");
const a100 = platform("hgx-a100");

const wire = (on: Platform, where: GroupPlacement, algorithm: string, operation: CollectiveOperation = "all-reduce") =>
  collectiveTime(on, { operation, size: 2 ** 36, group: where, algorithm }).scaleOut;

describe("reduction in the switches of the network", () => {
  const where = group(64, 8);
  const request: CollectiveRequest = { operation: "all-reduce", size: gibibyte, group: where };
  it("is there only where the platform says so, and is then chosen for large messages", () => {
    expect(algorithmsFor(h100, request)).not.toContain("collnet");
    expect(() => collectiveTime(h100, { ...request, algorithm: "collnet" })).toThrow(/collnet/);
    const sharp = platform("hgx-h100", "sharp");
    expect(algorithmsFor(sharp, request)).toContain("collnet");
    expect(collectiveTime(sharp, request).algorithm).toBe("collnet");
    expect(collectiveSeconds(sharp, request)).toBeLessThan(collectiveSeconds(h100, request));
  });
  it("carries the data once: S/k over the ports, and the bus bandwidth is that of the domain's switch", () => {
    const sharp = platform("hgx-h100", "sharp");
    const size = 2 ** 36;
    expect(wire(sharp, where, "collnet") / (size / 8 / (50e9 * 0.967 * 0.85))).toBeCloseTo(1, 9);
    const { time } = collectiveTime(sharp, { ...request, size, algorithm: "collnet" });
    const busBandwidth = (size * 2 * (63 / 64)) / time;
    // NVIDIA's fabric reduction on H100 is quoted at about 480 GB/s, against 386 without.
    expect(busBandwidth).toBeGreaterThan(480e9);
    expect(busBandwidth).toBeLessThan(560e9);
  });
});

describe("recursive halving and doubling", () => {
  it("moves a ring's bytes in log2 steps, and is never chosen by itself", () => {
    for (const operation of ["all-reduce", "all-gather", "reduce-scatter"] as const) {
      const ringWire = wire(a100, group(256, 1), "ring", operation);
      // The ring loses 3 % for each doubling of the nodes beyond four.
      expect(ringWire / wire(a100, group(256, 1), "halving-doubling", operation) / 1.18).toBeCloseTo(1, 9);
      const latency = (n: number): number =>
        collectiveTime(h100, { operation, size: 1, group: group(n, 1), algorithm: "halving-doubling" }).latency;
      expect(latency(256) - latency(128)).toBeCloseTo(latency(16) - latency(8), 12);
      const small = { operation, size: 65536, group: group(256, 1) };
      expect(collectiveTime(h100, small).algorithm).not.toMatch(/halving/);
    }
  });
  it("refuses groups that are no power of two", () => {
    const request = { operation: "all-reduce", size: mebibyte, group: group(24, 8) } as const;
    expect(algorithmsFor(h100, request)).not.toContain("halving-doubling");
    expect(requestProblems(h100, { ...request, algorithm: "halving-doubling" })[0]?.message).toContain("cannot run");
  });
});

describe("trees", () => {
  it("gain twice the ring's rate on two nodes, 4/3 on three and nothing beyond, as far as bytes go", () => {
    const gain = (domains: number): number =>
      wire(a100, group(8 * domains, 8), "ring") / wire(a100, group(8 * domains, 8), "two-tree");
    const ringBytes = (domains: number): number => (2 * (8 * domains - 1)) / (8 * domains);
    expect(gain(2) / (ringBytes(2) / 2)).toBeCloseTo(2, 9);
    expect(gain(3) / (ringBytes(3) / 2)).toBeCloseTo(4 / 3, 9);
    expect(gain(4) / (ringBytes(4) / 2)).toBeCloseTo(1, 9);
    expect(collectiveTime(a100, { operation: "all-reduce", size: gibibyte, group: group(16, 8) }).algorithm).toBe(
      "ring/simple",
    );
  });
  it("send a broadcast or a reduction down or up once: half of an all-reduce", () => {
    for (const operation of ["broadcast", "reduce"] as const) {
      expect(wire(h100, group(64, 8), "tree", operation) / wire(h100, group(64, 8), "tree")).toBeCloseTo(0.5, 9);
      const request = { operation, size: mebibyte, group: group(64, 8) };
      expect(collectiveTime(h100, request).algorithm).toMatch(/^ring/);
      expect(collectiveTime(h100, { ...request, algorithm: "tree" }).latency).toBeLessThan(
        collectiveTime(h100, { ...request, algorithm: "ring/simple" }).latency,
      );
    }
  });
});

describe("reduce", () => {
  it("takes as long as a broadcast everywhere", () => {
    for (const name of ["hgx-a100", "hgx-h100", "mi300x-8", "gb200-nvl72", "tpu-v5p-pod", "l40s-box"]) {
      const on = platform(name);
      const inside = Math.min(8, on.scaleUp.domain);
      for (const where of [group(inside, inside), group(4 * inside, inside)]) {
        for (const size of [1024, mebibyte, gibibyte]) {
          const ask = (operation: CollectiveOperation): number =>
            collectiveSeconds(on, { operation, size, group: where });
          if (where.size > 1) expect(ask("reduce")).toBe(ask("broadcast"));
        }
      }
    }
  });
});

describe("channels and protocols", () => {
  const base: CollectiveRequest = { operation: "all-reduce", size: 8 * gibibyte, group: group(8, 8) };
  it("cap a ring at so many times the rate of one, until the links are full", () => {
    const bandwidth = (channels: number): number =>
      (base.size * 1.75) / collectiveTime(h100, { ...base, algorithm: "ring/simple", channels }).time;
    expect(bandwidth(1) / 30e9).toBeCloseTo(1, 2);
    expect(bandwidth(4) / bandwidth(1)).toBeCloseTo(4, 2);
    expect(bandwidth(64)).toBe(bandwidth(32));
  });
  it("never make a collective faster, for any algorithm that takes them", () => {
    const arbitrary = fc.record({
      channels: fc.integer({ min: 1, max: 40 }),
      exponent: fc.integer({ min: 8, max: 33 }),
      domains: fc.constantFrom(1, 2, 3, 16),
      name: fc.constantFrom("hgx-a100", "hgx-h100", "hgx-b200"),
    });
    fc.assert(
      fc.property(arbitrary, ({ channels, exponent, domains, name }) => {
        const on = platform(name);
        const request = { operation: "all-reduce" as const, size: 2 ** exponent, group: group(8 * domains, 8) };
        for (const algorithm of algorithmsFor(on, { ...request, channels })) {
          const time = (count?: number): number =>
            collectiveSeconds(on, { ...request, algorithm, ...(count === undefined ? {} : { channels: count }) });
          expect(time(channels)).toBeGreaterThanOrEqual(time() * (1 - 1e-12));
          expect(time(channels + 1)).toBeLessThanOrEqual(time(channels) * (1 + 1e-12));
        }
      }),
      { numRuns: 60 },
    );
  });
  it("are obeyed with and without an algorithm", () => {
    const small = { ...base, size: 65536 };
    expect(collectiveTime(h100, { ...small, protocol: "ll128" }).algorithm).toBe("ring/ll128");
    expect(collectiveTime(h100, { ...small, algorithm: "ring", protocol: "simple" }).algorithm).toBe("ring/simple");
    expect(collectiveTime(h100, { ...base, channels: 2 }).basis).toBe("extrapolated");
  });
  it("say what is wrong with them", () => {
    const wrong = (request: Partial<CollectiveRequest>): readonly string[] =>
      requestProblems(h100, { ...base, ...request }).map(({ path, message }) => `${path}: ${message}`);
    expect(wrong({})).toEqual([]);
    expect(wrong({ algorithm: "rng" })).toEqual(['algorithm: unknown algorithm "rng"']);
    expect(wrong({ algorithm: "nvls/ll" })[0]).toContain("does not run over ll");
    expect(wrong({ algorithm: "ring/ll", protocol: "simple" })[0]).toContain("protocol");
    expect(wrong({ channels: 0, size: Number.NaN })).toHaveLength(2);
    expect(wrong({ operation: "all-to-all", channels: 4 })[0]).toContain("not modelled");
    expect(wrong({ library: "custom", algorithm: "ring", channels: 2 })).toHaveLength(2);
    expect(wrong({ library: "custom", operation: "all-gather" })[0]).toContain("has no all-gather");
    expect(wrong({ library: "custom", group: group(16, 8) })[0]).toContain("do not leave");
    const mesh = requestProblems(platform("mi300x-8"), { ...base, library: "custom/vllm" });
    expect(mesh[0]?.hint).toContain("nccl");
  });
  it("whatever is asked: problems, or an answer", () => {
    const request = fc.record(
      {
        operation: fc.constantFrom("all-reduce", "all-gather", "all-to-all", "broadcast", "reduce", "send-receive"),
        size: fc.integer({ min: 0, max: 2 ** 31 }),
        group: fc.constantFrom(
          group(1, 1),
          group(2, 1),
          group(2, 2),
          group(6, 6),
          group(8, 8),
          group(24, 8),
          group(64, 8),
        ),
        algorithm: fc.constantFrom(
          "ring",
          "ring/ll",
          "tree/simple",
          "nvls",
          "pat/simple",
          "collnet",
          "two-tree",
          "pigeon",
        ),
        protocol: fc.constantFrom("ll", "ll128", "simple"),
        channels: fc.integer({ min: 1, max: 32 }),
        library: fc.constantFrom("nccl", "custom", "custom/vllm", "custom/tensorrt-llm"),
        launch: fc.constantFrom("back-to-back", "per-process"),
      },
      { requiredKeys: ["operation", "size", "group"] },
    ) as fc.Arbitrary<CollectiveRequest>;
    fc.assert(
      fc.property(request, fc.constantFrom("hgx-h100", "hgx-a100", "mi300x-8", "l40s-box"), (asked, name) => {
        const on = platform(name);
        if (requestProblems(on, asked).length > 0) return;
        const { time } = collectiveTime(on, asked);
        expect(Number.isFinite(time) && time >= 0).toBe(true);
        expect(collectiveSeconds(on, asked)).toBe(time);
      }),
      { numRuns: 500 },
    );
  });
});

describe("kernels of engines", () => {
  const request = (size: number, library: CollectiveRequest["library"], n = 8): CollectiveRequest => ({
    operation: "all-reduce",
    size,
    group: group(n, n),
    ...(library === undefined ? {} : { library }),
  });
  it("are several times as fast as the library for small messages, and no faster for large ones", () => {
    for (const size of [1024, 16384, 65536]) {
      const ratio = collectiveSeconds(h100, request(size, "nccl")) / collectiveSeconds(h100, request(size, "custom"));
      expect(ratio).toBeGreaterThan(2.5);
      expect(ratio).toBeLessThan(6);
    }
    const large = collectiveSeconds(h100, request(512 * mebibyte, "custom"));
    expect(large / collectiveSeconds(h100, request(512 * mebibyte, undefined))).toBeCloseTo(1, 1);
  });
  it("custom is the faster engine, and says how it knows", () => {
    for (const size of [16384, mebibyte, 8 * mebibyte]) {
      const engines = (["custom/vllm", "custom/tensorrt-llm"] as const).map((library) =>
        collectiveSeconds(h100, request(size, library)),
      );
      expect(collectiveSeconds(h100, request(size, "custom"))).toBe(Math.min(...engines));
    }
    expect(collectiveTime(h100, request(mebibyte, "custom")).basis).toBe("measured");
    expect(collectiveTime(h100, request(mebibyte, "custom", 6)).basis).toBe("interpolated");
  });
});

describe("launching", () => {
  const request: CollectiveRequest = { operation: "all-reduce", size: 65536, group: group(8, 8) };
  it("paces small calls that are started one by one, and leaves large ones alone", () => {
    const small = collectiveTime(h100, { ...request, launch: "per-process" });
    expect(small.time).toBeCloseTo(40e-6, 9);
    expect(small.launch).toBeCloseTo(40e-6 - collectiveSeconds(h100, request), 12);
    expect(small.latency - small.launch).toBeCloseTo(collectiveTime(h100, request).latency, 12);
    const large = { ...request, size: gibibyte };
    expect(collectiveSeconds(h100, { ...large, launch: "per-process" })).toBe(collectiveSeconds(h100, large));
    expect(collectiveSeconds(h100, { ...request, launch: "back-to-back" })).toBe(collectiveSeconds(h100, request));
  });
});

describe("reach", () => {
  it("names the largest size and group that were measured on such links", () => {
    const reach = (on: Platform, operation: CollectiveOperation) =>
      collectiveTime(on, { operation, size: mebibyte, group: group(64, 8) }).reach;
    expect(reach(h100, "all-reduce")).toEqual({ size: 512 * mebibyte, ranks: 8 });
    expect(reach(platform("mi300x-8"), "all-reduce")).toBeUndefined();
    expect(reach(h100, "broadcast")).toBeUndefined();
  });
  it("a rack of which a part is bought still resembles the rack", () => {
    const node = nodes.get("gb200-nvl72");
    const fabric = fabrics.get(node.fabric ?? "none");
    const request: CollectiveRequest = { operation: "all-gather", size: 65536, group: group(4, 4) };
    const seconds = (count: number): number =>
      collectiveSeconds(
        platformOf({ node, nodes: count, fabric, accelerators: count * node.acceleratorsPerNode }),
        request,
      );
    expect(seconds(1)).toBe(seconds(18));
  });
});
