/**
 * The command line: subcommands, arguments, flags and help follow from the operations. Exit 0 done, 1 the input is
 * wrong, 2 nothing feasible, 3 our own fault, 130 ended by Ctrl-C with what is finished kept. With --json standard output is exactly one JSON document.
 */

import { Argument, CommanderError, Command as CommandLine } from "commander";
import type { z } from "zod";
import { type Problem, ProblemError } from "../../src/base/problem.ts";
import type { Host, Usage } from "../../src/operations/index.ts";
import { type Operation, usageOf } from "../../src/operations/operation.ts";
import { version } from "../../src/scenario/version.ts";
import { type Command, type Commands, commands } from "./render/index.ts";
import { renderProblems } from "./render/problems.ts";
import type { View } from "./view.ts";

export const exitCodes = { done: 0, wrongInput: 1, infeasible: 2, ourFault: 3, stopped: 130 } as const;

export interface Terminal {
  readonly host: Host;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Layout of standard output, and of standard error. */
  readonly view: View;
  readonly errorView: View;
}

/** Runs one command line (without the program's name) and returns its exit code. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exitCodes.done;
  const exit = (next: number): void => {
    code = next;
  };
  try {
    const program = await programOf(words, terminal, exit);
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    return failure(error, words, terminal);
  }
}

function failure(error: unknown, words: readonly string[], terminal: Terminal): number {
  const json = words.includes("--json");
  if (error instanceof ProblemError) {
    report(error.problems, json, terminal);
    return exitCodes.wrongInput;
  }
  if (error instanceof CommanderError) {
    // Help and version are asked for; everything else that the parser throws is the user's slip.
    if (error.exitCode === 0) return exitCodes.done;
    if (error.code === "commander.help") return exitCodes.wrongInput;
    report([commandProblem(error, words)], json, terminal);
    return exitCodes.wrongInput;
  }
  const message = error instanceof Error ? error.message : String(error);
  const fault = `this is a fault of Windtunnel, not of your input: ${message}`;
  terminal.error(`${terminal.errorView.bad("internal error")}: ${fault}\n`);
  if (json) terminal.out(document({ error: fault }));
  return exitCodes.ourFault;
}

/** The parser's complaint in the words of all others: `unknown command "predic"; did you mean "predict"?` */
function commandProblem(error: CommanderError, words: readonly string[]): Problem {
  const known = words.find((word) => Object.hasOwn(commands, word));
  const help = `see windtunnel ${known === undefined ? "" : `${known} `}--help`;
  const [text = "", near] = error.message.replace(/^error: /, "").split(/\s*\(Did you mean (?:one of )?(.*?)\?\)/s);
  const message = text
    .replace(/^missing required argument '(.*)'$/, "missing argument <$1>")
    .replace(/^option '(--\S+) <(.*)>' argument missing$/, "$1 needs a $2")
    .replace(
      /^too many arguments.* Expected (\d+) arguments? but got (\d+)\.$/,
      "too many arguments: $2 given, $1 expected",
    )
    .replaceAll("'", '"');
  return { path: "", message, hint: near === undefined ? help : `did you mean "${near}"?` };
}

function report(problems: readonly Problem[], json: boolean, terminal: Terminal): void {
  if (json) terminal.out(document({ problems }));
  else terminal.error(renderProblems(problems, terminal.errorView));
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The parser of a command line: of the command that it names, else of all. */
async function programOf(
  words: readonly string[],
  terminal: Terminal,
  exit: (code: number) => void,
): Promise<CommandLine> {
  const program = configured(new CommandLine("windtunnel"), terminal)
    .description("A wind tunnel for AI infrastructure: one scenario in, one honest prediction out.")
    .version(version, "-V, --version", "print the version")
    .helpCommand("help [command]", "print help for a command")
    .addHelpText(
      "after",
      "\nExit: 0 done, 1 the input is wrong, 2 nothing feasible or it does not fit, 3 our own fault, 130 stopped by Ctrl-C.",
    );
  const named = words.find((word) => !word.startsWith("-"));
  const all = Object.keys(commands) as (keyof Commands)[];
  for (const name of all.some((each) => each === named) ? [named as keyof Commands] : all) {
    program.addCommand(commandOf((await commands[name]()) as unknown as AnyCommand, terminal, exit));
  }
  return program;
}

/** The parser must not write or exit by itself: with --json nothing but one document may reach standard output. */
function configured(command: CommandLine, terminal: Terminal): CommandLine {
  return command
    .exitOverride()
    .helpOption("-h, --help", "print help")
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.error,
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.view.width,
      getErrHelpWidth: () => terminal.errorView.width,
    });
}

type AnyCommand = Command<Operation<Record<string, unknown>, unknown>>;

function commandOf(
  { operation, render, aside }: AnyCommand,
  terminal: Terminal,
  exit: (code: number) => void,
): CommandLine {
  const command = configured(new CommandLine(operation.name), terminal).description(operation.summary);
  const fields = Object.entries(operation.input.shape).map(([key, schema]) => ({
    key,
    usage: usageOf(schema),
    schema,
  }));
  for (const { key, usage, schema } of fields) addField(command, key, usage, schema);
  command.option("--json", "print one JSON document");
  command.addHelpText("after", examplesText(operation));
  command.action(async (...given: unknown[]) => {
    const flags = given[fields.filter(({ usage }) => isPositional(usage)).length] as Record<string, unknown>;
    const positional = given.slice();
    const input: Record<string, unknown> = {};
    for (const { key, usage } of fields) {
      const value = isPositional(usage) ? positional.shift() : flags[key];
      if (value !== undefined) input[key] = value;
    }
    const output = await operation.run(parsedInput(operation, input), terminal.host);
    if (flags.json === true) terminal.out(document(operation.document?.(output) ?? output));
    else {
      terminal.out(render(output, terminal.view));
      const said = aside?.(output, terminal.errorView);
      if (said !== undefined) terminal.error(said);
    }
    if (operation.stopped?.(output)) exit(exitCodes.stopped);
    else if (operation.infeasible?.(output)) exit(exitCodes.infeasible);
  });
  return command;
}

function isPositional({ as }: Usage): boolean {
  return as === "argument" || as === "arguments";
}

/** Text of the command line in the types of the input: numbers are checked here, with the flag's name. */
function parsedInput(
  { input: schema }: Operation<Record<string, unknown>, unknown>,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }): Problem => {
    const key = String(path[0] ?? "");
    return { path: `--${key}`, message: `found "${String(given[key])}": ${message}`, hint: "see --help" };
  });
  throw new ProblemError(problems);
}

function addField(command: CommandLine, key: string, usage: Usage, schema: z.ZodType): void {
  if (!isPositional(usage)) {
    const name = usage.short === undefined ? `--${key}` : `-${usage.short}, --${key}`;
    const words = usage.as === "switch" ? name : `${name} <${usage.value ?? "VALUE"}>`;
    if (usage.as === "switch") command.option(words, usage.description);
    else if (usage.as === undefined) command.option(words, usage.description);
    else command.option(words, usage.description, (value: string, before?: string[]) => [...(before ?? []), value]);
    return;
  }
  const name = `${key}${usage.as === "arguments" ? "..." : ""}`;
  const optional = schema.safeParse(undefined).success || isOptional(schema);
  command.addArgument(new Argument(optional ? `[${name}]` : `<${name}>`, usage.description));
}

function isOptional(schema: z.ZodType): boolean {
  return (schema as unknown as { readonly _zod: { readonly optin?: string } })._zod.optin === "optional";
}

function examplesText(operation: Pick<Operation<never, never>, "examples">): string {
  const width = Math.max(...operation.examples.map(({ command }) => command.length));
  const lines = operation.examples.map(({ command, does }) => `  ${command.padEnd(width)}  ${does}`);
  return `\nExamples:\n${lines.join("\n")}`;
}
