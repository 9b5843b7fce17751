import { describe, expect, it } from "vitest";
import { accountedStages, stageLayersOf } from "./pipeline-layout.ts";

describe("stageLayersOf", () => {
  it("reads DeepSeek-V3's layouts: 61 layers over the stages", () => {
    const layout = stageLayersOf("Et*4|(t*4|)*14tmL");
    expect(layout).toEqual([...Array<number>(15).fill(4), 1]);
    expect(stageLayersOf("Et*8|(t*8|)*6t*5mL")).toEqual([8, 8, 8, 8, 8, 8, 8, 5]);
  });

  it("reads Kimi K2's: head and MTP on a stage of their own", () => {
    const layout = stageLayersOf("Et|(tt|)*30mL") ?? [];
    expect(layout).toHaveLength(32);
    expect(layout.reduce((sum, count) => sum + count, 0)).toBe(61);
    expect(layout.at(-1)).toBe(0);
  });

  it("refuses what is not a layout", () => {
    expect(stageLayersOf("Et*4|x")).toBeUndefined();
    expect(stageLayersOf("(t*4")).toBeUndefined();
  });
});

describe("accountedStages", () => {
  it("counts embedding and loss as a layer each", () => {
    expect(accountedStages(126, 32)).toEqual([3, ...Array<number>(30).fill(4), 3]);
    expect(accountedStages(126, 128)?.[0]).toBe(0);
    expect(accountedStages(61, 16)).toBeUndefined();
  });
});
