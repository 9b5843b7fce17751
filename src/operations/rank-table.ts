/**
 * A file of measured rank times: CSV with a header, or one JSON object a line. One row for a rank (or a cell: a stage of
 * a data rank) in a step, or in one micro-batch of it.
 *
 *     step, rank                   or  step, data, stage and optionally tensor
 *     microBatch                   optional; without it a row sums all micro-batches of the step
 *     forward, backward            or  computation, both together
 *     communication                optional: transfers without waiting for peers
 *
 * A time is text with a unit, or the column's name says the unit: `forward [ms]`. Empty lines and `#` are skipped.
 */

import { type Problem, ProblemError } from "../base/problem.ts";
import { parseQuantity } from "../base/quantity.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Layout, RankTable, TimeKind } from "../training/index.ts";

export interface TableContext {
  readonly file: string;
  readonly layout: Layout;
  readonly microBatches: number;
}

interface Row {
  readonly line: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

const counts = ["step", "rank", "data", "stage", "tensor", "microBatch"] as const;
const times = ["forward", "backward", "computation", "communication"] as const satisfies readonly TimeKind[];
const columns: readonly string[] = [...counts, ...times];

/** Most problems that are told one by one. */
const problemsMost = 20;

interface Problems {
  add(line: number, message: string, hint?: string): void;
  throwIfAny(): void;
}

function problemsOf(file: string): Problems {
  const found: Problem[] = [];
  return {
    add(line, message, hint) {
      const location = { file, line, column: 1 };
      found.push({ path: "ranks", message, location, ...(hint === undefined ? {} : { hint }) });
    },
    throwIfAny() {
      if (found.length === 0) return;
      const left = found.length - problemsMost;
      const more = left > 0 ? [{ path: "ranks", message: `and ${left} more problems in ${file}` }] : [];
      throw new ProblemError([...found.slice(0, problemsMost), ...more]);
    },
  };
}

/**
 * Reads a table of the layout.
 * @throws ProblemError with the line of each problem: columns, numbers, ranks that do not exist, twice or not at all.
 */
export function parseRankTable(text: string, context: TableContext): RankTable {
  const problems = problemsOf(context.file);
  const rows = rowsOfText(text, problems);
  if (rows.length === 0) problems.add(1, "no rows; expected a header and one row for each rank and step");
  problems.throwIfAny();
  const present = columnsOf(rows, problems);
  problems.throwIfAny();
  return filledTable(rows, present, context, problems);
}

function rowsOfText(text: string, problems: Problems): readonly Row[] {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.trim(), line: index + 1 }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
  if (lines[0]?.text.startsWith("{") === true) {
    return lines.flatMap(({ text: json, line }) => objectOf(json, line, problems));
  }
  const names = (lines[0]?.text ?? "").split(",").map((name) => name.trim());
  return lines.slice(1).flatMap(({ text: row, line }) => {
    const cells = row.split(",").map((cell) => cell.trim());
    if (cells.length === names.length) {
      return [{ line, cells: Object.fromEntries(names.map((name, index) => [name, cells[index]])) }];
    }
    problems.add(line, `${cells.length} values, expected ${names.length}: ${names.join(", ")}`);
    return [];
  });
}

function objectOf(json: string, line: number, problems: Problems): Row[] {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return [{ line, cells: value as Row["cells"] }];
    }
  } catch {
    // Said below, like a value that is no object.
  }
  problems.add(line, "not a JSON object", 'each line is one, e.g. {"step": 0, "rank": 3, "forward": "1.2 s", …}');
  return [];
}

/** Columns by name, with what the file calls them and the unit in their name. */
type Present = Readonly<Record<string, { readonly written: string; readonly unit: string }>>;

function columnsOf(rows: readonly Row[], problems: Problems): Present {
  const present: Record<string, { written: string; unit: string }> = {};
  const line = rows[0]?.line ?? 1;
  for (const written of Object.keys(rows[0]?.cells ?? {})) {
    const [, name = written, unit = ""] = /^(\S+)\s*\[(.*)\]$/.exec(written) ?? [];
    if (columns.includes(name)) present[name] = { written, unit };
    else {
      const near = suggestion(name, columns);
      problems.add(
        line,
        `unknown column "${name}"`,
        near === undefined ? `known: ${columns.join(", ")}` : `did you mean "${near}"?`,
      );
    }
  }
  const has = (name: string): boolean => present[name] !== undefined;
  const want = (holds: boolean, message: string, hint: string): void => {
    if (!holds) problems.add(line, message, hint);
  };
  want(has("step"), "no column step", "the number of the training step");
  want(
    has("rank") !== (has("data") && has("stage")),
    "expected either rank, or data and stage",
    "rank is the global rank; data and stage are its positions",
  );
  want(!has("tensor") || !has("rank"), "tensor goes with data and stage, not with rank", "remove the column");
  want(
    has("computation") !== (has("forward") && has("backward")) && has("forward") === has("backward"),
    "expected either computation, or forward and backward",
    "times of the two passes, or of both together",
  );
  return present;
}

function filledTable(rows: readonly Row[], present: Present, context: TableContext, problems: Problems): RankTable {
  const { layout, microBatches } = context;
  const steps = stepsOf(rows, present, problems);
  const named = present.rank === undefined ? "cells" : "ranks";
  const cell = layout.tensor * layout.context;
  const members = named === "ranks" ? cell : present.tensor === undefined ? 1 : layout.tensor;
  const ranks = layout.pipeline * layout.data * members;
  const rowsEach = present.microBatch === undefined ? 1 : microBatches;
  const kinds = times.filter((kind) => present[kind] !== undefined);
  const values = Object.fromEntries(kinds.map((kind) => [kind, new Float64Array(steps.size * rowsEach * ranks)]));
  const seen = new Map<number, number>();
  for (const row of rows) {
    const rank = rankOf(row, present, layout, problems);
    const microBatch = indexOf(row, present, "microBatch", rowsEach, problems) ?? 0;
    const step = steps.get(Number(row.cells[present.step?.written ?? ""]));
    if (rank === undefined || step === undefined) continue;
    const entry = (step * rowsEach + microBatch) * ranks + rank;
    const before = seen.get(entry);
    if (before !== undefined) {
      problems.add(row.line, `the same rank, step and micro-batch as line ${before}`, "one row each");
      continue;
    }
    seen.set(entry, row.line);
    for (const kind of kinds) {
      const time = timeOf(row, present[kind], kind, problems);
      const column = values[kind];
      // A row that sums the micro-batches of a step stands for each of them.
      if (column !== undefined) column[entry] = present.microBatch === undefined ? time / microBatches : time;
    }
  }
  problems.throwIfAny();
  missingRows({ steps: [...steps.keys()], rowsEach, ranks, seen, last: rows.at(-1)?.line ?? 1 }, problems);
  const computed = kinds.some((kind) => kind !== "communication" && values[kind]?.some((time) => time > 0) === true);
  if (!computed) {
    problems.add(rows[0]?.line ?? 1, "no rank computes: every time is 0", "expected times of the passes of each rank");
  }
  problems.throwIfAny();
  return {
    steps: [...steps.keys()],
    rows: present.microBatch === undefined ? "step" : "micro-batch",
    microBatches,
    stages: layout.pipeline,
    dataRanks: layout.data,
    members,
    named,
    times: values,
  };
}

/** Index of each step by its number, in the order of the file. */
function stepsOf(rows: readonly Row[], present: Present, problems: Problems): Map<number, number> {
  const steps = new Map<number, number>();
  for (const row of rows) {
    const step = indexOf(row, present, "step", Number.POSITIVE_INFINITY, problems);
    if (step !== undefined && !steps.has(step)) steps.set(step, steps.size);
  }
  return steps;
}

/** Global rank, or number of the cell. */
function rankOf(row: Row, present: Present, layout: Layout, problems: Problems): number | undefined {
  const { tensor, context, pipeline, data } = layout;
  if (present.rank !== undefined) return indexOf(row, present, "rank", tensor * context * pipeline * data, problems);
  const dataRank = indexOf(row, present, "data", data, problems);
  const stage = indexOf(row, present, "stage", pipeline, problems);
  if (dataRank === undefined || stage === undefined) return undefined;
  const cell = stage * data + dataRank;
  if (present.tensor === undefined) return cell;
  const member = indexOf(row, present, "tensor", tensor, problems);
  return member === undefined ? undefined : cell * tensor + member;
}

/** A whole number of a column from 0 to below the limit; absent where the column is, or where it is wrong. */
function indexOf(
  { cells, line }: Row,
  present: Present,
  name: (typeof counts)[number],
  limit: number,
  problems: Problems,
): number | undefined {
  const column = present[name];
  if (column === undefined) return undefined;
  const found = cells[column.written];
  const value = typeof found === "string" && /^\d+$/.test(found) ? Number(found) : found;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < limit) return value;
  const range = limit === Number.POSITIVE_INFINITY ? "a whole number from 0" : `a whole number from 0 to ${limit - 1}`;
  problems.add(line, `${name}: found ${found === undefined ? "nothing" : JSON.stringify(found)}, expected ${range}`);
  return undefined;
}

function timeOf({ cells, line }: Row, column: Present[string] | undefined, name: string, problems: Problems): number {
  const found = cells[column?.written ?? name];
  const bare = typeof found === "number" || (typeof found === "string" && /^[\d.eE+-]+$/.test(found));
  const text = bare && column?.unit !== "" ? `${String(found)} ${column?.unit}` : found;
  const parsed = parseQuantity(text, "seconds");
  if (parsed.ok) return parsed.value;
  problems.add(line, `${name}: ${parsed.message}`, `write a unit, or name the column "${name} [ms]"`);
  return 0;
}

/** Every rank needs a row in every step and micro-batch: what is missing, by step. */
function missingRows(
  table: { steps: readonly number[]; rowsEach: number; ranks: number; seen: ReadonlyMap<number, number>; last: number },
  problems: Problems,
): void {
  const { steps, rowsEach, ranks, seen, last } = table;
  steps.forEach((step, index) => {
    const missing: string[] = [];
    for (let rank = 0; rank < ranks; rank++) {
      for (let row = 0; row < rowsEach; row++) {
        if (!seen.has((index * rowsEach + row) * ranks + rank)) {
          missing.push(rowsEach === 1 ? String(rank) : `${rank} (micro-batch ${row})`);
        }
      }
    }
    if (missing.length === 0) return;
    const shown = missing.slice(0, 5).join(", ");
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
    const message = `step ${step} has ${missing.length} of ${ranks * rowsEach} rows missing: ranks ${shown}${more}`;
    problems.add(last, message, "every rank of the layout needs a row in every step");
  });
}
