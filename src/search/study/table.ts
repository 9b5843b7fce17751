/** The rows of a study as columns: what `results.parquet` holds. */

import { type Dimension, dimensions, parseQuantity } from "../../base/quantity.ts";
import type { Limit } from "./goals.ts";
import { lacksOf } from "./judge.ts";
import { canonical } from "./outcome.ts";
import type { Column } from "./parquet/write.ts";
import type { Row } from "./summary.ts";

/** Point and key, the varied fields, what came of it, then the metrics by name. Missing values are gaps. */
export function columnsOf(
  fields: readonly string[],
  rows: readonly Row[],
  limits: readonly Limit[],
): readonly Column[] {
  const outcomes = rows.map(({ outcome }) => outcome);
  const metrics = [...new Set(outcomes.flatMap((outcome) => Object.keys(outcome.metrics)))].sort();
  return [
    { name: "point", type: "count", values: rows.map(({ point }) => point) },
    { name: "key", type: "text", values: rows.map(({ key }) => key) },
    ...fields.flatMap((field, index) =>
      fieldColumns(
        field,
        rows.map(({ values }) => values[index]),
      ),
    ),
    ...(outcomes.some(({ found }) => found !== undefined)
      ? [{ name: "found", type: "text", values: outcomes.map(({ found }) => found && canonical(found)) } as const]
      : []),
    { name: "status", type: "text", values: outcomes.map(({ status }) => status) },
    { name: "meets", type: "flag", values: outcomes.map((outcome) => lacksOf(outcome, limits).length === 0) },
    { name: "binding", type: "text", values: outcomes.map(({ binding }) => binding?.resource) },
    { name: "verdict", type: "text", values: outcomes.map(({ verdict }) => verdict) },
    { name: "problem", type: "text", values: outcomes.map(({ problem }) => problem) },
    ...metrics.map(
      (name): Column => ({ name, type: "number", values: outcomes.map((outcome) => outcome.metrics[name]) }),
    ),
  ];
}

/** A field as it was written; text with a unit has a second column `<field>.value` in SI units. */
function fieldColumns(field: string, values: readonly unknown[]): readonly Column[] {
  if (values.every((value) => typeof value === "number")) return [{ name: field, type: "number", values }];
  const text = values.map((value) => (typeof value === "string" ? value : canonical(value)));
  const written: Column = { name: field, type: "text", values: text };
  const measured = measuredBy(values);
  return measured === undefined ? [written] : [written, { name: `${field}.value`, type: "number", values: measured }];
}

/** All values in the one dimension that reads them. */
export function measuredBy(values: readonly unknown[]): readonly number[] | undefined {
  for (const dimension of Object.keys(dimensions) as Dimension[]) {
    const known = new Map<unknown, number>();
    const readable = values.every((value) => {
      if (known.has(value)) return true;
      const parsed = parseQuantity(value, dimension);
      if (parsed.ok) known.set(value, parsed.value);
      return parsed.ok;
    });
    if (readable) return values.map((value) => known.get(value) as number);
  }
  return undefined;
}
