/** A host without a machine, for tests: files in memory. */

import { ProblemError } from "../src/base/problem.ts";
import type { Host } from "../src/operations/host.ts";
import { inProcessExecutor } from "../src/operations/in-process.ts";

export interface MemoryHost extends Host {
  /** Files by path; writes land here. */
  readonly files: Map<string, string>;
  /** Those that are no text. */
  readonly bytes: Map<string, Uint8Array>;
  readonly messages: string[];
}

/** A host that holds these files. Relative paths are joined to the folder of the file that names them. */
export function memoryHost(files: Readonly<Record<string, string>> = {}): MemoryHost {
  const stored = new Map(Object.entries(files));
  const bytes = new Map<string, Uint8Array>();
  const missing = (path: string) => new ProblemError([{ path: "", message: `cannot read "${path}": no such file` }]);
  const messages: string[] = [];
  return {
    files: stored,
    bytes,
    messages,
    read(path, relativeTo) {
      const folder = relativeTo?.includes("/") ? relativeTo.slice(0, relativeTo.lastIndexOf("/") + 1) : "";
      const text = stored.get(folder + path.replace(/^\.\//, ""));
      if (text !== undefined) return Promise.resolve(text);
      return Promise.reject(missing(path));
    },
    readBytes(path) {
      const found = bytes.get(path) ?? (stored.has(path) ? new TextEncoder().encode(stored.get(path)) : undefined);
      return found === undefined ? Promise.reject(missing(path)) : Promise.resolve(found);
    },
    list: (folder) =>
      Promise.resolve([...stored.keys(), ...bytes.keys()].filter((path) => path.startsWith(`${folder}/`)).sort()),
    write(path, text) {
      stored.set(path, text);
      return Promise.resolve();
    },
    writeBytes(path, content) {
      bytes.set(path, content);
      return Promise.resolve();
    },
    replace(path, content) {
      if (typeof content === "string") stored.set(path, content);
      else bytes.set(path, content);
      return Promise.resolve();
    },
    append(path, text) {
      stored.set(path, (stored.get(path) ?? "") + text);
      return Promise.resolve();
    },
    makeFolder: () => Promise.resolve(),
    executor: () => inProcessExecutor,
    sql: () => Promise.reject(new Error("no database in memory")),
    print: () => Promise.reject(new Error("no browser in memory")),
    shipped: (path) => path,
    progress: (message) => messages.push(message),
    pause: () => Promise.resolve(),
    cancelled: () => false,
    now: () => 0,
  };
}
