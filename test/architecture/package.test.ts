import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository, textOf } from "./files.ts";

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(textOf("package.json")) as Manifest;

/** `./dist/src/training/index.mjs` is built from `src/training/index.ts`. */
function sourceOf(built: string): string {
  return built.replace(/^(\.\/)?dist\//, "").replace(/(\.d)?\.mjs$|\.mts$/, ".ts");
}

describe("package.json", () => {
  it("every export and command is built from a file that exists", () => {
    const built = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [] : [entry.default],
    );
    const missing = [...built, ...Object.values(manifest.bin)].filter(
      (path) => !existsSync(join(repository, sourceOf(path))),
    );
    expect(missing).toEqual([]);
  });

  it("versions are pinned exactly", () => {
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(ranges.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});
