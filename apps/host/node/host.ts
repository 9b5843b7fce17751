/** The host of a Node process: files, standard input, messages on standard error. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ProblemError } from "../../../src/base/problem.ts";
import { suggestion } from "../../../src/base/suggestion.ts";
import type { Host } from "../../../src/operations/host.ts";

export interface NodeHostOptions {
  /** Where relative paths start. */
  readonly folder: string;
  readonly readStandardInput: () => Promise<string>;
  readonly message: (text: string) => void;
  readonly cancelled?: () => boolean;
}

/** A host on this machine's files. */
export function nodeHost(options: NodeHostOptions): Host {
  const place = (path: string, relativeTo?: string): string =>
    resolve(options.folder, relativeTo === undefined ? "." : dirname(relativeTo), path);
  return {
    async read(path, relativeTo) {
      if (path === "-") return options.readStandardInput();
      const file = place(path, relativeTo);
      return readFile(file, "utf8").catch(async (error: unknown) => refuse("read", path, error, await nearby(file)));
    },
    async list(folder) {
      const files = await readdir(place(folder), { withFileTypes: true }).catch((error: unknown) =>
        refuse("read", folder, error),
      );
      return files
        .filter((entry) => entry.isFile())
        .map((entry) => join(folder, entry.name))
        .sort();
    },
    async write(path, text) {
      await writeFile(place(path), text).catch((error: unknown) => refuse("write", path, error));
    },
    shipped: (path) => join(packageFolder(), path),
    progress: options.message,
    cancelled: options.cancelled ?? (() => false),
    now: () => performance.now() / 1000,
  };
}

/** The package this file is part of, run from source or from dist. */
export function packageFolder(): string {
  const here = fileURLToPath(import.meta.url);
  const depth = here.endsWith(".ts") ? "../../.." : "../../../..";
  return resolve(dirname(here), depth);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  ENOTDIR: "a part of the path is not a folder",
  ENOSPC: "no space left",
};

function refuse(action: string, path: string, error: unknown, hint?: string): never {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const message = `cannot ${action} "${path}": ${reasons[code] ?? (error as Error).message}`;
  throw new ProblemError([{ path: "", message, ...(hint === undefined ? {} : { hint }) }]);
}

/** A file of nearly that name in the same folder. */
async function nearby(file: string): Promise<string | undefined> {
  const names = await readdir(dirname(file)).catch(() => []);
  const near = suggestion(basename(file), names);
  return near === undefined || near === basename(file) ? undefined : `did you mean "${near}"?`;
}
