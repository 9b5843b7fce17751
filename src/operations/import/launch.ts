/** `import launch`: the file, the files that it names, and the scenario that they give. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { importLaunch, type LaunchImport, launchFiles } from "../../launch/index.ts";
import type { Host } from "../host.ts";
import type { ImportInput } from "../import.ts";
import { settingsOf } from "./settings.ts";

export interface LaunchImportOutput extends LaunchImport {
  /** Where the scenario was written; printed otherwise. */
  readonly output?: string;
}

export async function importLaunchFile(input: ImportInput, host: Host): Promise<LaunchImportOutput> {
  const { file, output, set: given = [] } = input;
  const text = await host.read(file);
  const { kind: _kind, files: _files, output: _output, set: _set, ...options } = input;
  const request = { ...options, text, file: file === "-" ? "stdin" : file, set: settingsOf(given) };
  const files: Record<string, string> = {};
  const lost: Problem[] = [];
  for (const path of launchFiles(request)) {
    try {
      // What the user names is meant from here; what the file names, from its own folder.
      files[path] = await host.read(path, path === input.model || file === "-" ? undefined : file);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (path === input.model) throw error;
      lost.push(...error.problems);
    }
  }
  const { design: _design, ...found } = withLost(() => importLaunch({ ...request, files }), lost);
  if (output === undefined) return found;
  await host.write(output, found.text);
  host.progress(`scenario written to ${output}`);
  return { ...found, output };
}

/** A file that could not be read is no mistake by itself, but the likely cause of what is missing. */
function withLost<Result>(run: () => Result, lost: readonly Problem[]): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ProblemError) || lost.length === 0) throw error;
    const hint = "the launch names this file; --set NAME=VALUE gives what it states";
    throw new ProblemError([...error.problems, ...lost.map((problem) => ({ ...problem, hint }))]);
  }
}
