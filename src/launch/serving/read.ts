/** What the readers of all engines share: the settings of a launch, from its command, its configuration and `--set`. */

import type { LaunchFormat, LaunchOptions } from "../format.ts";
import { assume, complain, credit, newSheet, put, type Setting, type Sheet } from "../sheet.ts";
import { treeOf } from "../tree.ts";
import { hereDocuments, type ServerMarks, type ServingCommands, servingCommands } from "./commands.ts";
import { placeEngine } from "./engine.ts";
import { isRequestName, placeRequests } from "./requests.ts";

export interface EngineWords {
  readonly engine: string;
  /** Whose defaults hold where a flag is absent. */
  readonly program: string;
  readonly marks: ServerMarks;
  /** A text that starts the engine. */
  readonly command: RegExp;
  /** A configuration of it that stands alone. */
  readonly configuration: RegExp;
  /** Flags that name a file of further settings. */
  readonly configFlags: readonly string[];
}

/** True for commands and configurations of the engine. */
export function isOf({ command, configuration }: EngineWords): LaunchFormat["matches"] {
  return (text) => command.test(text) || configuration.test(text);
}

interface Loaded {
  readonly sheet: Sheet;
  readonly commands: ServingCommands;
}

/** Configurations that a launch names and does not write itself. */
export function configFiles(words: EngineWords): NonNullable<LaunchFormat["needs"]> {
  return (text, options) => {
    if (!words.command.test(text)) return [];
    const written = hereDocuments(text);
    return namedFiles(servingCommands(text, words.marks, options).server ?? [], words).filter(
      (path) => written[path] === undefined,
    );
  };
}

function namedFiles(settings: readonly Setting[], { configFlags }: EngineWords): readonly string[] {
  return settings.flatMap(({ name, text, missing }) =>
    missing === undefined && configFlags.includes(name.replace(/^-+/, "").replaceAll("_", "-")) ? [text] : [],
  );
}

/** All settings on a sheet; undefined commands where the text is a configuration alone. */
export function loadedSheet(text: string, file: string, options: LaunchOptions, words: EngineWords): Loaded {
  const loaded = words.command.test(text)
    ? fromCommands(text, file, options, words)
    : fromConfiguration(text, file, options, words);
  if (loaded.sheet.problems.length === 0) placeEngine(loaded.sheet, words.engine, text, options);
  return loaded;
}

function fromCommands(text: string, file: string, options: LaunchOptions, words: EngineWords): Loaded {
  const commands = servingCommands(text, words.marks, options);
  const { server = [], bench, copies } = commands;
  const written = hereDocuments(text);
  const trees = namedFiles(server, words).map((path) => {
    const found = options.files[path] ?? written[path];
    return { path, tree: found === undefined ? undefined : treeOf(found, path, { set: options.set }) };
  });
  const below = trees.flatMap(({ tree }) => tree?.settings.filter(({ line }) => line > 0) ?? []);
  const given = givenSettings(options, text);
  const settings = [...below, ...server, ...bench, ...(copies === undefined ? [] : [copies]), ...given];
  const sheet = newSheet(file, words.program, settings);
  sheet.problems.push(...trees.flatMap(({ tree }) => tree?.problems ?? []));
  if (commands.server === undefined) complain(sheet, undefined, `no command starts ${words.program} here`);
  for (const { path, tree } of trees) {
    const setting = server.find((each) => each.text === path);
    if (tree === undefined)
      complain(sheet, setting, `${path} is named but was not found beside the launch`, "put the file there");
    else credit(sheet, setting, "serving.engine");
  }
  if (commands.candidates > 1)
    assume(sheet, "launch", words.program, `the first of ${commands.candidates} commands that start it is read`);
  if (commands.benches > 1)
    assume(sheet, "launch", commands.benchProgram, `the first of ${commands.benches} loads is read`);
  for (const line of commands.loops) assume(sheet, "launch", `line ${line}`, "a loop, which is passed over");
  return { sheet, commands };
}

function fromConfiguration(text: string, file: string, options: LaunchOptions, words: EngineWords): Loaded {
  const { settings, problems } = treeOf(text, file, { set: options.set });
  const own = settings.filter(({ line }) => line > 0);
  const sheet = newSheet(file, words.program, [...own, ...givenSettings(options, text)]);
  sheet.problems.push(...problems);
  return { sheet, commands: { server: [], candidates: 1, bench: [], benchProgram: "", benches: 0, loops: [] } };
}

/** What `--set` says that is no variable of the text: flags of the engine, or of the requests. */
function givenSettings({ set }: LaunchOptions, text: string): readonly Setting[] {
  return Object.entries(set).flatMap(([name, value]): Setting[] => {
    if (new RegExp(`\\$\\{?${name.replace(/[^\w]/g, "\\$&")}\\b`).test(text) || /^\d+$/.test(name)) return [];
    // A variable that no command uses is listed as such; it is no flag of that name.
    const variable = /^[A-Z][A-Z0-9_]*$/.test(name) ? `$${name}` : name;
    const label = isRequestName(name) ? `bench --${name.replace(/^-+/, "")}` : variable;
    return [{ name: label, value, text: value, line: 0 }];
  });
}

/** Requests, which all launches have; copies of a container are replicas. */
export function placeCommon(sheet: Sheet, commands: ServingCommands): void {
  placeRequests(sheet, commands.benchProgram);
  for (const setting of sheet.settings) {
    // Named for a reader; the program that sends requests names its model too.
    if (setting.name === "bench --model" && setting.missing !== undefined) sheet.idle.set(setting, "the served model");
  }
  const copies = commands.copies === undefined ? 1 : Number(commands.copies.value);
  const engines = (sheet.values.get("serving.replicas") as number | undefined) ?? 1;
  put(sheet, "serving.replicas", engines * copies, commands.copies);
}
