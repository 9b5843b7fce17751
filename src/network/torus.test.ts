import { describe, expect, it } from "vitest";
import { clusterOf, nodes } from "../catalog/index.ts";
import { type CollectiveOperation, collectiveSeconds, type Platform, platformOf } from "./index.ts";
import { torusOf, torusParts } from "./torus.ts";

/** A slice of so many chips. */
function slice(name: string, chips: number): Platform {
  const node = nodes.get(name);
  const sized = { ...node, scaleUp: { ...node.scaleUp, domain: chips } };
  return platformOf(clusterOf({ node: sized, nodes: chips / node.acceleratorsPerNode }));
}

/** Bus bandwidth at a size where latency does not matter, over that of one link in practice. */
function links(on: Platform, operation: CollectiveOperation, size: number, perDomain = size): number {
  const bytes = 2 ** 40;
  const time = collectiveSeconds(on, { operation, size: bytes, group: { size, perDomain, stride: 1 } });
  const factor = operation === "all-reduce" ? 2 : 1;
  const link = on.tuning?.pair ?? Number.NaN;
  return (factor * bytes * (size - 1)) / size / time / link;
}

describe("slices", () => {
  it("have the published shapes", () => {
    const shape = (chips: number): string => torusOf(chips, 3, "tpu-v5p").sides.join("x");
    expect([32, 64, 128, 256, 512, 1024, 2048, 4096, 6144].map(shape)).toEqual([
      "2x4x4",
      "4x4x4",
      "4x4x8",
      "4x8x8",
      "8x8x8",
      "8x8x16",
      "8x16x16",
      "16x16x16",
      "16x16x24",
    ]);
    expect(torusOf(256, 2, "tpu-v5e").sides).toEqual([16, 16]);
  });

  it("are filled by whole sides where they can be", () => {
    const lengths = (ranks: number, chips: number): string =>
      torusParts(ranks, torusOf(chips, 3, "tpu-v5p"))
        .map(({ length, ring }) => `${length}${ring === "open" ? "-" : ""}`)
        .join("x");
    expect(lengths(64, 256)).toBe("8x8");
    expect(lengths(32, 256)).toBe("4x8");
    expect(lengths(2, 64)).toBe("2-");
    expect(lengths(8, 64)).toBe("4x2-");
    expect(lengths(64, 64)).toBe("4x4x4");
  });
});

describe("collectives on a torus equal their closed forms", () => {
  it("all links at once where the group is the slice: S (n-1)/n over 2 w a dimension", () => {
    for (const operation of ["all-gather", "reduce-scatter", "all-reduce"] as const) {
      expect(links(slice("tpu-v5p-pod", 64), operation, 64)).toBeCloseTo(6, 2);
      expect(links(slice("tpu-v5p-pod", 2048), operation, 2048)).toBeCloseTo(6, 2);
      expect(links(slice("tpu-v5e-pod", 256), operation, 256)).toBeCloseTo(4, 2);
      expect(links(slice("trn2", 16), operation, 16)).toBeCloseTo(4, 2);
    }
  });

  it("one dimension where it is a side, and half of that where no link wraps around", () => {
    expect(links(slice("tpu-v5p-pod", 64), "all-gather", 4)).toBeCloseTo(2, 2);
    expect(links(slice("tpu-v5p-pod", 512), "all-gather", 4)).toBeCloseTo(1, 2);
    expect(links(slice("tpu-v5e-pod", 64), "all-gather", 64)).toBeCloseTo(2, 2);
    expect(links(slice("tpu-v6e-pod", 256), "all-gather", 16)).toBeCloseTo(2, 2);
    expect(links(slice("tpu-v5p-pod", 64), "all-gather", 2)).toBeCloseTo(1, 2);
  });

  it("S k / (8 w) when all talk to all, k the longest side", () => {
    const time = (on: Platform, n: number): number =>
      collectiveSeconds(on, { operation: "all-to-all", size: 2 ** 40, group: { size: n, perDomain: n, stride: 1 } });
    const expected = (on: Platform, side: number): number => (2 ** 40 * side) / 8 / (on.tuning?.pair ?? 0);
    for (const [name, chips, side] of [
      ["tpu-v5p-pod", 64, 4],
      ["tpu-v5p-pod", 512, 8],
      ["tpu-v5e-pod", 256, 16],
    ] as const) {
      const on = slice(name, chips);
      expect(time(on, chips) / expected(on, side)).toBeCloseTo(1, 3);
    }
  });

  it("with latencies that grow with the sides, not with the chips", () => {
    const small = (chips: number): number =>
      collectiveSeconds(slice("tpu-v5p-pod", chips), {
        operation: "all-gather",
        size: 1024,
        group: { size: chips, perDomain: chips, stride: 1 },
      });
    expect(small(4096) / small(64)).toBeLessThan(4);
  });

  it("no slower in a larger group's share of a faster slice: more links never hurt", () => {
    const on = slice("tpu-v5p-pod", 512);
    let before = 0;
    for (const ranks of [2, 8, 64, 512]) {
      const rate = links(on, "all-gather", ranks);
      expect(rate).toBeGreaterThanOrEqual(before - 0.01);
      before = rate;
    }
  });
});
