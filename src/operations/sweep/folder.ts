/**
 * The folder of a study's results.
 *
 *     study.json        what was asked, and by which version
 *     points-0001.jsonl finished points by key, one file a run, only ever added to
 *     results.parquet   all points of the study, in its order
 *     summary.json      the answer
 *
 * A run that is killed leaves at most one line cut short, which the next run passes over.
 */

import { ProblemError } from "../../base/problem.ts";
import { isObject, version } from "../../scenario/index.ts";
import type { Answer, Outcome, Units } from "../../search/study/index.ts";
import type { Host } from "../host.ts";

const format = 1;

/** Finished points by key, and the units of their metrics. */
export interface Finished {
  readonly outcomes: Map<string, Outcome>;
  units: Units;
  /** The file that this run adds to. */
  readonly file: string;
  /** Lines that were cut short. */
  readonly broken: number;
}

export function pathIn(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, "")}/${name}`;
}

/**
 * Opens a folder, made where there is none.
 * Rejects with a ProblemError where it holds results of another version, or something else altogether.
 */
export async function openFolder(folder: string, host: Host): Promise<Finished> {
  await host.makeFolder(folder);
  const files = await host.list(folder);
  const names = files.map((path) => path.slice(path.lastIndexOf("/") + 1));
  // Left by a run that was killed while it replaced a file.
  const others = names.filter((name) => !name.startsWith(".") && !name.endsWith(".partial"));
  if (names.includes("study.json")) await checkVersion(folder, host);
  else if (others.length > 0) {
    const message = `"${folder}" is no folder of results: it holds ${others[0]} and no study.json`;
    throw new ProblemError([{ path: "", message, hint: "name an empty folder, or a new one" }]);
  }
  const chunks = names.filter((name) => /^points-\d+\.jsonl$/.test(name)).sort();
  const outcomes = new Map<string, Outcome>();
  const units: Record<string, string> = {};
  let broken = 0;
  for (const name of chunks) broken += readChunk(await host.read(pathIn(folder, name)), { outcomes, units });
  const last = Number(/\d+/.exec(chunks.at(-1) ?? "0")?.[0]);
  return { outcomes, units, broken, file: pathIn(folder, `points-${String(last + 1).padStart(4, "0")}.jsonl`) };
}

/** Rejects with a ProblemError unless the results in a folder are those of this version. */
async function checkVersion(folder: string, host: Host): Promise<void> {
  const file = pathIn(folder, "study.json");
  const found = parsed(await host.read(file));
  const by = isObject(found) ? found.version : undefined;
  if (isObject(found) && found.format === format && by === version) return;
  const whose = typeof by === "string" ? `by version ${by} of Windtunnel; this is ${version}` : "by another program";
  const message = `the results in "${folder}" were made ${whose}`;
  throw new ProblemError([{ path: "", message, hint: "name another folder with -o; nothing in this one was changed" }]);
}

/** Adds the points of one file; returns how many lines are broken. */
function readChunk(
  text: string,
  into: { readonly outcomes: Map<string, Outcome>; readonly units: Record<string, string> },
): number {
  let broken = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const value = parsed(line);
    if (isObject(value) && isObject(value.units)) Object.assign(into.units, value.units);
    else if (isObject(value) && typeof value.key === "string" && isObject(value.metrics)) {
      into.outcomes.set(value.key, value as unknown as Outcome);
    } else broken++;
  }
  return broken;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    // A line that was cut short; the caller counts it.
    return undefined;
  }
}

/** What a study was, for whoever opens the folder later. Says whether another one's answer is there, which gives way. */
export async function writeStudy(folder: string, study: unknown, host: Host): Promise<"kept" | "replaced"> {
  const path = pathIn(folder, "study.json");
  const text = document({ format, version, ...(study as object) });
  const names = (await host.list(folder)).map((file) => file.slice(file.lastIndexOf("/") + 1));
  const other = names.includes("study.json") && (await host.read(path)) !== text;
  await host.replace(path, text);
  return other && names.includes("summary.json") ? "replaced" : "kept";
}

/** Lines of answers, new units before them. */
export function linesOf(answers: readonly Answer[], known: Units): string {
  const units = Object.assign({}, ...answers.map((answer) => answer.units)) as Units;
  const fresh = Object.entries(units).filter(([name]) => known[name] === undefined);
  const lines = answers.map(({ outcome }) => JSON.stringify(outcome));
  if (fresh.length > 0) lines.unshift(JSON.stringify({ units: Object.fromEntries(fresh) }));
  return `${lines.join("\n")}\n`;
}

export function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
