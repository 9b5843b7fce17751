/** Reads the measured communication tables below the shared folder: AIConfigurator (Parquet) and Vidur (CSV). */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

export type Row = Readonly<Record<string, string | number>>;

/** Rows of one Parquet file; 64-bit integers become numbers. */
export async function parquetRows(path: string): Promise<Row[]> {
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, compressors });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row as Record<string, unknown>).map(([key, value]) => [
        key,
        typeof value === "bigint" ? Number(value) : (value as string | number),
      ]),
    ),
  );
}

/** All rows of one table of one system over its library versions, in the order of the version names. */
export async function systemRows(
  sharedRoot: string,
  system: string,
  library: string,
  table: string,
): Promise<{ rows: Row[]; files: string[] }> {
  const folder = join(sharedRoot, "data/kernels/aiconfigurator/systems/data", system, "comm", library);
  const rows: Row[] = [];
  const files: string[] = [];
  if (!existsSync(folder)) return { rows, files };
  for (const version of readdirSync(folder).sort()) {
    const path = join(folder, version, `${table}.parquet`);
    if (!existsSync(path)) continue;
    for (const row of await parquetRows(path)) rows.push({ ...row, table_version: version });
    files.push(`${system}/comm/${library}/${version}/${table}`);
  }
  return { rows, files };
}

export function vidurRows(sharedRoot: string, machine: string, operation: string): Row[] {
  const path = join(sharedRoot, "data/kernels/vidur/network", machine, `${operation}.csv.gz`);
  const text = gunzipSync(readFileSync(path)).toString("utf8");
  return parse(text, { columns: true, cast: true }) as Row[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
