import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parquetBytes } from "../../../src/search/study/index.ts";
import { packageVersion, sqlOver } from "./duckdb.ts";
import { packageFolder } from "./host.ts";

/** Where DuckDB may be looked for besides the package; a folder with its own node_modules. */
const folder = process.env.WINDTUNNEL_DUCKDB ?? process.cwd();

function installed(): boolean {
  try {
    createRequire(join(folder, "package.json")).resolve("@duckdb/node-api");
    return true;
  } catch {
    return false;
  }
}

const here = installed();
if (!here) console.warn("skipped: DuckDB is not installed (npm install @duckdb/node-api, or WINDTUNNEL_DUCKDB=FOLDER)");

describe("SQL over a study's rows", () => {
  it.skipIf(!here)("answers with numbers as numbers, and says what is wrong in a statement", async () => {
    const place = mkdtempSync(join(tmpdir(), "windtunnel-sql-"));
    const file = join(place, "it's.parquet");
    const columns = [
      { name: "point", type: "count", values: [0, 1, 2] },
      { name: "layout.tensor", type: "number", values: [1, undefined, 4] },
      { name: "meets", type: "flag", values: [true, false, true] },
    ] as const;
    writeFileSync(file, parquetBytes(columns, "test"));
    const all = await sqlOver(
      file,
      'SELECT count(*) AS n, max("layout.tensor") AS most FROM points WHERE meets',
      folder,
    );
    expect(all).toEqual({ columns: ["n", "most"], rows: [[2, 4]] });
    await expect(sqlOver(file, "SELECT tensr FROM points", folder)).rejects.toThrow(/sql: Binder Error.*tensr/);
    await expect(sqlOver(file, "SELEC 1", folder)).rejects.toThrow(/sql: Parser Error.*the table is points/);
    rmSync(place, { recursive: true });
  });

  it("names the version that the package asks for", () => {
    const manifest = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8"));
    expect(manifest.peerDependencies["@duckdb/node-api"]).toBe(packageVersion);
  });

  it.skipIf(here)("says how to install DuckDB where it is not there", async () => {
    await expect(sqlOver("results.parquet", "SELECT 1", tmpdir())).rejects.toThrow(
      /needs DuckDB.*npm install --no-save/,
    );
  });
});
