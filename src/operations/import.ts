/** `import`: what people have, as a scenario: today a launch command or configuration. To add a kind: a file below, a line here. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import { importLaunchFile, type LaunchImportOutput } from "./import/launch.ts";
import { field, type Operation } from "./operation.ts";

export interface ImportInput {
  readonly kind: string;
  readonly file: string;
  readonly format?: string;
  readonly model?: string;
  readonly node?: string;
  readonly nodes?: number;
  readonly software?: string;
  readonly set?: readonly string[];
  readonly output?: string;
}

export type ImportOutput = LaunchImportOutput;

interface ImportKind {
  readonly name: string;
  readonly summary: string;
  readonly run: typeof importLaunchFile;
}

const kinds: readonly ImportKind[] = [
  { name: "launch", summary: "a launch command, script or configuration of a training program", run: importLaunchFile },
];

const summaries: string = kinds.map(({ name, summary }) => `${name} (${summary})`).join(", ");

export const importOperation: Operation<ImportInput, ImportOutput> = {
  name: "import",
  summary: "Turn a launch command or configuration into a scenario, with an account of every flag.",
  input: z.strictObject({
    kind: field(z.string().min(1), { description: `what it is: ${summaries}`, as: "argument" }),
    file: field(z.string().min(1), { description: "file to read, - reads standard input", as: "argument" }),
    format: field(z.string().min(1).exactOptional(), {
      description: "megatron, bridge, torchtitan, deepspeed, llm-foundry or maxtext; found out without it",
      value: "NAME",
    }),
    model: field(z.string().min(1).exactOptional(), {
      description: "catalog name or config.json of the model, instead of the sizes in the file",
      value: "NAME",
    }),
    node: field(z.string().min(1).exactOptional(), {
      description: "kind of node, which no launch file says (windtunnel catalog node)",
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
      description: "profile of the stack, name@version (windtunnel catalog software)",
      value: "NAME@VERSION",
    }),
    set: field(z.array(z.string()).exactOptional(), {
      description: "a variable, argument ($1 is 1) or dotted key that the file leaves open; may be given again",
      value: "NAME=VALUE",
      as: "flags",
    }),
    output: field(z.string().min(1).exactOptional(), {
      description: "write the scenario to a file instead of printing it",
      value: "FILE",
    }),
  }),
  examples: [
    { command: "windtunnel import launch train.sh", does: "prints the scenario; what was read on standard error" },
    { command: "windtunnel import launch train.sh --nodes 16 --output s.yaml", does: "for 16 nodes, into a file" },
    { command: "windtunnel import launch llama3_8b.toml --node hgx-h200 --nodes 4", does: "names the machines" },
    { command: "windtunnel import launch ds.json --set per_device_train_batch_size=4", does: "adds what is left open" },
  ],
  document: ({ format, scenario, read, withoutEffect, notUnderstood, missing, assumptions }) => ({
    format,
    scenario,
    read,
    withoutEffect,
    notUnderstood,
    missing,
    assumptions,
  }),
  async run(input, host) {
    const kind = kinds.find(({ name }) => name === input.kind.toLowerCase());
    if (kind !== undefined) return kind.run(input, host);
    const near = suggestion(
      input.kind,
      kinds.map(({ name }) => name),
    );
    const hint = near === undefined ? `kinds: ${summaries}` : `did you mean "${near}"?`;
    throw new ProblemError([{ path: "kind", message: `unknown kind "${input.kind}"`, hint }]);
  },
};
