/**
 * Builds the package: a file for each entry, what they share in chunks, with types and source maps. One module a file
 * would be 250 files to load, and start the command half as fast. Packages are part of the chunks for the same reason:
 * schemas and YAML alone are 170 files. Their licences are in NOTICE.
 */
import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "tsdown";

/** What users import: the package itself, and each domain that has an index. */
const library = ["src/index.ts", ...readdirSync("src").map((folder) => `src/${folder}/index.ts`)].filter(existsSync);

export default defineConfig({
  entry: Object.fromEntries(
    [...library, "apps/cli/main.ts", "apps/host/node/worker.ts"].map((file) => [file.replace(/\.ts$/, ""), file]),
  ),
  format: "esm",
  platform: "node",
  target: "es2023",
  dts: { tsconfig: "tsconfig.json" },
  sourcemap: true,
  clean: true,
  deps: { alwaysBundle: ["commander", "picocolors", "smol-toml", "yaml", "zod"] },
});
