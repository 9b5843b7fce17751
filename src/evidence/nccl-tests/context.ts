/**
 * What stands around the tables of an nccl-tests log: the command with its settings, the ranks with their hosts and
 * devices, versions, and what the library's own messages give away.
 */

import { type TestProgram, testProgram } from "./operation.ts";

export interface RankLine {
  readonly rank: number;
  readonly group: number;
  readonly host: string;
  /** `NVIDIA H100 80GB HBM3`. */
  readonly device: string;
}

/** What the library's messages say of the ways it found. */
export interface Clues {
  readonly network?: "socket" | "ib" | "ofi";
  readonly directRdma?: "on" | "off";
  readonly multicast?: "on" | "off";
}

/** Gathered line by line; a run takes what stood above its table. */
export interface Context {
  program: TestProgram | undefined;
  /** As the log names it, also where it is none that we know. */
  programName: string | undefined;
  ranks: RankLine[];
  /** Ranks and nodes of the communicator in the library's messages. */
  rankCount: number | undefined;
  nodeCount: number | undefined;
  library: string | undefined;
  settings: Record<string, string>;
  clues: Clues;
}

export function emptyContext(): Context {
  return {
    program: undefined,
    programName: undefined,
    ranks: [],
    rankCount: undefined,
    nodeCount: undefined,
    library: undefined,
    settings: {},
    clues: {},
  };
}

const rankLine = /\bRank\s+(\d+)(?:\s+Group\s+(\d+))?\s+Pid\s+\d+\s+on\s+(\S+)\s+device\s+\d+\s+\[[^\]]*\]\s*([^\]]*)$/;
const started = /Collective test starting:\s*(\w+)/;
const program = /\b(\w+?_perf)(?:_mpi)?\b/g;
const building = /^\s*(?:make|Compiling|Linking|gcc|nvcc|cp|ls|cd|cmake)\b|test concluded|\.(?:cu|cc|o)\b/;
const version = /\b(N|R)CCL (?:version|INFO NCCL version)\s*:?\s*(\d+(?:\.\d+)+)/;
/** A value may be a list; what follows a comma and has a value of its own is the next setting of a launcher's list. */
const setting =
  /\b((?:NCCL|RCCL)_[A-Z0-9_]+)(?:=|\s+set by environment to\s+)["']?([^\s"',;]+(?:,(?!\w+=)[^\s"',;]+)*)/g;
const communicator = /\brank \d+ n[rR]anks (\d+)(?: nNodes (\d+))?/;

/** Takes what a line says. */
export function readContext(line: string, context: Context): void {
  if (!readRank(line, context) && !readProgram(line, context)) readMessage(line, context);
}

/** True for what stands above a table: the next run begins. */
export function beginsRun(line: string): boolean {
  return header.test(line) || rankLine.test(line) || programIn(line) !== undefined;
}

const header = /\bnThread\s+\d+\s+nGpus\s+\d+/;

function readRank(line: string, context: Context): boolean {
  const found = rankLine.exec(line);
  if (found === null) return false;
  const [, rank, group = "0", host = "", device = ""] = found;
  context.ranks.push({ rank: Number(rank), group: Number(group), host, device: device.trim() });
  return true;
}

/** The first setting of the library that a text makes, with its value. */
export function settingOf(text: string): readonly [name: string, value: string] | undefined {
  const [found] = text.matchAll(setting);
  return found === undefined ? undefined : [found[1] ?? "", found[2] ?? ""];
}

function readProgram(line: string, context: Context): boolean {
  for (const [, name = "", value = ""] of line.matchAll(setting)) context.settings[name] = value;
  const named = programIn(line);
  if (named === undefined) return false;
  context.programName = named;
  context.program = testProgram(named);
  return true;
}

/** The program that a command starts; builds and closing lines name programs too. */
function programIn(line: string): string | undefined {
  const start = started.exec(line)?.[1];
  if (start !== undefined) return start;
  return building.test(line) ? undefined : [...line.matchAll(program)].at(-1)?.[1];
}

function readMessage(line: string, context: Context): void {
  const library = version.exec(line);
  if (library !== null) context.library = `${library[1]}CCL ${library[2]}`;
  if (!/\bNCCL (INFO|WARN|TRACE)\b/.test(line)) return;
  const [, ranks, nodes] = communicator.exec(line) ?? [];
  if (ranks !== undefined) context.rankCount = Math.max(Number(ranks), context.rankCount ?? 0);
  if (nodes !== undefined) context.nodeCount = Math.max(Number(nodes), context.nodeCount ?? 0);
  context.clues = { ...context.clues, ...cluesOf(line, context.clues) };
}

function cluesOf(line: string, before: Clues): Clues {
  const network = /Using network (\w+)|via NET\/(\w+)/.exec(line);
  const name = (network?.[1] ?? network?.[2] ?? "").toLowerCase();
  const path = /via NET\/\w+\/\d+(\/GDRDMA)?/.exec(line);
  const multicast = /NVLS multicast support is (not )?available/.exec(line);
  return {
    ...(/socket/.test(name) ? { network: "socket" } : {}),
    ...(/^ib/.test(name) ? { network: "ib" } : {}),
    ...(/ofi|libfabric/.test(name) ? { network: "ofi" } : {}),
    // One way without it is enough to slow all of them.
    ...(path === null ? {} : { directRdma: path[1] === undefined || before.directRdma === "off" ? "off" : "on" }),
    ...(multicast === null ? {} : { multicast: multicast[1] === undefined ? "on" : "off" }),
  };
}
