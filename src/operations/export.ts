/** `export`: a scenario's design as launch settings or as an execution trace, with a list of what that cannot say. */

import { z } from "zod";
import { exportLaunch, type LaunchExport, servingTargets, targets } from "../launch/index.ts";
import { type ChakraExport, exportChakra } from "./export/chakra.ts";
import { field, type Operation } from "./operation.ts";
import { readDesign, scenarioField } from "./scenario-input.ts";

export interface ExportInput {
  readonly kind: string;
  readonly scenario: string;
  readonly output?: string;
}

export type ExportOutput = LaunchExportOutput | ChakraExport;

export interface LaunchExportOutput extends LaunchExport {
  /** Where the settings were written; printed otherwise. */
  readonly output?: string;
}

export const exportOperation: Operation<ExportInput, ExportOutput> = {
  name: "export",
  summary: "Write a scenario's design as launch settings or as an execution trace, and list what is lost.",
  input: z.strictObject({
    kind: field(z.string().min(1), {
      description: `for which program: ${[...targets, ...servingTargets].map(({ name }) => name).join(", ")}; or chakra, an execution trace`,
      as: "argument",
    }),
    scenario: scenarioField,
    output: field(z.string().min(1).exactOptional(), {
      description:
        "write the settings to a file instead of printing them; of chakra the files' beginning, name of name.0.et",
      value: "FILE",
    }),
  }),
  examples: [
    {
      command: "windtunnel export megatron scenario.yaml > train.sh",
      does: "a script with pretrain_gpt.py's arguments",
    },
    { command: "windtunnel export torchtitan scenario.yaml", does: "a configuration in TOML" },
    { command: "windtunnel export vllm serving.yaml", does: "vllm serve with its arguments, and its requests" },
    { command: "windtunnel export chakra scenario.yaml --output run", does: "a step as run.0.et, run.1.et, ..." },
    { command: "windtunnel export nemo scenario.yaml --json", does: "text and losses, for programs" },
  ],
  document: (output) => {
    if ("files" in output) return output;
    const { kind, text, lost } = output;
    return { kind, text, lost };
  },
  async run({ kind, scenario, output }, host) {
    if (kind.toLowerCase() === "chakra") return exportChakra(await readDesign(scenario, host), output, host);
    const found = exportLaunch(kind, await readDesign(scenario, host));
    if (output === undefined) return found;
    await host.write(output, found.text);
    host.progress(`settings written to ${output}`);
    return { ...found, output };
  },
};
