/** Reads kernel tables (Parquet) as plain rows; only the columns asked for. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

export type Row = Readonly<Record<string, number | string>>;

/** Folder name of the tables of each accelerator, and its name in the catalog. */
export const systems: Readonly<Record<string, string>> = {
  a100_sxm: "a100-sxm-80gb",
  l40s: "l40s",
  h100_sxm: "h100-sxm",
  h200_sxm: "h200-sxm",
  b200_sxm: "b200-sxm",
  gb200: "gb200",
};

export interface Table {
  readonly version: string;
  readonly rows: readonly Row[];
}

/** Rows of `SYSTEM/FAMILY/BACKEND/VERSION/OPERATOR.parquet`; undefined where there is no such table. */
export async function readTable(
  shared: string,
  at: { readonly system: string; readonly family: string; readonly backend: string; readonly operator: string },
  columns: readonly string[],
): Promise<Table | undefined> {
  const folder = join(shared, "data/kernels/aiconfigurator/systems/data", at.system, at.family, at.backend);
  if (!existsSync(folder)) return undefined;
  for (const version of readdirSync(folder).sort()) {
    const path = join(folder, version, `${at.operator}.parquet`);
    if (!existsSync(path)) continue;
    return { version, rows: await readParquet(path, columns) };
  }
  return undefined;
}

/** INT64 columns arrive as BigInt and leave as numbers; columns that a file lacks are left out. */
export async function readParquet(path: string, columns: readonly string[]): Promise<readonly Row[]> {
  const file = await asyncBufferFromFile(path);
  const { parquetMetadataAsync } = await import("hyparquet");
  const metadata = await parquetMetadataAsync(file);
  const present = new Set(metadata.schema.map((element) => element.name));
  const objects = await parquetReadObjects({
    file,
    metadata,
    columns: columns.filter((column) => present.has(column)),
    compressors,
  });
  return objects.map((object) => {
    const row: Record<string, number | string> = {};
    for (const [key, value] of Object.entries(object)) {
      if (typeof value === "bigint") row[key] = Number(value);
      else if (typeof value === "number" || typeof value === "string") row[key] = value;
    }
    return row;
  });
}

/** A numeric cell; a missing one is our own mistake. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new Error(`column ${column} is not a number: ${String(value)}`);
  return value;
}

/** Seconds of one call; tables hold milliseconds. */
export function latency(row: Row): number {
  return number(row, "latency") * 1e-3;
}
