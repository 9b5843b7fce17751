/**
 * Finds the command that launches training in a script (or takes the one command there is) and its flags. What a
 * scheduler is asked for in `#SBATCH` lines counts as settings too. Other commands of the script are of no interest.
 */

import type { Setting } from "./sheet.ts";
import { type Field, type Fragment, splitField, writtenText } from "./shell/expand.ts";
import { runShell } from "./shell/run.ts";

export interface LaunchCommand {
  /** Flags of the launcher and of the program, and `key=value` words, in the order written. */
  readonly settings: readonly Setting[];
  /** The script that is run: `pretrain_gpt.py`; empty where only flags are given. */
  readonly program: string;
  /** A plain `python file.py` is one process; anything before it may start many. */
  readonly processes: "one" | "many";
  /** Commands that could have been meant; the first is read. */
  readonly candidates: number;
  /** Lines of loops that were passed over. */
  readonly loops: readonly number[];
}

export interface CommandOptions {
  /** Tells the launch command from others: flags or words of which it has one. */
  readonly marks: RegExp;
  readonly set: Readonly<Record<string, string>>;
  /** Number of nodes that the user gives: a scheduler would set it too. */
  readonly nodes?: number | undefined;
}

/** The launch command of a script; undefined where no command has any of the marks. */
export function launchCommand(text: string, { marks, set, nodes }: CommandOptions): LaunchCommand | undefined {
  const batch = batchSettings(text);
  const { commands, loops } = runShell(text, { ...schedulerVariables(batch), ...givenNodes(nodes), ...set });
  const flat = commands.map((fields) => fields.flatMap(pieces));
  const found = flat.filter((fields) => fields.some((field) => marks.test(writtenText(field))));
  const chosen = found[0];
  if (chosen === undefined) return undefined;
  const at = programIndex(chosen);
  const launcher = flagsOf(chosen.slice(0, Math.max(0, at)), "launcher");
  const settings = [...batch, ...launcher, ...flagsOf(chosen.slice(at + 1), "program")];
  const before = chosen.slice(0, Math.max(0, at)).map(writtenText);
  const alone =
    /^python[\d.]*$/.test(before[0] ?? "") && before.every((word) => !/^(torch\.distributed|-c$)/.test(word));
  return {
    settings,
    program: at < 0 ? "" : writtenText(chosen[at] ?? []),
    processes: alone ? "one" : "many",
    candidates: found.length,
    loops,
  };
}

/** A command inside a text (`sh -c "python … --flag"`), or two words that a list quoted together. */
export function pieces(field: Field): readonly Field[] {
  const text = writtenText(field);
  return /\s/.test(text) && /\.py\b|(^|\s)--\w/.test(text) ? splitField(field) : [field];
}

/** The word that names the program: a Python file, or a module behind `-m`. */
function programIndex(fields: readonly Field[]): number {
  const words = fields.map(writtenText);
  const file = words.findIndex((word) => /\.py$/.test(word));
  if (file >= 0) return file;
  return words.findIndex((word, index) => words[index - 1] === "-m" && !word.startsWith("torch.distributed"));
}

const isFlag = (text: string): boolean => /^--?[A-Za-z]/.test(text);

export function flagsOf(fields: readonly Field[], of: "launcher" | "program"): Setting[] {
  const settings: Setting[] = [];
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? [];
    const text = writtenText(field);
    const line = field[0]?.line ?? 1;
    if (!isFlag(text)) {
      const stray = of === "program" ? strayOf(field) : undefined;
      if (stray !== undefined) settings.push(stray);
      continue;
    }
    const equals = text.indexOf("=");
    if (equals > 0) {
      settings.push(settingOf(text.slice(0, equals), [cut(field, equals + 1)], line));
      continue;
    }
    const values: Field[] = [];
    for (let next = fields[at + 1]; next !== undefined && !isFlag(writtenText(next)); next = fields[at + 1]) {
      // A variable alone that is never set may be more flags as well as a value; behind a value it is not one.
      if (values.length > 0 && isUnset(next)) break;
      values.push(next);
      at += 1;
    }
    // Of a launcher's short flags one says something here: srun -N.
    if (of === "program" || text.startsWith("--")) settings.push(settingOf(text, values, line));
    else if (text === "-N") settings.push(settingOf("--nodes", values, line));
  }
  return settings;
}

function isUnset(field: Field): boolean {
  return field.length === 1 && field[0]?.missing !== undefined;
}

/** What stands between flags: `key=value`, or a variable that may hold more of them. */
function strayOf(field: Field): Setting | undefined {
  const text = writtenText(field);
  const line = field[0]?.line ?? 1;
  const pair = /^([A-Za-z_][\w.]*)=/.exec(text);
  if (pair !== null) return settingOf(pair[1] ?? "", [cut(field, pair[0].length)], line);
  if (isUnset(field)) return { name: text, value: true, text: "", line };
  return /\.(ya?ml|json)$/.test(text) ? { name: "config", value: text, text, line } : undefined;
}

/** A field without its first characters. */
function cut(field: Field, count: number): Field {
  let left = count;
  return field.flatMap((fragment) => {
    const gone = Math.min(left, fragment.text.length);
    left -= gone;
    const text = fragment.text.slice(gone);
    return gone > 0 && text === "" ? [] : [{ ...fragment, text }];
  });
}

function settingOf(name: string, values: readonly Field[], line: number): Setting {
  const texts = values.map(writtenText);
  const open = values.flat().find((fragment) => fragment.missing !== undefined);
  const value = texts.length === 0 ? true : texts.length === 1 ? (texts[0] ?? "") : texts;
  return { name, value, text: texts.join(" "), line, ...openOf(open) };
}

function openOf(open: Fragment | undefined): { readonly missing?: string; readonly why?: string } {
  if (open?.missing === undefined) return {};
  return { missing: open.missing, ...(open.why === undefined ? {} : { why: open.why }) };
}

function givenNodes(nodes: number | undefined): Readonly<Record<string, string>> {
  return nodes === undefined ? {} : { SLURM_NNODES: String(nodes), SLURM_JOB_NUM_NODES: String(nodes) };
}

/** Variables that SLURM sets from what it was asked for. */
function schedulerVariables(batch: readonly Setting[]): Readonly<Record<string, string>> {
  const asked = (...names: readonly string[]): string | undefined =>
    batch.find(({ name }) => names.some((each) => name === `#SBATCH ${each}`))?.text;
  const nodes = asked("--nodes");
  const each = asked("--gpus-per-node", "--gres");
  const tasks = asked("--ntasks-per-node");
  return {
    ...(nodes === undefined ? {} : { SLURM_NNODES: nodes, SLURM_JOB_NUM_NODES: nodes }),
    ...(each === undefined ? {} : { SLURM_GPUS_ON_NODE: each, SLURM_GPUS_PER_NODE: each }),
    ...(tasks === undefined ? {} : { SLURM_NTASKS_PER_NODE: tasks }),
  };
}

/** Flags of `#SBATCH` lines that say how many machines: named `#SBATCH --nodes`. */
function batchSettings(text: string): Setting[] {
  return text.split("\n").flatMap((written, index) => {
    if (!/^#SBATCH\b/.test(written)) return [];
    const flags = written.replace(/\s#.*$/, "").matchAll(/(?:^|\s)(--?[A-Za-z][\w-]*)(?:[= ]([^\s-][^\s]*))?/g);
    return [...flags].map(([, name = "", value = ""]): Setting => {
      const long = name === "-N" ? "--nodes" : name;
      const counted = /^gpu:(?:\w+:)?(\d+)$/.exec(value)?.[1] ?? value;
      return { name: `#SBATCH ${long}`, value: counted === "" ? true : counted, text: counted, line: index + 1 };
    });
  });
}
