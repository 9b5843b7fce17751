import { describe, expect, it } from "vitest";
import { isSince } from "./version.ts";

describe("isSince", () => {
  it.each([
    ["0.19", "0.14", true],
    ["0.9", "0.14", false],
    ["v0.5.10", "0.5.9", true],
    ["0.5.9", "0.5.10", false],
    ["1.2.0rc6.post2", "1.2", true],
    ["0.19.0", "0.19", true],
    ["0.19", "0.19.1", false],
    ["nightly", "0.4", false],
  ])("%s is since %s: %s", (version, since, expected) => {
    expect(isSince(version, since)).toBe(expected);
  });
});
