import ts from "typescript";
import { describe, expect, it } from "vitest";
import { isGenerated, isTest, parse, textOf, typescriptFiles, visit } from "./files.ts";

/** STYLE: a function stays under 60 lines, a file under 400. */
const fileLinesMax = 400;
const functionLinesMax = 60;

const written = typescriptFiles().filter((path) => !isGenerated(textOf(path)));

interface Length {
  readonly place: string;
  readonly lines: number;
}

/** Functions with the lines they take, from the first to the last, comments before them left out. */
function functionLengths(file: ts.SourceFile): Length[] {
  const lengths: Length[] = [];
  visit(file, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
    lengths.push({ place: `${file.fileName}:${first + 1}`, lines: last - first + 1 });
  });
  return lengths;
}

describe("sizes", () => {
  it(`files stay under ${fileLinesMax} lines`, () => {
    const long = written.map((path) => ({ path, lines: textOf(path).trimEnd().split("\n").length }));
    expect(long.filter(({ lines }) => lines >= fileLinesMax)).toEqual([]);
  });

  it(`functions stay under ${functionLinesMax} lines`, () => {
    const lengths = written.filter((path) => !isTest(path)).flatMap((path) => functionLengths(parse(path)));
    expect(lengths.length).toBeGreaterThan(200);
    expect(lengths.filter(({ lines }) => lines >= functionLinesMax)).toEqual([]);
  });

  it("files are named in kebab-case", () => {
    const names = typescriptFiles().map((path) => path.split("/").at(-1) as string);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|generated))*\.ts$/.test(name))).toEqual([]);
  });

  it("a long function is seen", () => {
    const text = `export const f = (): void => {\n${"  f();\n".repeat(60)}};\n`;
    const file = ts.createSourceFile("long.ts", text, ts.ScriptTarget.ES2023, true);
    expect(functionLengths(file)).toEqual([{ place: "long.ts:1", lines: 62 }]);
  });
});
