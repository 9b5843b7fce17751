import ts from "typescript";
import { describe, expect, it } from "vitest";
import { sources } from "../../src/catalog/sources/index.ts";
import { filesBelow, isTest, parse, placeOf, textOf, visit } from "./files.ts";

/** STYLE: each formula and each entry names its source, and each name is a key of catalog/sources. */
const files = ["src", "apps", "tools"].flatMap((folder) => filesBelow(folder, ".ts")).filter((path) => !isTest(path));

interface Mention {
  readonly place: string;
  readonly key: string;
}

/** Keys after the comment mark, as `@source key-of-source Section 3`. */
function commentMentions(path: string): Mention[] {
  return textOf(path)
    .split("\n")
    .flatMap((line, index) => {
      const key = /^\s*(?:\/?\*+|\/\/)?\s*@source\s+(\S+)/.exec(line)?.[1];
      return key === undefined ? [] : [{ place: `${path}:${index + 1}`, key: key.replace(/[,;:.]$/, "") }];
    });
}

/** Literal keys in `sources: ["a", "b"]`, and in calls of `source("a")`. */
function literalMentions(path: string): Mention[] {
  const file = parse(path);
  const mentions: Mention[] = [];
  const add = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) mentions.push({ place: placeOf(file, node), key: node.text });
  };
  visit(file, (node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText(file) === "sources") {
      if (ts.isArrayLiteralExpression(node.initializer)) node.initializer.elements.forEach(add);
    }
    if (ts.isCallExpression(node) && node.expression.getText(file) === "source") node.arguments.forEach(add);
  });
  return mentions;
}

const unknown = (mentions: readonly Mention[]): Mention[] => mentions.filter(({ key }) => !(key in sources));

describe("sources", () => {
  it("every @source names a known source", () => {
    const mentions = files.flatMap(commentMentions);
    expect(mentions.length).toBeGreaterThan(20);
    expect(unknown(mentions)).toEqual([]);
  });

  it("every entry's sources are known", () => {
    const mentions = files.flatMap(literalMentions);
    expect(mentions.length).toBeGreaterThan(50);
    expect(unknown(mentions)).toEqual([]);
  });
});
