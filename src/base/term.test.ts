import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTerm, findTerm, leaf, maxOf, sumOf, type Term, walkTerm } from "./term.ts";

const part = (name: string, value: number): Term => leaf({ name, label: name, value, origin: "derived" });

const tree: Term = sumOf({ name: "stepTime", label: "step time" }, [
  maxOf({ name: "forward", label: "forward", formula: "max(compute, communication)" }, [
    part("compute", 2),
    part("communication", 0.5),
  ]),
  sumOf({ name: "backward", label: "backward", origin: "calibrated" }, [part("compute", 4), part("exposed", 0.25)]),
]);

describe("builders", () => {
  it("add up and bound", () => {
    expect(tree.value).toBe(6.25);
    expect(findTerm(tree, "forward")?.value).toBe(2);
    expect(findTerm(tree, "backward")?.origin).toBe("calibrated");
    expect(tree.origin).toBe("derived");
    expect("formula" in tree).toBe(false);
    checkTerm(tree);
  });

  it("refuse what is no number", () => {
    expect(() => part("x", Number.NaN)).toThrow('term "x" is not a number');
    expect(() => maxOf({ name: "x", label: "x" }, [])).toThrow("maximum of no parts");
  });
});

describe("checkTerm", () => {
  it("accepts every tree that the builders make", () => {
    const tree = fc.letrec<{ node: Term }>((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((value) => part("part", value)),
        fc.tuple(fc.boolean(), fc.array(tie("node"), { minLength: 1, maxLength: 4 })).map(([sum, children]) =>
          (sum ? sumOf : maxOf)(
            { name: "whole", label: "whole" },
            children.map((child, index) => ({ ...child, name: `part${index}` })),
          ),
        ),
      ),
    })).node;
    fc.assert(fc.property(tree, checkTerm));
  });

  it("finds a parent that is not the sum of its parts", () => {
    expect(() => checkTerm({ ...tree, value: 6.26 })).toThrow(
      "term stepTime is 6.26, but the sum of its parts is 6.25",
    );
  });

  it("finds a bound that is not the largest part, two parts of one name, and a leaf with parts", () => {
    const forward = findTerm(tree, "forward") as Term;
    expect(() => checkTerm({ ...forward, value: 2.5 })).toThrow("the max of its parts is 2");
    expect(() => checkTerm(sumOf({ name: "x", label: "x" }, [part("a", 1), part("a", 2)]))).toThrow("one name");
    expect(() => checkTerm({ ...forward, combine: "leaf" })).toThrow("leaf with parts");
  });
});

it("walks parents first and finds by path before name", () => {
  const paths: string[] = [];
  walkTerm(tree, (_term, path, depth) => paths.push(`${depth} ${path}`));
  expect(paths).toEqual([
    "0 stepTime",
    "1 stepTime/forward",
    "2 stepTime/forward/compute",
    "2 stepTime/forward/communication",
    "1 stepTime/backward",
    "2 stepTime/backward/compute",
    "2 stepTime/backward/exposed",
  ]);
  expect(findTerm(tree, "compute")?.value).toBe(2);
  expect(findTerm(tree, "backward/compute")?.value).toBe(4);
  expect(findTerm(tree, "stepTime/backward/compute")?.value).toBe(4);
  expect(findTerm(tree, "nothing")).toBeUndefined();
});
