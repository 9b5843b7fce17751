/** What operations need of the world around them. Implementations live in `apps/host`. */

import type { Seconds } from "../base/quantity.ts";
import type { Job, JobName, JobResult, JobTask } from "./jobs.ts";

/** Where work comes from and where its results go. */
export interface WorkSource<Name extends JobName> {
  /** The next tasks for one executor, now or once others are done; undefined where there are none, or work is to stop. */
  next(): Promise<readonly JobTask<Name>[] | undefined>;
  /** Results of tasks in their order. Batches come back in any order; the executor waits before it asks for more. */
  done(results: readonly JobResult<Name>[]): Promise<void>;
}

/** Runs the tasks of a job: in this process, on worker threads, on other machines. */
export interface Executor {
  /** Batches that run at once. */
  readonly width: number;
  /** Ends when the source has no more and all that was handed out is done. */
  run<Name extends JobName>(job: Job<Name>, source: WorkSource<Name>): Promise<void>;
}

/** A table that a database answers with. */
export interface SqlTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface Host {
  /**
   * Text of a file; `-` is standard input. A relative path is meant from the folder of `relativeTo` where given.
   * Rejects with a ProblemError when it cannot be read.
   */
  read(path: string, relativeTo?: string): Promise<string>;
  /** Paths of the files directly in a folder, sorted. Rejects with a ProblemError when it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  /** Bytes of a file that is no text. */
  readBytes(path: string): Promise<Uint8Array>;
  /** Writes a file. Rejects with a ProblemError when it cannot be written. */
  write(path: string, text: string): Promise<void>;
  writeBytes(path: string, bytes: Uint8Array): Promise<void>;
  /** Writes a file whole or not at all: whoever reads it finds the old content or the new. */
  replace(path: string, content: string | Uint8Array): Promise<void>;
  /** Adds text to the end of a file, which is made where there is none. Rejects with a ProblemError when it cannot. */
  append(path: string, text: string): Promise<void>;
  /** Makes a folder and those above it, where they are not there. */
  makeFolder(path: string): Promise<void>;
  /** What runs jobs; as wide as the machine where no width is given. */
  executor(width?: number): Executor;
  /** The answer of a statement over a Parquet file, whose rows are the table `points`. Rejects with a ProblemError. */
  sql(file: string, statement: string): Promise<SqlTable>;
  /** A page as a printed document (PDF). Rejects with a ProblemError where this machine has no browser to print with. */
  print(html: string): Promise<Uint8Array>;
  /** Path of a file or folder that ships with the package, e.g. `evidence`. */
  shipped(path: string): string;
  /** Tells the user how far a long operation is; never part of the result. */
  progress(message: string): void;
  /** A moment in which signals are heard. From the first on an interruption need not end the process: work asks `cancelled`. */
  pause(): Promise<void>;
  /** True once the user wants to stop. */
  cancelled(): boolean;
  /** A clock that may limit time, never results. */
  now(): Seconds;
}
