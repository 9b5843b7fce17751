import { describe, expect, it } from "vitest";
import { modelOf } from "../../test/training-case.ts";
import { usualAcceptance } from "./acceptance.ts";

/** Tokens an iteration gives, the sure one included. */
function meanLength(chances: readonly number[]): number {
  let [length, share] = [1, 1];
  for (const chance of chances) {
    share *= chance;
    length += share;
  }
  return length;
}

const deepseek = modelOf("deepseek-ai/DeepSeek-V3");
const qwen = modelOf("Qwen/Qwen3.5-397B-A17B");

describe("usual acceptance of a model's own drafts", () => {
  it("starts where DeepSeek-V3 reports it, and falls from place to place", () => {
    const chances = usualAcceptance(deepseek, 6);
    expect(chances[0]).toBe(0.85);
    chances.slice(1).forEach((chance, index) => {
      expect(chance).toBeLessThan(chances[index] as number);
      expect(chance).toBeGreaterThan(0);
    });
  });

  it.each([
    ["DeepSeek-V4-Pro, thinking", deepseek, [1.79, 2.27, 2.49]],
    ["DeepSeek-V4-Pro", deepseek, [1.92, 2.61, 2.97]],
    ["DeepSeek-V3.2 on GSM8K", deepseek, [1.939, 2.618, 2.957]],
    ["Qwen3-Next on GSM8K", qwen, [1.932, 2.748, 3.392]],
  ])("gives the tokens that were counted for %s, from its first place", (_, model, counted) => {
    const [first = 1] = counted;
    counted.forEach((length, index) => {
      expect(meanLength(usualAcceptance(model, index + 1, first - 1)) / length).toBeCloseTo(1, 1.3);
    });
  });

  it("meets Qwen3.5's mean, of which no place was looked at", () => {
    // 3.39 on code [mtp-acceptance-places], 3.37 on one request (sglang pull 18906); Qwen3-Next's first place.
    expect(meanLength(usualAcceptance(qwen, 3, 0.932))).toBeCloseTo(3.38, 1);
  });

  it("does not fall while places have modules of their own", () => {
    const { family, multiToken } = deepseek;
    if (multiToken === undefined) throw new Error("DeepSeek-V3 has a module");
    const chances = usualAcceptance({ family, multiToken: { ...multiToken, modules: 3 } }, 4);
    expect(chances.slice(0, 3)).toEqual([0.85, 0.85, 0.85]);
    expect(chances[3]).toBeLessThan(0.85);
  });
});
