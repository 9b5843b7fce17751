/**
 * Files of all ranks to one trace: nodes with their meaning, groups with their members, everything held against
 * everything else. All problems are collected.
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { type Complain, flags } from "./attributes.ts";
import { checkRank, checkTogether } from "./check.ts";
import {
  dimensionGroup,
  dimensionGroupName,
  type GroupAssumption,
  type Groups,
  listedGroups,
  namedGroups,
} from "./groups.ts";
import { nodeOf, sizedFor } from "./meaning.ts";
import { type ChakraReading, readChakra } from "./read.ts";
import { type ChakraNode, nodeTypes } from "./schema.ts";
import { everyone, type RankTrace, type Trace, type TraceNode } from "./trace.ts";

export interface ChakraInput {
  /** Of the file; the rank is its last number: `name.17.et`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ChakraOptions {
  /** Ranks of the job, where not all are recorded. */
  readonly ranks?: number;
  /** Sides of the logical topology that involved_dim speaks of, innermost first. */
  readonly dimensions?: readonly number[];
  /** Members of groups, where the trace does not list them. */
  readonly groups?: ReadonlyMap<string, readonly number[]>;
}

export interface ChakraImport {
  readonly trace: Trace;
  readonly version: string;
  readonly assumptions: readonly GroupAssumption[];
  /** Nodes by type that have no meaning here; they only pass dependencies on. */
  readonly passed: readonly { readonly type: string; readonly count: number }[];
}

interface RankFile extends ChakraReading {
  readonly name: string;
  readonly rank: number;
}

/**
 * A trace from one file a rank.
 * @throws ProblemError with every problem found, each with its file and its byte or node.
 */
export function traceOf(inputs: readonly ChakraInput[], options: ChakraOptions = {}): ChakraImport {
  const problems: Problem[] = [];
  const files = rankFiles(inputs, problems);
  problems.push(...files.flatMap((file) => file.problems));
  if (problems.length > 0) throw new ProblemError(problems);
  const ranks = options.ranks ?? files.reduce((most, { rank }) => Math.max(most, rank + 1), 0);
  problems.push(...unrecorded(files, ranks, options), ...wrongDimensions(options, ranks));
  if (problems.length > 0) throw new ProblemError(problems);
  const groups: Groups = new Map(options.groups ?? []);
  const kept: string[] = [];
  const plain = files.map(({ name, rank, file }): RankTrace => {
    const { own, nodes: rest } = addListed(file.nodes, groups, (problem) => problems.push({ path: name, ...problem }));
    const at = { name, rank, groups, own, options, problems };
    const nodes = rest.map((raw) => {
      const node = withPeer(grouped(raw, at), at);
      if (node.kind === "other") kept.push(typeName(raw.type));
      return node;
    });
    problems.push(...checkRank(name, nodes));
    return { rank, nodes };
  });
  const assumptions = namedGroups(plain, groups, ranks);
  const recorded = plain.map(({ rank, nodes }): RankTrace => {
    return { rank, nodes: nodes.map((node) => sizedFor(node, groups.get(node.group ?? everyone)?.length ?? 1)) };
  });
  const trace: Trace = { ranks, recorded, groups };
  if (problems.length === 0) problems.push(...checkTogether(trace));
  if (problems.length > 0) throw new ProblemError(problems);
  return { trace, version: files[0]?.file.version ?? "", assumptions, passed: passedTypes(kept) };
}

function rankFiles(inputs: readonly ChakraInput[], problems: Problem[]): RankFile[] {
  const files: RankFile[] = [];
  if (inputs.length === 0) problems.push({ path: "files", message: "found none, expected name.0.et, name.1.et, ..." });
  for (const { name, bytes } of inputs) {
    const written = /(\d+)(?:\.et)?$/.exec(name)?.[1];
    const rank = written === undefined ? (inputs.length === 1 ? 0 : undefined) : Number(written);
    if (rank === undefined || !Number.isSafeInteger(rank)) {
      problems.push({ path: name, message: "its name says no rank", hint: "name files as name.0.et, name.1.et, ..." });
      continue;
    }
    const other = files.find((file) => file.rank === rank);
    if (other !== undefined) problems.push({ path: name, message: `it is of rank ${rank}, as is ${other.name}` });
    files.push({ name, rank, ...readChakra(bytes, name) });
  }
  return files.sort((a, b) => a.rank - b.rank);
}

/** Ranks below the highest that have no file. */
function unrecorded(files: readonly RankFile[], ranks: number, options: ChakraOptions): Problem[] {
  const hint = "give the files of all ranks, or say how many there are: --set ranks=64";
  const beyond = files.find(({ rank }) => rank >= ranks);
  if (beyond !== undefined)
    return [{ path: beyond.name, message: `it is of rank ${beyond.rank}, of ${ranks} ranks`, hint }];
  if (options.ranks !== undefined || files.length >= ranks) return [];
  const known = new Set(files.map(({ rank }) => rank));
  let missing = 0;
  while (known.has(missing)) missing++;
  return [{ path: "files", message: `found ${files.length} of ${ranks} ranks, none of rank ${missing}`, hint }];
}

/**
 * Adds the groups that metadata nodes of a file list. A name that means other members in another file gets its first
 * rank beside it; `own` says so for this file. Nodes that only list groups are left out.
 */
function addListed(
  nodes: readonly ChakraNode[],
  groups: Groups,
  complain: (problem: Omit<Problem, "path">) => void,
): { readonly own: ReadonlyMap<string, string>; readonly nodes: readonly ChakraNode[] } {
  const own = new Map<string, string>();
  const needed = new Set(nodes.flatMap((raw) => [...raw.controlDependencies, ...raw.dataDependencies]));
  const rest = nodes.filter((raw) => {
    const listed = nodeTypes[raw.type] === "METADATA_NODE" ? listedGroups(raw) : undefined;
    if (listed === undefined) return true;
    if (listed === "broken") {
      const message = `node ${raw.id} "${raw.name}" lists groups that cannot be read`;
      complain({ message, hint: 'expected [{"pg_name": "1", "ranks": [0, 1]}, ...]' });
      return true;
    }
    for (const [name, members] of listed) {
      const known = groups.get(name);
      const same = known === undefined || known.join() === members.join();
      const key = same ? name : `${name} of ${members[0]}`;
      groups.set(key, groups.get(key) ?? members);
      if (!same) own.set(name, key);
    }
    return needed.has(raw.id) || raw.durationMicros > 0n;
  });
  return { own, nodes: rest };
}

function wrongDimensions({ dimensions }: ChakraOptions, ranks: number): Problem[] {
  const product = dimensions?.reduce((all, side) => all * side, 1);
  if (product === undefined || product === ranks) return [];
  return [{ path: "dimensions", message: `${dimensions?.join("x")} are ${product} ranks, the trace is of ${ranks}` }];
}

interface Grouping {
  readonly name: string;
  readonly rank: number;
  readonly groups: Groups;
  /** Names of groups that mean others in this file. */
  readonly own: ReadonlyMap<string, string>;
  readonly options: ChakraOptions;
  readonly problems: Problem[];
}

/** Of one file, so that one mistake made everywhere does not bury the others. */
const complaintsMost = 10;

/** A node with its group by name. */
function grouped(raw: ChakraNode, { name, rank, groups, own, options, problems }: Grouping): TraceNode {
  const complain = (message: string, hint?: string): void => {
    if (problems.filter(({ path }) => path === name).length >= complaintsMost) return;
    const text = `node ${raw.id} "${raw.name}": ${message}`;
    problems.push({ path: name, message: text, ...(hint === undefined ? {} : { hint }) });
  };
  const node = nodeOf(raw, complain);
  if (node.group !== undefined) return { ...node, group: own.get(node.group) ?? node.group };
  if (node.kind !== "collective") return node;
  const involved = dimensionsOf(raw, options, complain);
  if (involved === undefined) return { ...node, group: everyone };
  const members = dimensionGroup(rank, options.dimensions ?? [], involved);
  const group = dimensionGroupName(involved, members);
  groups.set(group, members);
  return { ...node, group };
}

/**
 * PyTorch's converter leaves the peer of a transfer out: in a group of two it is the other one, else the node only passes
 * dependencies on.
 */
function withPeer(node: TraceNode, { rank, groups }: Pick<Grouping, "rank" | "groups">): TraceNode {
  if ((node.kind !== "send" && node.kind !== "receive") || node.peer !== undefined) return node;
  const members = groups.get(node.group ?? "") ?? [];
  const other = members.find((member) => member !== rank);
  if (other !== undefined && members.length === 2) return { ...node, peer: other };
  return { ...node, kind: "other" };
}

/** Dimensions that a collective runs over; undefined means all. */
function dimensionsOf(
  raw: ChakraNode,
  { dimensions }: ChakraOptions,
  complain: (message: string, hint?: string) => void,
): readonly boolean[] | undefined {
  const involved = flags(raw, "involved_dim", complain as Complain)?.map((on) => on === true);
  if (involved === undefined || involved.every((on) => on)) return undefined;
  if (dimensions !== undefined) return involved.slice(0, dimensions.length);
  const hint = "say their sides, innermost first: --set dimensions=8x4";
  complain(`involved_dim leaves dimensions out, and no trace says how large dimensions are`, hint);
  return undefined;
}

function passedTypes(types: readonly string[]): ChakraImport["passed"] {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => ({ type, count }));
}

/** A transfer that is passed over has no peer. */
function typeName(type: number): string {
  const name = nodeTypes[type];
  if (name === undefined) return `type ${type}`;
  return name.startsWith("COMM_") ? `${name} without a peer` : name;
}
