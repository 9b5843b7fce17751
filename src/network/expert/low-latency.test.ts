/** Kernels for decoding against their tables at token counts never fitted, and the shape of their answers. */
import { describe, expect, it } from "vitest";
import { fabrics, nodes } from "../../catalog/index.ts";
import { platformOf } from "../platform.ts";
import { type ExpertExchange, exchangeProblems, expertExchangeTime } from "./exchange.ts";
import { wireBytesPerElement } from "./precision.ts";

const platform = (name: string, count = 32) => {
  const node = nodes.get(name);
  const fabric = fabrics.get(node.fabric ?? "none");
  return platformOf({ node, nodes: count, fabric, accelerators: count * node.acceleratorsPerNode });
};

const h100 = platform("hgx-h100");

const exchange = (change: Partial<ExpertExchange>): ExpertExchange => ({
  tokens: 128,
  topK: 8,
  experts: 256,
  hidden: 7168,
  bytesPerElement: wireBytesPerElement("fp8"),
  group: { size: 8, perDomain: 8, stride: 1 },
  dispatcher: "deepep-low-latency",
  ...change,
});

const microseconds = (change: Partial<ExpertExchange>, on = h100): number =>
  expertExchangeTime(on, exchange(change)).time * 1e6;

describe("low-latency kernels", () => {
  it("on 2 to 8 nodes of H100 meet 128 tokens, which were not fitted", () => {
    const measured: readonly (readonly [ranks: number, dispatch: number, combine: number])[] = [
      [16, 102.1, 186.17],
      [32, 142.97, 263.27],
      [64, 166.77, 304.73],
    ];
    for (const [size, dispatch, combine] of measured) {
      const group = { size, perDomain: 8, stride: 1 };
      expect(Math.abs(microseconds({ group }) / dispatch - 1)).toBeLessThan(0.06);
      const back = { group, direction: "combine", bytesPerElement: wireBytesPerElement("bf16") } as const;
      expect(Math.abs(microseconds(back) / combine - 1)).toBeLessThan(0.06);
    }
  });
  it("beat the normal ones for few tokens and lose to them for many", () => {
    const both = (tokens: number, size: number): number =>
      microseconds({ tokens, group: { size, perDomain: 8, stride: 1 } }) /
      microseconds({ tokens, dispatcher: "deepep", group: { size, perDomain: 8, stride: 1 } });
    for (const size of [8, 32]) {
      expect(both(8, size)).toBeLessThan(0.7);
      expect(both(4096, size)).toBeGreaterThan(1);
    }
  });
  it("grow with tokens, width, choices, nodes, and with experts to poll", () => {
    for (const change of [{ tokens: 256 }, { hidden: 14336 }, { topK: 16 }, { experts: 512 }]) {
      expect(microseconds(change)).toBeGreaterThan(microseconds({}));
    }
    const over = (size: number): number => microseconds({ group: { size, perDomain: 8, stride: 1 } });
    expect(over(16)).toBeGreaterThan(over(8));
    expect(over(64)).toBeGreaterThan(over(16));
  });
});

describe("the two-sided exchange", () => {
  const gb200 = platform("gb200-nvl72", 18);
  const over = (size: number): Partial<ExpertExchange> => ({
    dispatcher: "nvlink-two-sided",
    bytesPerElement: wireBytesPerElement("nvfp4"),
    group: { size, perDomain: size, stride: 1 },
  });
  it("is nearly flat in the ranks of a rack, as measured", () => {
    const [few, many] = [8, 64].map((size) => microseconds({ ...over(size), tokens: 8192 }, gb200));
    // 497 and 597 us.
    expect((many ?? 0) / (few ?? 1)).toBeGreaterThan(1.05);
    expect((many ?? 0) / (few ?? 1)).toBeLessThan(1.4);
  });
  it("stays inside an NVLink domain, and says so", () => {
    const across = exchange({ ...over(16), group: { size: 16, perDomain: 8, stride: 1 } });
    expect(exchangeProblems(h100, across)[0]?.path).toBe("dispatcher");
    expect(() => expertExchangeTime(h100, across)).toThrow(/nvlink-two-sided/);
    expect(exchangeProblems(gb200, exchange(over(64)))).toEqual([]);
  });
});

describe("problems of an exchange", () => {
  it("are all named at once", () => {
    const wrong = exchange({ tokens: -1, topK: 300, experts: 4 });
    expect(exchangeProblems(h100, wrong).map(({ path }) => path)).toEqual(["tokens", "topK", "experts"]);
    expect(exchangeProblems(h100, exchange({}))).toEqual([]);
  });
  const of = (change: Partial<ExpertExchange>): readonly string[] =>
    exchangeProblems(h100, exchange(change)).map(({ path, message }) => `${path}: ${message}`);
  it("refuse limits where kernels have none: they would change nothing", () => {
    for (const dispatcher of ["deepep-low-latency", "nvlink-two-sided", "all-to-all", "all-gather"] as const) {
      expect(of({ dispatcher, nodeLimit: 1, multiprocessors: 8 })).toEqual([
        `nodeLimit: has no effect with ${dispatcher}`,
        `multiprocessors: has no effect with ${dispatcher}`,
      ]);
      expect(microseconds({ dispatcher, multiprocessors: 8 })).toBe(microseconds({ dispatcher }));
    }
  });
  it("refuse more multiprocessors than the accelerator has, and take a limit of domains on any group", () => {
    const group = { size: 32, perDomain: 8, stride: 1 };
    for (const dispatcher of ["deepep", "hybridep"] as const) {
      expect(of({ dispatcher, group, nodeLimit: 5, multiprocessors: 1000 })).toEqual([
        "multiprocessors: 1000 of an accelerator with 132 multiprocessors",
      ]);
      expect(of({ dispatcher, group, nodeLimit: 4, multiprocessors: 132 })).toEqual([]);
    }
  });
});
