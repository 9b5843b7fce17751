/** SQL through DuckDB, which users install beside Windtunnel when they want it. */

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ProblemError } from "../../../src/base/problem.ts";
import type { SqlTable } from "../../../src/operations/host.ts";

/** The part of DuckDB's interface that is used here. */
interface DuckDb {
  readonly DuckDBInstance: { create(path: string): Promise<Instance> };
}

interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<Reader>;
  closeSync(): void;
}

interface Reader {
  columnNames(): string[];
  columnTypes(): readonly { toString(): string }[];
  getRowsJson(): unknown[][];
}

const packageName = "@duckdb/node-api";
/** As package.json has it. */
export const packageVersion = "1.5.5-r.5";

/** The answer of a statement; the rows of the Parquet file are the view `points`. Looks for DuckDB beside us, then in `folder`. */
export async function sqlOver(file: string, statement: string, folder: string): Promise<SqlTable> {
  const { DuckDBInstance } = await duckDb(folder);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run(`CREATE VIEW points AS SELECT * FROM read_parquet('${file.replaceAll("'", "''")}')`);
    const reader = await connection.runAndReadAll(statement);
    const types = reader.columnTypes().map(String);
    const rows = reader.getRowsJson().map((row) => row.map((value, index) => plainValue(value, types[index] ?? "")));
    return { columns: reader.columnNames(), rows };
  } catch (error) {
    throw new ProblemError([sqlProblem(error)]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function duckDb(folder: string): Promise<DuckDb> {
  for (const from of [import.meta.url, pathToFileURL(join(folder, "package.json")).href]) {
    const path = found(from);
    if (path !== undefined) return (await import(pathToFileURL(path).href)) as DuckDb;
  }
  const message = "query needs DuckDB, which is not installed";
  const hint = `npm install --no-save ${packageName}@${packageVersion} in the folder you call from, or -g beside a global windtunnel; any other program that reads Parquet can open results.parquet as well`;
  throw new ProblemError([{ path: "", message, hint }]);
}

function found(from: string): string | undefined {
  try {
    return createRequire(from).resolve(packageName);
  } catch {
    // Not installed there: optional.
    return undefined;
  }
}

/** Whole numbers of 64 bits and more come as text; those that a number holds exactly become one. */
function plainValue(value: unknown, type: string): unknown {
  if (typeof value !== "string" || !/^U?(BIG|HUGE)INT$/.test(type)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** DuckDB's own words: what is wrong in the first line, often followed by the place or by names that come near. */
function sqlProblem(error: unknown): { readonly path: string; readonly message: string; readonly hint: string } {
  const [first = "", ...more] = (error instanceof Error ? error.message : String(error)).split("\n");
  const near = more.map((line) => line.trim()).find((line) => /^(Did you mean|Candidate)/i.test(line));
  const usual = 'the table is points; names with dots are in double quotes: "layout.tensor"';
  return { path: "sql", message: first, hint: near ?? usual };
}
