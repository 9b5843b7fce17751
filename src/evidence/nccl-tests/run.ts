/**
 * A run of nccl-tests as a question that predictions answer: which collective over which ranks on which machines, and
 * the time measured at each size. What a log does not say follows from its columns, or is asked for by name.
 */

import type { Problem } from "../../base/problem.ts";
import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { median } from "../../base/statistics.ts";
import { guessProgram, type TestProgram, testPrograms } from "./operation.ts";
import { groupCount, impliedRanks, namedRanks, partsOf, ranksContradiction } from "./ranks.ts";
import type { NcclRow, Timing } from "./row.ts";
import type { NcclTable } from "./table.ts";

/** What was measured at one size, the median where it was measured several times. */
export interface NcclPoint {
  readonly size: Bytes;
  readonly time: Seconds;
  readonly algorithmBandwidth: BytesPerSecond;
  readonly busBandwidth: BytesPerSecond;
  /** Elements that came out wrong; more than none is a failure by itself. */
  readonly wrong: number;
  readonly line: number;
}

export interface NcclRun {
  readonly file: string;
  readonly line: number;
  readonly program: TestProgram;
  readonly ranks: number;
  /** Ranks on the fullest host; absent where the log names no hosts. */
  readonly ranksPerHost?: number;
  readonly hosts: readonly string[];
  /** Host of each rank, as an index of `hosts`; absent where not every rank is listed. */
  readonly rankHosts?: readonly number[];
  /** Hosts that the log names, though its list of ranks be cut. */
  readonly hostsNamed: number;
  /** Nodes, where the library's messages count them. */
  readonly nodes?: number;
  /** Groups that ran beside each other; 1 unless the test was split. */
  readonly groups: number;
  /** Names of devices, as the driver has them. */
  readonly devices: readonly string[];
  readonly library?: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly clues: NcclTable["clues"];
  /** By ascending size; out of place where that was measured. */
  readonly points: readonly NcclPoint[];
  readonly element: string;
  /** How what the log does not say was found. */
  readonly assumptions: readonly { readonly what: string; readonly taken: string; readonly reason: string }[];
}

/** What the user says of logs that do not. */
export interface RunOptions {
  readonly operation?: TestProgram;
  readonly ranks?: number;
}

/** The run of a table, or why it cannot be used. */
export function runOf(table: NcclTable, file: string, options: RunOptions = {}): NcclRun | Problem {
  const refuse = (message: string, hint: string): Problem => ({
    path: "",
    message,
    hint,
    location: { file, line: table.line, column: 1 },
  });
  if (table.columns?.clock === "processor") {
    return refuse("the times are of the processor (cputime), not of the collective", "run without -C 1");
  }
  const rows = table.rows.filter(({ size }) => size > 0);
  if (rows.length === 0) return refuse("the table has sizes of 0 bytes only", "choose larger sizes, e.g. -b 8 -e 8G");
  const facts = factsOf(rows);
  const assumptions: { what: string; taken: string; reason: string }[] = [];
  if (table.programName !== undefined && table.program === undefined) {
    return refuse(`${table.programName} is no program of nccl-tests that is known`, known);
  }
  const named = namedRanks(table);
  if (named?.ranks === 1 && options.ranks === undefined) return refuse(...alone(table));
  const program = options.operation ?? table.program ?? guessProgram(facts);
  if (program === undefined) {
    return refuse("the log does not name its program, and the columns fit several", `--operation NAME; ${known}`);
  }
  if (options.operation !== undefined && (table.program ?? options.operation).name !== options.operation.name) {
    const message = `the log names ${table.programName ?? table.program?.name}, --operation says ${options.operation.name}`;
    return refuse(message, "leave --operation out");
  }
  if (options.operation === undefined && table.program === undefined) {
    assumptions.push({ what: "operation", taken: program.name, reason: "the only program with such columns" });
  }
  const against = options.ranks === undefined ? undefined : ranksContradiction({ table, rows, program }, options.ranks);
  if (against !== undefined) return refuse(`${against}, --ranks says ${options.ranks}`, "leave --ranks out");
  const ranks = options.ranks ?? named?.ranks ?? impliedRanks(program, rows);
  if (ranks === undefined || ranks < 2) {
    return refuse(
      "the log does not say how many ranks took part",
      "--ranks N, or paste the lines that begin with Rank",
    );
  }
  if (options.ranks === undefined && named === undefined) {
    assumptions.push({ what: "ranks", taken: String(ranks), reason: "follows from the columns" });
  }
  return {
    file,
    line: table.line,
    program,
    ranks,
    ...hostsOf(table, ranks),
    ...(table.nodeCount === undefined ? {} : { nodes: table.nodeCount }),
    ...(table.library === undefined ? {} : { library: table.library }),
    settings: table.settings,
    clues: table.clues,
    points: pointsOf(rows, program, ranks),
    element: rows[0]?.type ?? "",
    assumptions,
  };
}

const known = `known: ${testPrograms.map(({ name }) => `${name}_perf`).join(", ")}`;

function alone(table: NcclTable): [message: string, hint: string] {
  const copies = table.ranks.length;
  if (copies <= 1) return ["one rank alone: nothing was sent", "run on two accelerators or more"];
  return [
    `${copies} processes ran beside each other with one rank each: nothing was sent`,
    "build nccl-tests with MPI=1, so that all processes are one group",
  ];
}

/** What the columns say, from the largest row, where rounding matters least. */
function factsOf(rows: readonly NcclRow[]) {
  const largest = rows.reduce((most, row) => (row.size >= most.size ? row : most));
  const { redop, root } = largest;
  const unchecked = rows.every(
    ({ inPlace, outOfPlace }) => inPlace?.wrong === undefined && outOfPlace.wrong !== undefined,
  );
  const measured = rows.map((row) => row.outOfPlace);
  const algorithm = measured.reduce((sum, timing) => sum + timing.algorithmBandwidth, 0);
  const bus = measured.reduce((sum, timing) => sum + timing.busBandwidth, 0);
  const inPlace = largest.inPlace === undefined ? "absent" : unchecked ? "unchecked" : "checked";
  return {
    ...(redop === undefined ? {} : { redop }),
    ...(root === undefined ? {} : { root }),
    ...(algorithm === 0 ? {} : { ratio: bus / algorithm }),
    parts: partsOf(rows),
    inPlace: inPlace as "checked" | "unchecked" | "absent",
  };
}

/** Hosts where every rank is listed; a cut list says nothing of the rest. */
function hostsOf(
  { ranks: listed }: NcclTable,
  ranks: number,
): Pick<NcclRun, "hosts" | "hostsNamed" | "devices" | "groups" | "ranksPerHost" | "rankHosts"> {
  const devices = [...new Set(listed.map(({ device }) => device).filter((device) => device !== ""))];
  const groups = groupCount(listed);
  const first = listed[0]?.group;
  const own = listed.filter(({ group }) => group === first).sort((a, b) => a.rank - b.rank);
  const hosts = [...new Set(own.map(({ host }) => host))];
  const hostsNamed = hosts.length;
  if (own.length !== ranks) return { hosts: [], hostsNamed, devices, groups };
  const rankHosts = own.map(({ host }) => hosts.indexOf(host));
  const most = Math.max(...hosts.map((host) => own.filter((line) => line.host === host).length));
  return { hosts, hostsNamed, rankHosts, devices, groups, ranksPerHost: most };
}

function pointsOf(rows: readonly NcclRow[], program: TestProgram, ranks: number): readonly NcclPoint[] {
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b);
  return sizes.map((size) => {
    const same = rows.filter((row) => row.size === size);
    const time = median(same.map(({ outOfPlace }) => outOfPlace.time));
    const wrongOf = (timing: Timing | undefined): number => timing?.wrong ?? 0;
    const algorithmBandwidth = size / time;
    return {
      size,
      time,
      algorithmBandwidth,
      busBandwidth: algorithmBandwidth * program.factor(ranks),
      wrong: Math.max(...same.map((row) => wrongOf(row.outOfPlace) + wrongOf(row.inPlace))),
      line: same[0]?.line ?? 1,
    };
  });
}
