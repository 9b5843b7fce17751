import { describe, expect, it } from "vitest";
import accuracy from "../../evidence/accuracy.json" with { type: "json" };

describe("groups by technique", () => {
  it("hold long contexts, judges apart from fits, and every run that shares sequences", () => {
    const count = (key: string): number =>
      accuracy.groups
        .filter((group) => group.by === "technique" && group.key === key)
        .reduce((sum, group) => sum + group.count, 0);
    for (const use of ["judge", "fit"]) {
      expect(count(`context parallel, ${use}`)).toBeGreaterThan(0);
      expect(count(`long context, ${use}`)).toBeGreaterThan(count(`context parallel, ${use}`));
    }
    expect(count("tuning, judge")).toBeGreaterThan(0);
  });
});
