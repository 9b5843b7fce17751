/** Builds the package: `dist/` keeps the folders of the source, one module a file, with types and source maps. */
import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "tsdown";

/** What users import: the package itself, and each domain that has an index. */
const library = ["src/index.ts", ...readdirSync("src").map((folder) => `src/${folder}/index.ts`)].filter(existsSync);

export default defineConfig({
  entry: [...library, "apps/cli/main.ts"],
  format: "esm",
  platform: "node",
  target: "es2023",
  dts: { tsconfig: "tsconfig.json" },
  sourcemap: true,
  unbundle: true,
  clean: true,
});
