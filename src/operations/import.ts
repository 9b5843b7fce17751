/** `import`: what people have, as a scenario. To add a kind: a file below, a line here. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Host } from "./host.ts";
import { type ChakraImportOutput, importChakra } from "./import/chakra.ts";
import { importLaunchFile, type LaunchImportOutput } from "./import/launch.ts";
import { field, type Operation } from "./operation.ts";

export interface ImportInput {
  readonly kind: string;
  readonly file: string;
  /** Further files, of kinds that take several. */
  readonly files?: readonly string[];
  readonly format?: string;
  readonly model?: string;
  readonly node?: string;
  readonly nodes?: number;
  readonly software?: string;
  readonly set?: readonly string[];
  readonly output?: string;
}

export type ImportOutput = LaunchImportOutput | ChakraImportOutput;

interface ImportKind {
  readonly name: string;
  readonly summary: string;
  readonly files: "one" | "several";
  run(input: ImportInput, host: Host): Promise<ImportOutput>;
}

const kinds: readonly ImportKind[] = [
  {
    name: "launch",
    summary: "a launch command, script or configuration of a training program",
    files: "one",
    run: importLaunchFile,
  },
  {
    name: "chakra",
    summary: "Chakra execution traces, one file a rank: name.0.et name.1.et ...",
    files: "several",
    run: importChakra,
  },
];

const summaries: string = kinds.map(({ name, summary }) => `${name} (${summary})`).join(", ");

export const importOperation: Operation<ImportInput, ImportOutput> = {
  name: "import",
  summary: "Turn a launch command or an execution trace into a scenario, with an account of what was read.",
  input: z.strictObject({
    kind: field(z.string().min(1), { description: `what it is: ${summaries}`, as: "argument" }),
    file: field(z.string().min(1), { description: "file to read, - reads standard input", as: "argument" }),
    files: field(z.array(z.string().min(1)).exactOptional(), {
      description: "further files: of chakra the other ranks, and groups of ranks as .json",
      as: "arguments",
    }),
    format: field(z.string().min(1).exactOptional(), {
      description: "megatron, bridge, torchtitan, deepspeed, llm-foundry or maxtext; found out without it",
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
      description: "profile of the stack, name@version (windtunnel catalog software)",
      value: "NAME@VERSION",
    }),
    set: field(z.array(z.string()).exactOptional(), {
      description:
        "what the file leaves open: a variable, argument ($1 is 1) or dotted key; of chakra ranks=64, dimensions=8x4; may be given again",
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
    { command: "windtunnel import chakra run.*.et --output s.yaml", does: "a job that replays a trace, into a file" },
    { command: "windtunnel import launch ds.json --set per_device_train_batch_size=4", does: "adds what is left open" },
  ],
  document: ({ text: _text, output: _output, ...told }) => told,
  async run(input, host) {
    const kind = kinds.find(({ name }) => name === input.kind.toLowerCase());
    const extra = input.files?.[0];
    if (kind?.files === "one" && extra !== undefined)
      throw new ProblemError([
        { path: "files", message: `found "${extra}" too, and import ${kind.name} reads one file` },
      ]);
    if (kind !== undefined) return kind.run(input, host);
    const near = suggestion(
      input.kind,
      kinds.map(({ name }) => name),
    );
    const hint = near === undefined ? `kinds: ${summaries}` : `did you mean "${near}"?`;
    throw new ProblemError([{ path: "kind", message: `unknown kind "${input.kind}"`, hint }]);
  },
};
