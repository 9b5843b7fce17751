/** The repository's files as the architecture tests see them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const repository: string = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const skipped = new Set(["node_modules", "dist", "coverage"]);

/** Paths relative to the repository of all files below a folder ("" is everything) with an ending, sorted. */
export function filesBelow(folder: string, ending: string): string[] {
  const found: string[] = [];
  if (!existsSync(join(repository, folder))) return found;
  for (const entry of readdirSync(join(repository, folder), { withFileTypes: true })) {
    if (entry.name.startsWith(".") || skipped.has(entry.name)) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesBelow(path, ending));
    else if (entry.name.endsWith(ending)) found.push(path);
  }
  return found.sort();
}

/** Every TypeScript file that we write by hand or generate, tests included. */
export function typescriptFiles(): string[] {
  return ["src", "apps", "tools", "bench", "test"].flatMap((folder) => filesBelow(folder, ".ts"));
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("test/");
}

export function textOf(path: string): string {
  return readFileSync(join(repository, path), "utf8");
}

/** A generated file says so in its first line, and is exempt from limits of size. */
export function isGenerated(text: string): boolean {
  return /generated/i.test(text.slice(0, text.indexOf("\n")));
}

export function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ES2023, true);
}

/** Visit every node of a file. */
export function visit(node: ts.Node, action: (node: ts.Node) => void): void {
  action(node);
  ts.forEachChild(node, (child) => visit(child, action));
}

/** `path:line` of a node. */
export function placeOf(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}
