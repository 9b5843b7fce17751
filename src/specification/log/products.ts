/**
 * A table of matrix products: comma-separated lines under `device,m,n,k,format,seconds`, in any order of columns; or
 * JSON, `{"products": [{"device", "m", "n", "k", "format", "seconds"}]}`. The form is our own: the command of a
 * specification prints it.
 */

import { ProblemError } from "../../base/problem.ts";
import { isRecord, type MeasuredValue, objectIn, type Reading } from "./reading.ts";

const columns = ["m", "n", "k", "format", "seconds"] as const;

type Row = Readonly<Record<string, unknown>>;

interface Shape {
  readonly about: { readonly m: number; readonly n: number; readonly k: number; readonly format: string };
  readonly values: MeasuredValue[];
}

/** One reading a shape and format; undefined where the text is no such table. @throws ProblemError on broken rows. */
export function readProducts(text: string, file: string): readonly Reading[] | undefined {
  const rows = rowsOf(text);
  if (rows === undefined) return undefined;
  const shapes = new Map<string, Shape>();
  for (const [index, row] of rows.entries()) {
    const [m, n, k, seconds] = [row.m, row.n, row.k, row.seconds].map(Number);
    const format = String(row.format);
    if (!(Number(m) > 0 && Number(n) > 0 && Number(k) > 0 && Number(seconds) > 0)) {
      const message = `${file}: row ${index + 1} of the products has no positive m, n, k and seconds`;
      throw new ProblemError([{ path: "files", message, hint: "run the command of the specification again" }]);
    }
    const about: Shape["about"] = { m: Number(m), n: Number(n), k: Number(k), format };
    const key = JSON.stringify(about);
    const shape: Shape = shapes.get(key) ?? { about, values: [] };
    const of = row.device === undefined ? {} : { of: `accelerator ${String(row.device)}` };
    shape.values.push({ metric: "flopPerSecond", value: (2 * about.m * about.n * about.k) / Number(seconds), ...of });
    shapes.set(key, shape);
  }
  return [...shapes.values()].map((shape) => ({ kind: "gemm", file, notes: [], ...shape }));
}

function rowsOf(text: string): readonly Row[] | undefined {
  const products = objectIn(text)?.products;
  if (Array.isArray(products)) return products.filter(isRecord);
  const lines = text.split("\n").map((line) => line.trim());
  const at = lines.findIndex((line) => columns.every((name) => line.split(",").includes(name)));
  if (at < 0) return undefined;
  const names = (lines[at] ?? "").split(",");
  const rows = lines.slice(at + 1).filter((line) => line.split(",").length === names.length);
  return rows.map((line) => Object.fromEntries(line.split(",").map((word, index) => [names[index] ?? "", word])));
}
