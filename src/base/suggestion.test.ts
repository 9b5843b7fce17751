import fc from "fast-check";
import { expect, it } from "vitest";
import { editDistance, suggestion } from "./suggestion.ts";

it("counts edits", () => {
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("tensro", "tensor")).toBe(1);
});

it("is a symmetric distance", () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c") });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

it("suggests the nearest name and nothing far-fetched", () => {
  const nodes = ["dgx-a100", "hgx-h100", "hgx-h200"];
  expect(suggestion("hgx-h10", nodes)).toBe("hgx-h100");
  expect(suggestion("HGX-H200x", nodes)).toBe("hgx-h200");
  expect(suggestion("a100", nodes)).toBe("dgx-a100");
  expect(suggestion("toaster", nodes)).toBeUndefined();
  expect(suggestion("", nodes)).toBeUndefined();
});

it("takes a name that differs in separators alone before a nearer one", () => {
  expect(suggestion("dualpipev", ["dualpipe", "dualpipe-v"])).toBe("dualpipe-v");
  expect(suggestion("hgx_h100", ["hgx-h10", "hgx-h100"])).toBe("hgx-h100");
});
