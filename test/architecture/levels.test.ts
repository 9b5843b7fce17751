import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { filesBelow, isTest, repository, textOf } from "./files.ts";

/** STYLE: a file imports its own folder and lower levels only. */
const levels: readonly (readonly string[])[] = [
  ["base"],
  ["simulation", "catalog"],
  ["compute", "network", "storage", "workload"],
  ["training", "serving", "scheduling", "reliability", "economics"],
  ["scenario"],
  ["evidence", "launch", "search"],
  ["report", "specification"],
  ["operations"],
];

/** Packages that the core may import, and the folders that may import none. */
const corePackages = new Set(["zod", "yaml"]);
/** Packages that one file alone may import: docs/decisions says why. */
const onePlace: Readonly<Record<string, string>> = { "smol-toml": "src/launch/toml.ts" };
const bareFolders = new Set(["base", "simulation"]);

/** Faces share the host's services and the drawing of documents; otherwise they do not know each other. */
const sharedFaces = new Set(["host", "document"]);

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(path: string): string[] {
  return ts.preProcessFile(textOf(path), true, true).importedFiles.map((file) => file.fileName);
}

const sources = [...filesBelow("src", ".ts"), ...filesBelow("apps", ".ts")].filter((path) => !isTest(path));
const imports: Import[] = sources.flatMap((from) => importsOf(from).map((to) => ({ from, to })));
const inside = imports
  .filter(({ to }) => to.startsWith("."))
  .map(({ from, to }) => ({ from, to: posix.normalize(posix.join(posix.dirname(from), to)) }));
const outside = imports.filter(({ to }) => !to.startsWith("."));

function levelOf(path: string): number {
  const [top, folder] = path.split("/") as [string, string];
  if (top === "apps") return levels.length + 1;
  if (path.startsWith("src/") && path.split("/").length === 2) return levels.length;
  return levels.findIndex((folders) => folders.includes(folder)) + 1;
}

function folderOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

function allowed({ from, to }: Import): boolean {
  if (folderOf(from) === folderOf(to)) return true;
  if (from.startsWith("apps/") && to.startsWith("apps/")) return sharedFaces.has(to.split("/")[1] ?? "");
  if (to === "package.json") return levelOf(from) >= levels.length;
  return levelOf(to) < levelOf(from) || (folderOf(from) === "src/index.ts" && levelOf(to) <= levels.length);
}

const described = (list: readonly Import[]): string[] => list.map(({ from, to }) => `${from} imports ${to}`);

describe("levels", () => {
  it("every folder of src has one", () => {
    const unknown = sources.filter((path) => levelOf(path) === 0).map(folderOf);
    expect([...new Set(unknown)]).toEqual([]);
  });

  it("a file imports its own folder and lower levels only", () => {
    expect(inside.length).toBeGreaterThan(100);
    expect(described(inside.filter((entry) => !allowed(entry)))).toEqual([]);
  });

  it("imports are written with their real ending", () => {
    const broken = inside.filter(({ to }) => !/\.(ts|json)$/.test(to) || !existsSync(join(repository, to)));
    expect(described(broken)).toEqual([]);
  });

  it("src imports zod and yaml, one file a parser of TOML, and nothing else; base and simulation nothing at all", () => {
    const core = outside.filter(({ from }) => from.startsWith("src/"));
    const wrong = core.filter(
      ({ from, to }) =>
        (!corePackages.has(to) && onePlace[to] !== from) ||
        bareFolders.has(from.split("/")[1] as string) ||
        to.startsWith("node:"),
    );
    expect(described(wrong)).toEqual([]);
  });

  it("apps import the packages of package.json only", () => {
    const { dependencies } = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string> };
    const wrong = outside.filter(({ from, to }) => {
      const name = to.startsWith("@") ? to.split("/").slice(0, 2).join("/") : (to.split("/")[0] as string);
      return from.startsWith("apps/") && !to.startsWith("node:") && !(name in dependencies);
    });
    expect(described(wrong)).toEqual([]);
  });

  it("calls a wrong import wrong", () => {
    expect(allowed({ from: "src/training/step.ts", to: "src/compute/kernel.ts" })).toBe(true);
    expect(allowed({ from: "src/training/step.ts", to: "src/economics/cost.ts" })).toBe(false);
    expect(allowed({ from: "src/compute/kernel.ts", to: "src/training/step.ts" })).toBe(false);
    expect(allowed({ from: "src/operations/predict.ts", to: "apps/host/node/host.ts" })).toBe(false);
    expect(allowed({ from: "apps/cli/main.ts", to: "apps/host/node/host.ts" })).toBe(true);
  });
});
