import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { worstRank } from "./worst-rank.ts";

const load = { tokens: 64, topK: 8, experts: 256, ranks: 8, lasting: 1 };

/** Mean over draws of the most rows and the most distinct experts that one rank has. */
function drawn({ tokens, topK, experts, ranks }: typeof load): { rows: number; reached: number } {
  let seed = 12_345;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const [draws, sum] = [400, { rows: 0, reached: 0 }];
  for (let draw = 0; draw < draws; draw++) {
    const rows = new Array<number>(ranks).fill(0);
    const read = Array.from({ length: ranks }, () => new Set<number>());
    for (let token = 0; token < tokens; token++) {
      const chosen = new Set<number>();
      while (chosen.size < topK) chosen.add(Math.floor(random() * experts));
      for (const expert of chosen) {
        const rank = expert % ranks;
        rows[rank] = (rows[rank] ?? 0) + 1;
        read[rank]?.add(expert);
      }
    }
    sum.rows += Math.max(...rows) / draws;
    sum.reached += Math.max(...read.map((set) => set.size)) / draws;
  }
  return sum;
}

describe("the worst rank of an expert-parallel group", () => {
  it("is that of drawn tokens", () => {
    for (const tokens of [4, 16, 64, 256]) {
      const [found, given] = [worstRank({ ...load, tokens }), drawn({ ...load, tokens })];
      expect(found.reached / given.reached, `experts of ${tokens}`).toBeGreaterThan(0.93);
      expect(found.reached / given.reached, `experts of ${tokens}`).toBeLessThan(1.07);
      expect((found.imbalance * tokens * load.topK) / load.ranks / given.rows, `rows of ${tokens}`).toBeGreaterThan(
        0.93,
      );
      expect((found.imbalance * tokens * load.topK) / load.ranks / given.rows, `rows of ${tokens}`).toBeLessThan(1.07);
    }
  });

  it("is the only one without expert parallelism, and stays between the mean and everything", () => {
    expect(worstRank({ ...load, ranks: 1, lasting: 1.2 })).toEqual({
      imbalance: 1,
      reached: 256 * (1 - (1 - 1 / 32) ** 64),
    });
    const sizes = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(2, 4, 8, 16, 64));
    fc.assert(
      fc.property(sizes, ([tokens, ranks]) => {
        const { imbalance, reached } = worstRank({ ...load, tokens, ranks });
        expect(imbalance).toBeGreaterThanOrEqual(1);
        expect(imbalance).toBeLessThanOrEqual(ranks);
        expect(reached).toBeLessThanOrEqual(256 / ranks);
        expect(reached).toBeGreaterThanOrEqual((256 / ranks) * (1 - (1 - 8 / 256) ** tokens) - 1e-9);
      }),
    );
  });
});
