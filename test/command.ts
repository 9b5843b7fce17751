/** A command of the program as a user gives it, run in this process. */

import { expect } from "vitest";
import { runCli } from "../apps/cli/cli.ts";
import { plainView } from "../apps/cli/view.ts";
import { nodeHost, packageFolder } from "../apps/host/node/host.ts";

export interface CommandOutput {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs `windtunnel WORDS` in a folder (the package's unless named), with no standard input and no colours. */
export async function runCommand(words: readonly string[], folder = packageFolder()): Promise<CommandOutput> {
  let [out, error] = ["", ""];
  const host = nodeHost({
    folder,
    readStandardInput: () => Promise.reject(new Error("examples do not read standard input")),
    message: () => undefined,
  });
  const code = await runCli([...words], {
    host,
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    view: plainView,
    errorView: plainView,
  });
  return { code, out, error };
}

/** What a command prints that must end well and say nothing beside. */
export async function printed(words: readonly string[]): Promise<string> {
  const { code, out, error } = await runCommand(words);
  expect(error).toBe("");
  expect(code).toBe(0);
  return out;
}
