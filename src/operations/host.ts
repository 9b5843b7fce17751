/** What operations need of the world around them. Implementations live in `apps/host`. */

import type { Seconds } from "../base/quantity.ts";

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
  /** Path of a file or folder that ships with the package, e.g. `evidence`. */
  shipped(path: string): string;
  /** Tells the user how far a long operation is; never part of the result. */
  progress(message: string): void;
  /** True once the user wants to stop. */
  cancelled(): boolean;
  /** A clock that may limit time, never results. */
  now(): Seconds;
}
