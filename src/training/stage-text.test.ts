import { describe, expect, it } from "vitest";
import { trainingCase } from "../../test/training-case.ts";
import { endsAreUsual, parseStageText, type StageText } from "./stage-text.ts";
import { stagePlan } from "./stages.ts";
import { stepEvaluator } from "./step.ts";
import { rankWeights } from "./weights.ts";

function read(text: string): StageText {
  const stages = parseStageText(text);
  if ("message" in stages) throw new Error(stages.message);
  return stages;
}

describe("layout texts", () => {
  it("of Megatron-Core's own documentation: DeepSeek-V3 over 32 stages, MTP and loss on stages of their own", () => {
    const { layers, ends } = read("Et*3|(tt|)*29,m|L");
    expect(layers).toEqual([3, ...new Array<number>(29).fill(2), 0, 0]);
    expect(ends).toEqual({ embedding: 0, loss: 31, modules: [30] });
    expect(endsAreUsual(ends, 32)).toBe(false);
  });

  it.each([
    ["Et*4|(t*4|)*14tmL", 16, 61, [15]],
    ["Et*8|(t*8|)*6t*5mL", 8, 61, [7]],
    ["Et|(tt|)*30mL", 32, 61, [31]],
    ["E,t*4|t*4|t*4|t*4,L", 4, 16, []],
    ["Et*16|t*16|t*16|t*12,m,L", 4, 60, [3]],
  ])("of recipes: %s", (text, stages, layers, modules) => {
    const found = read(text);
    expect(found.layers).toHaveLength(stages);
    expect(found.layers.reduce((sum, next) => sum + next, 0)).toBe(layers);
    expect(found.ends).toEqual({ embedding: 0, loss: stages - 1, modules });
    expect(endsAreUsual(found.ends, stages)).toBe(true);
  });

  it.each([
    ["Et*4|x", 'at character 6: "x" is none of E, t, m, L, |, ( and )'],
    ["E(t*4", 'at character 2: "(" is not closed'],
    ["Et)*2L", 'at character 3: ")" without "("'],
    ["E(tt|)L", 'at character 6: ")" is not followed by *n'],
    ["Et*|L", 'at character 3: "*" is not followed by a count of at least 1'],
    ["Et*0|L", 'at character 3: "*" is not followed by a count of at least 1'],
    ["E((t|)*2)*3L", "at character 3: a group inside a group"],
    ["Et*2000000L", "at character 3: *2000000 is more than any model has"],
    ["t|tL", "found 0 E, expected one"],
    ["Et|tLL", "found 2 L, expected one"],
    ["tE|tL", "found E after t; E, t, m and L come in this order"],
    ["Etm|tL", "found t after m; E, t, m and L come in this order"],
    ["Et|Lm", "found m after L; E, t, m and L come in this order"],
  ])("that are wrong say where: %s", (text, message) => {
    expect(parseStageText(text)).toMatchObject({ message });
  });
});

describe("ends on stages of their own", () => {
  const pipeline = 8;
  const caseOf = (text: string) => {
    const { layers, ends } = read(text);
    const stageEnds = endsAreUsual(ends, layers.length) ? {} : { stageEnds: ends };
    const layout = { pipeline, expert: 8, data: 8, stageLayers: layers, ...stageEnds } as const;
    return trainingCase({ model: "deepseek-v3", layout, multiTokenModules: 1, globalBatch: 256 });
  };
  const together = caseOf("Et*8|(t*8|)*6t*5mL");
  const apart = caseOf("Et*9|(t*10|)*4t*9|t*3m|L");
  const weightsOf = (c: typeof together) => {
    const plan = stagePlan(c.model, c.layout, c.highPrecisionLayers);
    return Array.from({ length: pipeline }, (_, rank) => rankWeights(c, plan, rank));
  };

  it("hold the same parameters, each where the text puts it", () => {
    const sum = (c: typeof together): number =>
      weightsOf(c).reduce((total, { split, replicated, experts }) => total + split + replicated + experts, 0);
    expect(sum(apart) / sum(together)).toBeCloseTo(1, 12);
    // The last rank has no experts; the one before has those of three layers and of the MTP module.
    expect(weightsOf(apart).at(-1)?.experts).toBe(0);
    expect(weightsOf(apart).at(-2)?.experts).toBeCloseTo((weightsOf(apart).at(1)?.experts ?? 0) * 0.4, 0);
  });

  it("cost the same computation, and relieve the rank they leave", () => {
    const stages = (c: typeof together) => stepEvaluator(c).evaluate(c.layout);
    const computed = (c: typeof together): number => {
      let sum = 0;
      for (let rank = 0; rank < pipeline; rank++) {
        const { forward, backward } = stepEvaluator(c).parts(c.layout, rank);
        for (const parts of [forward, backward])
          sum += Object.values(parts).reduce((total: number, next: number) => total + next, 0);
      }
      return sum;
    };
    expect(computed(apart) / computed(together)).toBeCloseTo(1, 9);
    const last = (c: typeof together): number => stages(c).work.forward.at(-1) ?? 0;
    expect(last(apart)).toBeLessThan(last(together));
  });
});
