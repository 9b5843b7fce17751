import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leaf, maxOf, sumOf, type Term } from "./term.ts";
import { differenceLeaves, type TermDifference, termDifference } from "./term-difference.ts";

const part = (name: string, value: number): Term => leaf({ name, label: name, value, origin: "derived" });

function checkShares({ share, children }: TermDifference, size: number): void {
  if (children.length === 0) return;
  const total = children.reduce((sum, child) => sum + child.share, 0);
  expect(Math.abs(total - share)).toBeLessThanOrEqual(1e-9 * size);
  for (const child of children) checkShares(child, size);
}

/** Trees over few names, so that two of them share some parts and shapes and differ in others. */
const deep = (levels: number, least: number): fc.Arbitrary<Term> => {
  const leafs = fc.double({ min: least, max: 1e3, noNaN: true }).map((value) => part("x", value));
  if (levels === 0) return leafs;
  const below = fc.tuple(
    fc.constantFrom(sumOf, maxOf),
    fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), deep(levels - 1, least)), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    }),
  );
  const node = below.map(([combine, parts]) =>
    combine(
      { name: "x", label: "x" },
      parts.map(([name, term]) => ({ ...term, name })),
    ),
  );
  return fc.oneof({ weight: 1, arbitrary: leafs }, { weight: 4, arbitrary: node });
};

describe("termDifference", () => {
  it.each([0, -1e3])("adds up on every level whatever the shapes, values from %d", (least) => {
    fc.assert(
      fc.property(deep(3, least), deep(3, least), (before, after) => {
        const found = termDifference(before, after);
        expect(found.share).toBe(after.value - before.value);
        checkShares(found, 1e3 * 64);
        const total = differenceLeaves(found).reduce((sum, { share }) => sum + share, 0);
        expect(Math.abs(total - (after.value - before.value))).toBeLessThanOrEqual(1e-9 * 1e3 * 64);
      }),
    );
  });

  it("finds nothing between a tree and itself, and the opposite the other way", () => {
    fc.assert(
      fc.property(deep(3, 0), deep(3, 0), (before, after) => {
        for (const { share } of differenceLeaves(termDifference(before, before))) expect(share).toBeCloseTo(0, 12);
        expect(termDifference(after, before).share).toBe(-termDifference(before, after).share);
      }),
    );
  });

  it("pairs parts by name and takes what is lacking as 0", () => {
    const before = sumOf({ name: "step", label: "step" }, [part("kept", 3), part("gone", 1)]);
    const after = sumOf({ name: "step", label: "step" }, [part("kept", 2), part("new", 0.5)]);
    const shares = differenceLeaves(termDifference(before, after)).map(({ path, share }) => [path, share]);
    expect(shares).toEqual([
      ["kept", -1],
      ["gone", -1],
      ["new", 0.5],
    ]);
  });

  it("gives a maximum's change to what binds on the way", () => {
    const limit = (compute: number, memory: number): Term =>
      maxOf({ name: "kernel", label: "kernel" }, [part("compute", compute), part("memory", memory)]);
    // Compute binds from 10 down to 8, where it meets memory at 8: the rest of its fall helps nothing.
    const { share, children } = termDifference(limit(10, 8), limit(6, 8));
    expect(share).toBe(-2);
    expect(children.map((child) => child.share)).toEqual([-2, 0].map((each) => expect.closeTo(each, 12)));
    // What never binds has no share, however much it changes.
    expect(termDifference(limit(10, 8), limit(10, 1)).children.map((child) => child.share + 0)).toEqual([0, 0]);
  });

  it("lets one kind of part go and another come", () => {
    const before = part("step", 3);
    const after = sumOf({ name: "step", label: "step" }, [part("a", 1), part("b", 4)]);
    const found = termDifference(before, after);
    expect(differenceLeaves(found).map(({ path, share }) => [path, share])).toEqual([
      ["step.after/b", 4],
      ["step.before", -3],
      ["step.after/a", 1],
    ]);
  });
});
