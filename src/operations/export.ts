/** `export`: a scenario's design as launch settings of a training program, with a list of what it cannot say. */

import { z } from "zod";
import { exportLaunch, type LaunchExport, targets } from "../launch/index.ts";
import { trainingOf } from "../scenario/index.ts";
import { field, type Operation } from "./operation.ts";
import { readDesign, scenarioField } from "./scenario-input.ts";

export interface ExportInput {
  readonly kind: string;
  readonly scenario: string;
  readonly output?: string;
}

export interface ExportOutput extends LaunchExport {
  /** Where the settings were written; printed otherwise. */
  readonly output?: string;
}

export const exportOperation: Operation<ExportInput, ExportOutput> = {
  name: "export",
  summary: "Write a scenario's design as launch settings, and list what they cannot say.",
  input: z.strictObject({
    kind: field(z.string().min(1), {
      description: `for which program: ${targets.map(({ name }) => name).join(", ")}`,
      as: "argument",
    }),
    scenario: scenarioField,
    output: field(z.string().min(1).exactOptional(), {
      description: "write the settings to a file instead of printing them",
      value: "FILE",
    }),
  }),
  examples: [
    {
      command: "windtunnel export megatron scenario.yaml > train.sh",
      does: "a script with pretrain_gpt.py's arguments",
    },
    { command: "windtunnel export torchtitan scenario.yaml", does: "a configuration in TOML" },
    { command: "windtunnel export nemo scenario.yaml --json", does: "text and losses, for programs" },
  ],
  document: ({ kind, text, lost }) => ({ kind, text, lost }),
  async run({ kind, scenario, output }, host) {
    const found = exportLaunch(kind, trainingOf(await readDesign(scenario, host), "a launch"));
    if (output === undefined) return found;
    await host.write(output, found.text);
    host.progress(`settings written to ${output}`);
    return { ...found, output };
  },
};
