/** A table of results, however it was written. */

import type { Context } from "./context.ts";
import type { Columns, NcclRow } from "./row.ts";

/** One table with what stood above it. */
export interface NcclTable extends Omit<Context, "ranks"> {
  readonly ranks: Context["ranks"];
  readonly rows: readonly NcclRow[];
  /** The line of the first row. */
  readonly line: number;
  readonly columns?: Columns;
  /** `Avg bus bandwidth` as printed, GB/s. */
  readonly average?: number;
  /** Lines of rows that do not hold together. */
  readonly damaged: readonly number[];
}
