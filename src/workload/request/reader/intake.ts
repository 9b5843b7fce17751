/**
 * Where readers put their rows: counts them, checks them, and keeps what is wrong with the place of it. Everything that
 * is the same for all formats happens here, so that a reader only knows its format.
 */

import type { Problem } from "../../../base/problem.ts";
import type { Seconds } from "../../../base/quantity.ts";
import { type RequestClass, RequestListBuilder, type RequestRow } from "../list.ts";
import type { ReadOptions } from "./format.ts";

/** So many bad lines are listed; the rest is counted. */
export const listedLines = 20;

/** A row as it stands in a file: not yet checked. */
export interface RawRow {
  /** Of a root the time; undefined where the line has none. Of a row with parents the delay after them. */
  readonly release: unknown;
  readonly input: unknown;
  readonly output: unknown;
  readonly ids?: ArrayLike<number>;
  readonly covered?: number;
  readonly parents?: readonly number[];
  readonly session?: number;
  readonly classIndex?: number;
  readonly adapter?: number;
}

export interface IntakeResult {
  readonly problems: readonly Problem[];
  readonly skipped: number;
  readonly clipped: number;
  readonly notes: readonly string[];
}

export class Intake {
  readonly classes: RequestClass[] = [];
  readonly adapters: string[] = [];
  private builder: RequestListBuilder | undefined;
  private readonly options: ReadOptions;
  private readonly problems: Problem[] = [];
  private readonly failures: Problem[] = [];
  private readonly notes: string[] = [];
  private bad = 0;
  private clipped = 0;
  private last = 0;
  private chunkTokens = 1;
  private concurrency = 0;
  /** File and line that are being read. */
  private file = "";
  private line = 0;

  constructor(options: ReadOptions) {
    this.options = options;
  }

  /** What holds for all rows; to be said before the first. */
  begin(shape: { readonly chunkTokens?: number; readonly concurrency?: number }): void {
    this.chunkTokens = shape.chunkTokens ?? 1;
    this.concurrency = shape.concurrency ?? 0;
  }

  at(file: string, line: number): void {
    this.file = file;
    this.line = line;
  }

  get size(): number {
    return this.builder?.size ?? 0;
  }

  get full(): boolean {
    return this.size >= this.options.limit;
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** The line that is being read cannot be used. */
  reject(message: string, hint?: string): void {
    this.bad += 1;
    if (this.problems.length < listedLines) this.problems.push(this.problem(message, hint));
  }

  /** Something is wrong with the workload as a whole; never skipped. */
  fail(message: string, hint?: string): void {
    this.failures.push({ path: "", message, ...(hint === undefined ? {} : { hint }) });
  }

  /** Check a row and add it; returns its index, or -1 when the line cannot be used. */
  add(row: RawRow): number {
    const { release, input, output, parents = [] } = row;
    const root = parents.length === 0;
    if (!isTime(release))
      return this.refuse(`${root ? "time" : "delay"} ${shown(release)}: expected a number of 0 or more`);
    if (!isCount(input)) return this.refuse(`prompt of ${shown(input)} tokens: expected a whole number of 1 or more`);
    if (!isCount(output)) return this.refuse(`output of ${shown(output)} tokens: expected a whole number of 1 or more`);
    if (root && release < this.last) {
      return this.refuse(`time ${release} s is before ${this.last} s of an earlier line: expected times in order`);
    }
    const fitted = this.fit(input, output);
    if (fitted === undefined) {
      const hint = "clip longer requests, or leave them out with the bad lines";
      return this.refuse(`${input} + ${output} tokens: longer than the context of ${this.options.lengthMax}`, hint);
    }
    if (root) this.last = release;
    return this.rows.add(checked(row, release, fitted));
  }

  result(): IntakeResult {
    const report = this.options.badLines === "report";
    const unlisted = this.bad - this.problems.length;
    const rest: Problem[] = unlisted > 0 ? [{ path: "", message: `${unlisted} further lines cannot be read` }] : [];
    return {
      problems: [...this.failures, ...(report ? [...this.problems, ...rest] : [])],
      skipped: report ? 0 : this.bad,
      clipped: this.clipped,
      notes: this.notes,
    };
  }

  get rows(): RequestListBuilder {
    this.builder ??= new RequestListBuilder({
      chunkTokens: this.chunkTokens,
      classes: this.classes.length > 0 ? this.classes : plainClasses,
      adapters: this.adapters,
      concurrency: this.concurrency,
    });
    return this.builder;
  }

  private refuse(message: string, hint?: string): -1 {
    this.reject(message, hint);
    return -1;
  }

  private problem(message: string, hint?: string): Problem {
    const location = { file: this.file, line: this.line, column: 1 };
    return { path: "", message, location, ...(hint === undefined ? {} : { hint }) };
  }

  /** Lengths that the context holds: the prompt loses its end first, the output gets what is left. */
  private fit(input: number, output: number): { input: number; output: number } | undefined {
    const { lengthMax, longer } = this.options;
    if (input + output <= lengthMax) return { input, output };
    if (longer === "report" || lengthMax < 2) return undefined;
    this.clipped += 1;
    const prompt = Math.min(input, lengthMax - 1);
    return { input: prompt, output: Math.min(output, lengthMax - prompt) };
  }
}

const plainClasses: readonly RequestClass[] = [{ name: "all", priority: 0, timeout: Number.POSITIVE_INFINITY }];

function checked(row: RawRow, release: Seconds, lengths: { input: number; output: number }): RequestRow {
  const { ids, covered, parents, session, classIndex, adapter } = row;
  return {
    release,
    ...lengths,
    ...(ids === undefined ? {} : { ids }),
    // What was cut off is no content any more.
    ...(covered === undefined ? {} : { covered: Math.min(covered, lengths.input) }),
    ...(parents === undefined ? {} : { parents }),
    ...(session === undefined ? {} : { session }),
    ...(classIndex === undefined ? {} : { classIndex }),
    ...(adapter === undefined ? {} : { adapter }),
  };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value < 2 ** 31;
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
