import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastingSpread, missedShare, popularityOf, reachGrowth } from "./popularity.ts";

const shares = fc.constantFrom(1 / 64, 8 / 256, 8 / 128, 2 / 8, 0.9);
const spreads = fc.double({ min: 0, max: 1.2, noNaN: true });

describe("popularity of experts", () => {
  it("lets one token reach what it chooses, and many all", () => {
    fc.assert(
      fc.property(shares, spreads, (share, spread) => {
        expect(1 - missedShare(share, 1, spread)).toBeCloseTo(share, 9);
        expect(missedShare(share, 100_000, spread)).toBeLessThan(1e-6);
      }),
    );
    expect(missedShare(1, 1, 0.66)).toBe(0);
  });

  it("reaches more with more tokens, and fewer the more experts differ", () => {
    fc.assert(
      fc.property(shares, fc.integer({ min: 2, max: 2000 }), spreads, spreads, (share, tokens, one, other) => {
        const [small, large] = one < other ? [one, other] : [other, one];
        expect(missedShare(share, tokens, large)).toBeGreaterThanOrEqual(missedShare(share, tokens, small) - 1e-12);
        expect(missedShare(share, tokens + 1, large)).toBeLessThanOrEqual(missedShare(share, tokens, large) + 1e-12);
        expect(reachGrowth(share, tokens, large)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is uniform routing where experts do not differ", () => {
    expect(missedShare(1 / 32, 40, 0)).toBeCloseTo((1 - 1 / 32) ** 40, 12);
    expect(lastingSpread(1 / 32, 0)).toBeCloseTo(0, 12);
  });

  it("is what counts of DeepSeek-V3 say", () => {
    const { experts } = popularityOf({ topK: 8 });
    const reached = (tokens: number): number =>
      (1 - missedShare(8 / 256, tokens, experts)) / (1 - (1 - 8 / 256) ** tokens);
    // From four layers' counts: what random choice of experts so popular reaches, over that of equal experts.
    const counted: readonly (readonly [tokens: number, least: number, most: number])[] = [
      [4, 0.96, 0.978],
      [16, 0.885, 0.919],
      [32, 0.858, 0.886],
      [64, 0.87, 0.882],
      [256, 0.978, 0.982],
    ];
    for (const [tokens, least, most] of counted) {
      expect(reached(tokens)).toBeGreaterThan(least - 0.015);
      expect(reached(tokens)).toBeLessThan(most + 0.015);
    }
    // SGLang's load balancer began with 0.70; the few most popular lie outside the middles of 32 parts.
    expect(lastingSpread(8 / 256, experts)).toBeGreaterThan(0.6);
    expect(lastingSpread(8 / 256, experts)).toBeLessThan(0.72);
    expect(popularityOf({ topK: 2 }).experts).toBe(0);
  });
});
