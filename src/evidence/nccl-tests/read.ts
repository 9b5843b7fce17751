/**
 * Output of nccl-tests and rccl-tests as people paste it: several runs in one text, prefixes of launchers, colours,
 * quotes and fences of issue threads, messages of the library in between, tables without header or cut off.
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { firstLine, linesOf, looks } from "../log/text.ts";
import { beginsRun, emptyContext, readContext } from "./context.ts";
import { type Columns, columnsOf, type NcclRow, rowOf } from "./row.ts";
import type { NcclTable } from "./table.ts";
import { writtenTable } from "./written.ts";

/** Longer lines hold no row, and patterns are not run over them. */
const lengthMost = 4000;
const average = /Avg bus bandwidth\s*:\s*(\d+(?:\.\d+)?)/;

/**
 * All tables of a log, in its order; of a result that was written for programs, its one.
 * @throws ProblemError where there is none: what was expected, and what the text looks like.
 */
export function readNcclTests(text: string, file: string): readonly NcclTable[] {
  const written = writtenTable(text, file);
  if (written !== undefined) return [written];
  const lines = linesOf(text);
  const reader = new Reader();
  lines.forEach((line, index) => {
    if (line.length <= lengthMost) reader.take(line, index + 1);
  });
  const tables = reader.end();
  if (tables.length === 0) throw new ProblemError([noTable(lines, file, reader)]);
  return tables;
}

/** What is known between one line and the next. */
class Reader {
  readonly tables: NcclTable[] = [];
  firstDamaged: number | undefined;
  private context = emptyContext();
  private columns: Columns | undefined;
  private rows: NcclRow[] = [];
  private damaged: number[] = [];

  take(raw: string, number: number): void {
    // Launchers put the rank before each line: [1,0]<stdout>: or, from mpirun 5, [1,0]<stdout> and a space.
    const line = raw.replace(/^.*?<std(?:out|err)>:?/, "").replaceAll("|", " ");
    const words = line.trim().split(/\s+/);
    const columns = columnsOf(words);
    if (columns !== undefined) {
      this.close();
      this.columns = columns;
      return;
    }
    const row = rowOf(words, number, this.columns);
    if (row === "damaged") {
      this.firstDamaged ??= number;
      this.damaged.push(number);
    } else if (row !== undefined) this.add(row);
    else this.around(line);
  }

  end(): readonly NcclTable[] {
    this.close();
    return this.tables;
  }

  private add(row: NcclRow): void {
    const last = this.rows.at(-1);
    // Sizes only grow within a sweep: a smaller one begins the next, of the same ranks.
    if (last !== undefined && row.size < last.size) this.close("same ranks");
    this.rows.push(row);
  }

  private around(line: string): void {
    const mean = average.exec(line);
    if (mean !== null) {
      this.close("new ranks", Number(mean[1]));
      return;
    }
    if (this.rows.length > 0 && beginsRun(line)) this.close();
    readContext(line, this.context);
  }

  /** Ends the table, if there is one; what stood above it is not of the next. */
  private close(next: "new ranks" | "same ranks" = "new ranks", mean?: number): void {
    if (this.rows.length === 0 && this.damaged.length === 0) return;
    const [first] = this.rows;
    if (first !== undefined) {
      this.tables.push({
        ...this.context,
        rows: this.rows,
        line: first.line,
        damaged: this.damaged,
        ...(this.columns === undefined ? {} : { columns: this.columns }),
        ...(mean === undefined ? {} : { average: mean }),
      });
    }
    this.rows = [];
    this.damaged = [];
    if (next === "same ranks") return;
    this.columns = undefined;
    const { library } = this.context;
    this.context = { ...emptyContext(), library };
  }
}

const wanted =
  "the table that all_reduce_perf and its sisters print: size count type redop root time algbw busbw, one row a size";

function noTable(lines: readonly string[], file: string, { firstDamaged }: Reader): Problem {
  const first = firstLine(lines);
  if (first === undefined) return { path: "", message: `"${file}" is empty, expected an nccl-tests log`, hint: wanted };
  if (firstDamaged !== undefined) {
    const message = "rows like those of nccl-tests, but no bandwidth follows from its size and time";
    return { path: "", message, hint: wanted, location: { file, line: firstDamaged, column: 1 } };
  }
  const count = `${lines.length} line${lines.length === 1 ? "" : "s"}`;
  const message = `no row of nccl-tests in the ${count} of "${file}", which ${looks(first.shown)} and begins "${first.shown}"`;
  return { path: "", message, hint: wanted, location: { file, line: first.line, column: 1 } };
}
