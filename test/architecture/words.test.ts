import ts from "typescript";
import { describe, expect, it } from "vitest";
import { filesBelow, isGenerated, isTest, parse, placeOf, textOf, typescriptFiles, visit } from "./files.ts";

/** Members of Math that the standard fixes to the last bit; the rest differ between engines. */
const exactMath = new Set([
  ...["abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt", "trunc"],
  ...["E", "LN2", "LN10", "LOG2E", "LOG10E", "PI", "SQRT1_2", "SQRT2"],
]);

/** What a host has and the core must be given. */
const hostNames = new Set([
  ...["console", "process", "performance", "Date", "globalThis", "crypto", "require"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch", "Buffer", "eval"],
]);

const written = typescriptFiles().filter((path) => !isGenerated(textOf(path)));
const core = written.filter((path) => path.startsWith("src/") && !isTest(path));

/** Uses of what makes results depend on the host, as `place: what`. */
function hostDependence(file: ts.SourceFile): string[] {
  const found: string[] = [];
  visit(file, (node) => {
    const report = (what: string): number => found.push(`${placeOf(file, node)}: ${what}`);
    if (ts.isPropertyAccessExpression(node) && node.expression.getText(file) === "Math") {
      if (!exactMath.has(node.name.text)) report(`Math.${node.name.text}`);
    } else if (ts.isIdentifier(node) && hostNames.has(node.text) && isFreeName(node)) report(node.text);
    else if (ts.isBinaryExpression(node) && isPower(node) && !isWholePower(node, file)) report(node.getText(file));
  });
  return found;
}

/** True for a name that stands for itself, not for a member, a key or a declared variable. */
function isFreeName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent) || ts.isBindingElement(parent)) return false;
  if (ts.isTypeNode(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) return false;
  return ts.isCallExpression(parent) || ts.isNewExpression(parent) || ts.isTypeOfExpression(parent);
}

function isPower(node: ts.BinaryExpression): boolean {
  const operator = node.operatorToken.kind;
  return operator === ts.SyntaxKind.AsteriskAsteriskToken || operator === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
}

/** `2 ** 30` is exact on every host; a power of anything that varies goes through base/math. */
function isWholePower(node: ts.BinaryExpression, file: ts.SourceFile): boolean {
  return /^\d+$/.test(node.left.getText(file)) && /^\d+$/.test(node.right.getText(file));
}

function anyTypes(file: ts.SourceFile): string[] {
  const found: string[] = [];
  visit(file, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(placeOf(file, node));
  });
  return found;
}

function sample(text: string): ts.SourceFile {
  return ts.createSourceFile("sample.ts", text, ts.ScriptTarget.ES2023, true);
}

describe("banned words", () => {
  it("src depends on nothing that differs between hosts", () => {
    expect(core.flatMap((path) => hostDependence(parse(path)))).toEqual([]);
  });

  it("nothing is typed any", () => {
    expect(written.flatMap((path) => anyTypes(parse(path)))).toEqual([]);
  });

  it("no enums, namespaces or classes that inherit (an Error may)", () => {
    const found = core.flatMap((path) => {
      const file = parse(path);
      const places: string[] = [];
      visit(file, (node) => {
        const inherits = ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ExtendsKeyword;
        const fromClass =
          inherits && ts.isClassDeclaration(node.parent) && !/^extends \w*Error$/.test(node.getText(file));
        if (ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node) || fromClass) places.push(placeOf(file, node));
      });
      return places;
    });
    expect(found).toEqual([]);
  });

  it("nothing is marked as unfinished", () => {
    // Taken apart, so that this file does not find itself.
    const marks = new RegExp(["TO" + "DO", "FIX" + "ME", "X" + "XX", "not imple" + "mented"].join("|"), "i");
    const standIn = new RegExp("place" + "holder", "i");
    const found = [...written, ...filesBelow("", ".md")].flatMap((path) =>
      textOf(path)
        .split("\n")
        .flatMap((line, index) =>
          marks.test(line) || (standIn.test(line) && !isTest(path)) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
    expect(found).toEqual([]);
  });

  it("sees each of these where it is used, and only there", () => {
    const uses =
      "Math.exp(1); Date.now(); new Date(); console.log(1); x ** 2; 2 ** x; performance.now(); setTimeout(f);";
    expect(hostDependence(sample(uses))).toHaveLength(8);
    expect(
      hostDependence(sample("Math.floor(1); 2 ** 30; const date = { Date: 1, console: 2 }; a.process();")),
    ).toEqual([]);
    expect(anyTypes(sample("let x: any; const y = z as any; const any = 1;"))).toHaveLength(2);
  });
});
