/** `import`: what people have, as scenarios or evidence. To add a kind: a file below, a line here. */

import { z } from "zod";
import { type Problem, ProblemError } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import { type ChakraImportInput, type ChakraImportOutput, chakraImport } from "./import/chakra.ts";
import type { ImportFiles, ImportKind } from "./import/kind.ts";
import { type LaunchImportInput, type LaunchImportOutput, launchImport } from "./import/launch.ts";
import { type NcclImportInput, type NcclImportOutput, ncclImport } from "./import/nccl-tests.ts";
import { field, type Operation, usageOf } from "./operation.ts";

export type ImportOutput = LaunchImportOutput | ChakraImportOutput | NcclImportOutput;

/** Files and options of all kinds; each kind refuses those that are not its own. */
interface KindInput extends LaunchImportInput, ChakraImportInput, NcclImportInput {}

export interface ImportInput extends KindInput {
  readonly kind: string;
}

const kinds: readonly ImportKind<KindInput, ImportOutput>[] = [launchImport, chakraImport, ncclImport];

const summaries: string = kinds.map(({ name, summary }) => `${name} (${summary})`).join(", ");

const owners = (key: string): readonly string[] =>
  kinds.filter((kind) => Object.hasOwn(kind.options, key)).map(({ name }) => name);

/** In the order of the kinds, each with the kinds that it is for; where two share a name, the first says what it is. */
const options = Object.fromEntries(
  kinds.flatMap((kind) =>
    Object.entries(kind.options)
      .filter(([key]) => owners(key)[0] === kind.name)
      .map(([key, schema]) => [key, ownedField(schema, owners(key))]),
  ),
) as Readonly<Record<Exclude<keyof KindInput, keyof ImportFiles>, z.ZodType>>;

function ownedField(schema: z.ZodType, names: readonly string[]): z.ZodType {
  const usage = usageOf(schema);
  return field(schema, { ...usage, description: `${names.join(", ")}: ${usage.description}` });
}

export const importOperation: Operation<ImportInput, ImportOutput> = {
  name: "import",
  summary:
    "Turn a launch command, an execution trace or logs of collective tests into scenarios or evidence; says what was read.",
  input: z.strictObject({
    kind: field(z.string().min(1), { description: `what it is: ${summaries}`, as: "argument" }),
    file: field(z.string().min(1), { description: "file to read, - reads standard input", as: "argument" }),
    files: field(z.array(z.string().min(1)).exactOptional(), {
      description: "further files: logs, or of chakra the other ranks, and groups of ranks as .json",
      as: "arguments",
    }),
    ...options,
    output: field(z.string().min(1).exactOptional(), {
      description: "write the scenario or the records to a file instead of printing them",
      value: "FILE",
    }),
  }),
  examples: kinds.flatMap(({ examples }) => examples),
  document: ({ text: _text, output: _output, ...told }) => told,
  async run({ kind: name, ...input }, host) {
    const kind = kinds.find((each) => each.name === name.toLowerCase());
    if (kind === undefined) throw new ProblemError([unknownKind(name)]);
    const problems = refused(kind, input);
    if (problems.length > 0) throw new ProblemError(problems);
    return kind.run(input, host);
  },
};

function unknownKind(name: string): Problem {
  const near = suggestion(
    name,
    kinds.map((kind) => kind.name),
  );
  const hint = near === undefined ? `kinds: ${summaries}` : `did you mean "${near}"?`;
  return { path: "kind", message: `unknown kind "${name}"`, hint };
}

/** Options of other kinds, and more files than the kind takes. */
function refused(kind: ImportKind<KindInput, ImportOutput>, input: KindInput): readonly Problem[] {
  const own = Object.keys(kind.options);
  const problems = Object.keys(input)
    .filter((key) => !own.includes(key) && Object.hasOwn(options, key))
    .map((key): Problem => {
      const message = `belongs to import ${owners(key).join(", ")}, not to import ${kind.name}`;
      return { path: `--${key}`, message, hint: `options here: ${own.map((each) => `--${each}`).join(", ")}` };
    });
  const [extra] = input.files ?? [];
  if (kind.takes === "several files" || extra === undefined) return problems;
  return [...problems, { path: "files", message: `found "${extra}" too, and import ${kind.name} reads one file` }];
}
