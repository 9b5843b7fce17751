/**
 * Finds the command that starts an engine, and the one that loads it, in a script, a plain command, or the containers of
 * a YAML file (Kubernetes, Compose). Files that the script writes itself (`cat > config.yaml << EOF`) are found too.
 *
 * Ignores: what other processes do, and what entry points of images do beyond passing arguments on.
 */

import { flagsOf, pieces } from "../command.ts";
import type { LaunchOptions } from "../format.ts";
import type { Setting } from "../sheet.ts";
import { type Field, writtenText } from "../shell/expand.ts";
import { runShell } from "../shell/run.ts";
import { containers, hasContainers } from "./containers.ts";

/** How an engine's commands are recognised. */
export interface ServerMarks {
  /** Words that start the engine, each a run of words: `["vllm", "serve"]`. */
  readonly programs: readonly (readonly RegExp[])[];
  /** An image whose entry point is the engine. */
  readonly image?: RegExp;
  /** Whether the model may stand behind the program without a flag. */
  readonly positional: "model" | "none";
}

export interface ServingCommands {
  /** Flags of the engine; undefined where no command starts it. */
  readonly server: readonly Setting[] | undefined;
  /** Commands that start an engine; the first is read. */
  readonly candidates: number;
  /** Flags of the program that loads it, each named `bench --flag`. */
  readonly bench: readonly Setting[];
  /** Which program loads it; empty where none does. */
  readonly benchProgram: string;
  /** Commands that load it; the first is read. */
  readonly benches: number;
  /** Copies of the container, where a file says so. */
  readonly copies?: Setting;
  /** Lines of loops that were passed over. */
  readonly loops: readonly number[];
}

/** Programs that send requests and measure. */
const benchPrograms: readonly (readonly RegExp[])[] = [
  [/(^|\/)vllm$/, /^bench$/, /^serve$/],
  [/(^|[/.])benchmark_serving(\.py)?$/],
  [/^sglang\.(bench_serving|benchmark\.serving)$/],
  [/^run_benchmark_serving$/],
  [/(^|\/)trtllm-bench$/],
];

export function servingCommands(text: string, marks: ServerMarks, options: LaunchOptions): ServingCommands {
  const found = hasContainers(text) ? containers(text) : undefined;
  const ran = found === undefined ? runShell(text, options.set) : { commands: found.commands, loops: [] };
  const flat = ran.commands.map((fields) => fields.flatMap(pieces));
  const programs = [...marks.programs, ...(marks.image === undefined ? [] : [[marks.image]])];
  const servers = flat.flatMap((fields) => after(fields, programs)).filter((each) => !makesData(each));
  const loads = flat.flatMap((fields) => after(fields, benchPrograms));
  const [server] = servers;
  const sends = loads.filter((each) => !makesData(each));
  // A data set that is made first says what the requests are; of several loads the first is read.
  const read = [...loads.filter(makesData).slice(0, 1), ...sends.slice(0, 1)];
  const bench = read.flatMap(({ rest }) => flagsOf(withoutWords(rest), "program"));
  return {
    server: server === undefined ? undefined : serverSettings(server, marks),
    candidates: servers.length,
    bench: bench.filter(({ name }) => name.startsWith("-")).map((each) => ({ ...each, name: `bench ${each.name}` })),
    benchProgram: read[0]?.words.join(" ") ?? "",
    benches: sends.length,
    ...(found?.copies === undefined ? {} : { copies: found.copies }),
    loops: ran.loops,
  };
}

interface Found {
  readonly words: readonly string[];
  readonly rest: readonly Field[];
}

/** What stands behind each of these programs in a command. A later program, or a shell's operator, ends it. */
function after(fields: readonly Field[], programs: readonly (readonly RegExp[])[]): readonly Found[] {
  const words = fields.map(writtenText);
  const found: Found[] = [];
  for (let at = 0; at < words.length; at++) {
    const program = programs.find((each) => each.every((word, index) => word.test(words[at + index] ?? "")));
    if (program === undefined) continue;
    const start = at + program.length;
    const length = words.slice(start).findIndex((word, index) => ends(word, words[start + index + 1]));
    const end = length < 0 ? words.length : start + length;
    found.push({ words: words.slice(at, start), rest: fields.slice(start, end) });
    at = Math.max(at, end - 1);
  }
  return found;
}

function ends(word: string, next: string | undefined): boolean {
  if (/^(&&?|\|\|?|;|\d?>.*|<.*)$/.test(word)) return true;
  return /^python[\d.]*$/.test(word) && next === "-m";
}

/** `trtllm-bench … dataset` writes requests down and starts nothing. */
function makesData({ rest }: Found): boolean {
  return rest.some((field) => writtenText(field) === "dataset");
}

/** Subcommands between flags are no values: `trtllm-bench --model M throughput --tp 8`. */
function withoutWords(fields: readonly Field[]): readonly Field[] {
  return fields.filter(
    (field) => !/^(throughput|latency|dataset|token-norm-dist|token-unif-dist)$/.test(writtenText(field)),
  );
}

function serverSettings({ rest }: Found, { positional }: ServerMarks): readonly Setting[] {
  const fields = withoutWords(rest).filter((field, index) => !(index === 0 && writtenText(field) === "serve"));
  const [first] = fields;
  const bare = positional === "model" && first !== undefined && !writtenText(first).startsWith("-");
  const line = first?.[0]?.line ?? 1;
  const named: readonly Field[] = bare ? [[{ text: "--model", line }], ...fields] : fields;
  return flagsOf(named, "program").filter(({ name }) => name.startsWith("-"));
}

/** Files that a script writes with a here-document; `$NAME` in them is `${NAME}`, as configurations are read. */
export function hereDocuments(text: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const pattern = /cat\s*>\s*(\S+)\s*<<-?\s*(['"]?)(\w+)\2[^\n]*\n([\s\S]*?)\n\s*\3\s*(?=\n|$)/g;
  for (const [, path = "", quote, , body = ""] of text.matchAll(pattern)) {
    files[path] = quote === "" ? body.replace(/\$(\w+)/g, (_, name: string) => `\${${name}}`) : body;
  }
  return files;
}
