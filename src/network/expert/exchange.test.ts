import { describe, expect, it } from "vitest";
import { fabrics, nodes } from "../../catalog/index.ts";
import type { Platform } from "../collective/collective.ts";
import { platformOf } from "../platform.ts";
import { type ExpertExchange, expertExchangeSeconds, expertExchangeTime, reachedParts } from "./exchange.ts";

function platform(name: string): Platform {
  const node = nodes.get(name);
  const fabric = fabrics.get(node.fabric ?? "none");
  return platformOf({ node, nodes: 64, fabric, accelerators: 64 * node.acceleratorsPerNode });
}

const deepseek = (ranks: number, perDomain: number, dispatcher: ExpertExchange["dispatcher"]): ExpertExchange => ({
  tokens: 4096,
  topK: 8,
  experts: 256,
  hidden: 7168,
  bytesPerElement: 2,
  group: { size: ranks, perDomain, stride: 1 },
  dispatcher,
});

describe("reached parts", () => {
  it("counts distinct ranks of a token's experts", () => {
    expect(reachedParts({ experts: 8, topK: 2 }, 8)).toBe(2);
    expect(reachedParts({ experts: 256, topK: 8 }, 1)).toBeCloseTo(1, 12);
    expect(reachedParts({ experts: 256, topK: 1 }, 8)).toBeCloseTo(1, 12);
    expect(reachedParts({ experts: 4, topK: 2 }, 2)).toBeCloseTo(2 * (1 - (2 / 4) * (1 / 3)), 12);
  });
});

describe("expert exchange", () => {
  const h100 = platform("hgx-h100");
  it("sends fewer bytes over the network with one copy a node than with one an expert", () => {
    for (const ranks of [16, 32, 64]) {
      const once = expertExchangeTime(h100, deepseek(ranks, 8, "deepep"));
      const plain = expertExchangeTime(h100, deepseek(ranks, 8, "all-to-all"));
      expect(once.scaleOut).toBeLessThan(plain.scaleOut);
      expect(once.time).toBeLessThan(plain.time);
    }
  });
  it("stays on NVLink inside one domain, be it a rack", () => {
    const rack = platform("gb200-nvl72");
    for (const dispatcher of ["deepep", "hybridep", "all-to-all", "all-gather"] as const) {
      expect(expertExchangeTime(rack, deepseek(64, 64, dispatcher)).scaleOut).toBe(0);
    }
    expect(expertExchangeSeconds(rack, deepseek(64, 64, "hybridep"))).toBeLessThan(
      expertExchangeSeconds(platform("hgx-b200"), deepseek(64, 8, "hybridep")) / 2,
    );
  });
  it("gains from limited routing, multiprocessors and balance", () => {
    const far = deepseek(64, 8, "deepep");
    expect(expertExchangeSeconds(h100, { ...far, nodeLimit: 4 })).toBeLessThan(expertExchangeSeconds(h100, far));
    const near = deepseek(8, 8, "deepep");
    expect(expertExchangeSeconds(h100, { ...near, multiprocessors: 8 })).toBeGreaterThan(
      1.5 * expertExchangeSeconds(h100, near),
    );
    for (const dispatcher of ["deepep", "hybridep", "all-to-all"] as const) {
      const base = deepseek(32, 8, dispatcher);
      expect(expertExchangeSeconds(h100, { ...base, imbalance: 1.5 })).toBeGreaterThan(
        expertExchangeSeconds(h100, base),
      );
    }
  });
  it("is monotone in tokens and takes no time for nothing", () => {
    for (const dispatcher of ["deepep", "hybridep", "all-to-all", "all-gather"] as const) {
      for (const direction of ["dispatch", "combine"] as const) {
        let before = 0;
        for (let tokens = 1; tokens <= 65536; tokens *= 2) {
          const seconds = expertExchangeSeconds(h100, { ...deepseek(32, 8, dispatcher), tokens, direction });
          expect(seconds).toBeGreaterThanOrEqual(before);
          before = seconds;
        }
      }
      expect(expertExchangeSeconds(h100, deepseek(1, 1, dispatcher))).toBe(0);
      expect(expertExchangeSeconds(h100, { ...deepseek(8, 8, dispatcher), tokens: 0 })).toBe(0);
    }
  });
});
