/** The host of a Node process: files, standard input, messages on standard error. */

import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, parse, resolve } from "node:path";
import { ProblemError } from "../../../src/base/problem.ts";
import { suggestion } from "../../../src/base/suggestion.ts";
import type { Host } from "../../../src/operations/host.ts";
import { inProcessExecutor } from "../../../src/operations/in-process.ts";
import { sqlOver } from "./duckdb.ts";
import { packageFolder } from "./package-folder.ts";
import { printed } from "./print.ts";
import { threadExecutor } from "./threads.ts";

export interface NodeHostOptions {
  /** Where relative paths start. */
  readonly folder: string;
  readonly readStandardInput: () => Promise<Uint8Array>;
  readonly message: (text: string) => void;
  readonly cancelled?: () => boolean;
  /** Told before work that asks `cancelled` again and again: from now on an interruption need not end the process. */
  readonly interruptible?: () => void;
}

export { packageFolder } from "./package-folder.ts";

/** A host on this machine's files. */
export function nodeHost(options: NodeHostOptions): Host {
  const place = (path: string, relativeTo?: string): string =>
    resolve(options.folder, relativeTo === undefined ? "." : dirname(relativeTo), path);
  const bytesOf = (path: string, file: string): Promise<Uint8Array> =>
    readFile(file).catch(async (error: unknown) => refuse("read", path, error, await hintFor(error, path, file)));
  const put = async (path: string, content: string | Uint8Array): Promise<void> => {
    await writeFile(place(path), content).catch((error: unknown) => refuse("write", path, error));
  };
  return {
    async read(path, relativeTo) {
      if (path === "-") return textOf(await options.readStandardInput(), "standard input");
      return textOf(await bytesOf(path, place(path, relativeTo)), `"${path}"`);
    },
    readBytes: (path) => (path === "-" ? options.readStandardInput() : bytesOf(path, place(path))),
    async list(folder) {
      const files = await readdir(place(folder), { withFileTypes: true }).catch((error: unknown) =>
        refuse("list", folder, error),
      );
      return files
        .filter((entry) => entry.isFile())
        .map((entry) => join(folder, entry.name))
        .sort();
    },
    write: put,
    writeBytes: put,
    async replace(path, content) {
      const file = place(path);
      const partial = `${file}.partial`;
      await writeFile(partial, content)
        .then(() => rename(partial, file))
        .catch(async (error: unknown) => {
          await rm(partial, { force: true }).catch(() => undefined);
          refuse("write", path, error);
        });
    },
    async append(path, text) {
      await appendFile(place(path), text).catch((error: unknown) => refuse("write", path, error));
    },
    async makeFolder(path) {
      await mkdir(place(path), { recursive: true }).catch((error: unknown) => refuse("make", path, error));
    },
    executor(width) {
      options.interruptible?.();
      // One thread beside this one hears an interruption at once, where one core is all there is.
      return width === 1 ? inProcessExecutor : threadExecutor(width ?? availableParallelism());
    },
    sql: (path, statement) => sqlOver(place(path), statement, options.folder),
    print: printed,
    shipped: (path) => join(packageFolder(), path),
    progress: options.message,
    pause() {
      options.interruptible?.();
      return new Promise((resolve) => setImmediate(resolve));
    },
    cancelled: options.cancelled ?? (() => false),
    now: () => performance.now() / 1000,
  };
}

/** Text of a file in UTF-8, with or without a byte order mark; anything else would only lead to stranger mistakes. */
function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError([{ path: "", message: `cannot read ${name}: it is not text in UTF-8` }]);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  ENOTDIR: "a part of the path is not a folder",
  ENOSPC: "no space left",
  EDQUOT: "no space left in the quota",
  EEXIST: "a file of that name is in the way",
  EROFS: "it is on a disk that cannot be written",
};

function refuse(action: string, path: string, error: unknown, hint?: string): never {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const reason = code === "ENOENT" && action !== "read" ? "no such folder" : reasons[code];
  const message = `cannot ${action} "${path}": ${reason ?? (error as Error).message}`;
  throw new ProblemError([{ path: "", message, ...(hint === undefined ? {} : { hint }) }]);
}

/** What to try where a file cannot be read. */
async function hintFor(error: unknown, path: string, file: string): Promise<string | undefined> {
  const { code } = error as NodeJS.ErrnoException;
  const found = code === "ENOENT" ? await nearby(file) : code === "EISDIR" ? await onlyFile(path, file) : undefined;
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

/** A file of nearly that name in the same folder; endings do not count. */
async function nearby(file: string): Promise<string | undefined> {
  const names = await readdir(dirname(file)).catch((): string[] => []);
  const stems = names.map((name) => parse(name).name);
  const near = suggestion(parse(file).name, stems);
  return near === undefined ? undefined : names[stems.indexOf(near)];
}

/** The one scenario in a folder that was named in its place. */
async function onlyFile(path: string, folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  const scenarios = names.filter((name) => /\.ya?ml$/.test(name));
  return scenarios.length === 1 ? join(path, scenarios[0] ?? "") : undefined;
}
