import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { worstRank } from "./worst-rank.ts";

const grouped = { count: 8, limit: 4, spread: 0 };
const load = { tokens: 64, topK: 8, experts: 256, ranks: 8, spread: 0 };

/** Mean over draws of the most rows and the most distinct experts that one rank has; experts beside each other. */
function drawn(
  { tokens, topK, experts, ranks }: typeof load,
  groups = { count: 1, limit: 1, spread: 0 },
): { rows: number; reached: number } {
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
      const open = new Set<number>();
      while (open.size < groups.limit) open.add(Math.floor(random() * groups.count));
      const chosen = new Set<number>();
      while (chosen.size < topK) {
        const expert = Math.floor(random() * experts);
        if (open.has(Math.floor((expert * groups.count) / experts))) chosen.add(expert);
      }
      for (const expert of chosen) {
        const rank = Math.floor((expert * ranks) / experts);
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
  const judged = (ranks: number, groups?: typeof grouped): void => {
    for (const tokens of [4, 16, 64, 256]) {
      // Two rows of a rank are no normal draw: the largest is up to a tenth above it.
      const allowed = (tokens * load.topK) / ranks < 4 ? 0.12 : 0.07;
      const shape = { ...load, tokens, ranks };
      const given = drawn(shape, groups);
      const found = worstRank(groups === undefined ? shape : { ...shape, groups });
      const rows = (found.imbalance * tokens * load.topK) / ranks;
      const what = `${ranks} ranks, ${tokens} tokens: ${found.reached} of ${given.reached}, ${rows} of ${given.rows}`;
      expect(Math.abs(found.reached / given.reached - 1), what).toBeLessThan(allowed);
      expect(Math.abs(rows / given.rows - 1), what).toBeLessThan(allowed);
    }
  };

  it("is that of drawn tokens", () => {
    for (const ranks of [4, 8, 16]) judged(ranks);
  });

  it("is that of drawn tokens which may only take experts of some groups", () => {
    for (const ranks of [4, 8, 16]) judged(ranks, grouped);
    const rows = (groups?: typeof grouped): number =>
      worstRank(groups === undefined ? { ...load, tokens: 4 } : { ...load, tokens: 4, groups }).imbalance - 1;
    expect(rows(grouped) / rows()).toBeGreaterThan(1.3);
    expect(rows({ count: 8, limit: 8, spread: 0 })).toBeCloseTo(rows(), 9);
  });

  it("is the only one without expert parallelism, and stays between the mean and everything", () => {
    expect(worstRank({ ...load, ranks: 1, spread: 0.66 })).toEqual({
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
