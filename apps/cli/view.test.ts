import { describe, expect, it } from "vitest";
import { hanging, wrap } from "./view.ts";

describe("lines", () => {
  it("end at spaces, never between a number and its unit or its name", () => {
    expect(wrap("tensor 8 x pipeline 16 x data 128", 20)).toEqual(["tensor 8 x", "pipeline 16 x", "data 128"]);
    expect(wrap("needs 88 GiB of 80 GiB", 12)).toEqual(["needs 88 GiB", "of 80 GiB"]);
    expect(wrap("1, 2, 3, 4, 5", 6)).toEqual(["1, 2,", "3, 4,", "5"]);
    expect(wrap("", 10)).toEqual([""]);
  });

  it("count no colour codes", () => {
    const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
    expect(wrap(`${red("does")} ${red("not")} ${red("fit")}`, 12)).toHaveLength(1);
  });

  it("hang below their first", () => {
    expect(hanging("  - ", "one two three four five six seven", 24)).toBe("  - one two three four\n    five six seven");
  });
});
