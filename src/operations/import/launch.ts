/** `import launch`: the file, the files that it names, and the scenario that they give. */

import { z } from "zod";
import { type Problem, ProblemError } from "../../base/problem.ts";
import { importLaunch, type LaunchImport, launchFiles } from "../../launch/index.ts";
import type { Host } from "../host.ts";
import { field } from "../operation.ts";
import type { ImportFiles, ImportKind } from "./kind.ts";
import { settingsOf } from "./settings.ts";

export interface LaunchImportInput extends ImportFiles {
  readonly format?: string;
  readonly model?: string;
  readonly node?: string;
  readonly nodes?: number;
  readonly software?: string;
  readonly set?: readonly string[];
}

export interface LaunchImportOutput extends LaunchImport {
  /** Where the scenario was written; printed otherwise. */
  readonly output?: string;
}

export const launchImport: ImportKind<LaunchImportInput, LaunchImportOutput> = {
  name: "launch",
  summary: "a launch command, script or configuration of a training program or an inference engine",
  takes: "one file",
  options: {
    format: field(z.string().min(1).exactOptional(), {
      description:
        "megatron, bridge, torchtitan, deepspeed, llm-foundry, maxtext; of serving vllm, sglang, tensorrt-llm; found out without it",
      value: "NAME",
    }),
    model: field(z.string().min(1).exactOptional(), {
      description: "catalog name or config.json of the model, instead of the sizes in the file",
      value: "NAME",
    }),
    node: field(z.string().min(1).exactOptional(), {
      description: "kind of node, which no such file says (windtunnel catalog node)",
      value: "NAME",
    }),
    nodes: field(
      z.coerce
        .number({ error: "expected a whole number" })
        .int("expected a whole number")
        .min(1, "expected at least 1")
        .exactOptional(),
      {
        description: "number of nodes, where the file does not say it or says another",
        value: "N",
      },
    ),
    software: field(z.string().min(1).exactOptional(), {
      description: "profile of the stack, name@version (windtunnel catalog software), or of the engine: vllm@0.19",
      value: "NAME@VERSION",
    }),
    set: field(z.array(z.string()).exactOptional(), {
      description:
        "what the file leaves open: a variable, argument ($1 is 1) or dotted key; of chakra ranks=64, dimensions=8x4; may be given again",
      value: "NAME=VALUE",
      as: "flags",
    }),
  },
  examples: [
    { command: "windtunnel import launch train.sh", does: "prints the scenario; what was read on standard error" },
    { command: "windtunnel import launch train.sh --nodes 16 --output s.yaml", does: "for 16 nodes, into a file" },
    { command: "windtunnel import launch llama3_8b.toml --node hgx-h200 --nodes 4", does: "names the machines" },
    {
      command: "windtunnel import launch serve.sh --set request-rate=8",
      does: "an engine, with the rate it is loaded at",
    },
    { command: "windtunnel import launch ds.json --set per_device_train_batch_size=4", does: "adds what is left open" },
  ],
  run: importLaunchFile,
};

async function importLaunchFile(input: LaunchImportInput, host: Host): Promise<LaunchImportOutput> {
  const { file, files: _files, output, set: given = [], ...options } = input;
  const text = await host.read(file);
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
