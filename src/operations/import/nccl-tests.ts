/** `import nccl-tests`: logs of collective tests as evidence records and, on request, a calibration profile. */

import { z } from "zod";
import { type Problem, ProblemError, problemCollector } from "../../base/problem.ts";
import {
  type EvidenceRecord,
  type Machines,
  machinesOf,
  type NcclRun,
  profileOf,
  type Recorded,
  readNcclLog,
  recordOf,
  soundRun,
} from "../../evidence/index.ts";
import type { Profile } from "../../network/index.ts";
import type { Host } from "../host.ts";
import { type LogInput, logFields, runOptions } from "../nccl-log.ts";
import { field } from "../operation.ts";
import type { ImportFiles, ImportKind } from "./kind.ts";

export interface NcclImportInput extends ImportFiles, LogInput {
  readonly node?: string;
  readonly fabric?: string;
  readonly profile?: string;
  readonly name?: string;
  readonly date?: string;
  readonly url?: string;
}

export interface NcclImportOutput {
  readonly records: readonly EvidenceRecord[];
  /** The records as text, ready to be kept. */
  readonly text: string;
  readonly runs: readonly Pick<NcclRun, "file" | "line" | "ranks" | "devices" | "hosts">[];
  /** What the logs cannot say, which option says it, and what was taken. */
  readonly missing: Machines["asked"];
  /** Tables and rows that were not used, with the reason. */
  readonly left: readonly Problem[];
  readonly profile?: Profile;
  readonly output?: string;
}

export const ncclImport: ImportKind<NcclImportInput, NcclImportOutput> = {
  name: "nccl-tests",
  summary: "logs of nccl-tests or rccl-tests",
  takes: "several files",
  options: {
    node: field(z.string().min(1).exactOptional(), {
      description: "kind of node, which no log says (windtunnel catalog node)",
      value: "NAME",
    }),
    fabric: field(z.string().min(1).exactOptional(), {
      description: "what joins the nodes, which no log says (windtunnel catalog fabric)",
      value: "NAME",
    }),
    ...logFields,
    profile: field(z.string().min(1).exactOptional(), {
      description: "write a calibration profile of the logs, for workload.calibration of a scenario",
      value: "FILE",
    }),
    name: field(z.string().min(1).exactOptional(), { description: "name of the profile", value: "NAME" }),
    date: field(z.string().min(1).exactOptional(), {
      description: "when the logs were made, e.g. 2026-11-22; a profile needs it",
      value: "DATE",
    }),
    url: field(z.string().min(1).exactOptional(), {
      description: "where others can read the logs, for the records",
      value: "URL",
    }),
  },
  examples: [
    { command: "windtunnel import nccl-tests run.log", does: "evidence records; windtunnel validate judges by them" },
    {
      command: "windtunnel import nccl-tests *.log --profile ours.json --name ours --date 2026-11-22",
      does: "a profile to calibrate predictions of these machines with",
    },
  ],
  run: importLogs,
};

async function importLogs(input: NcclImportInput, host: Host): Promise<NcclImportOutput> {
  const facts = profileFacts(input);
  const { runs, left } = await readLogs(input, host);
  const { recorded, missing, refused } = recordsOf(runs, input);
  if (recorded.length === 0) throw new ProblemError([...refused, ...left]);
  const profile = facts === undefined ? undefined : profileOf(recorded, facts);
  if (profile !== undefined && !("curves" in profile)) throw new ProblemError(profile);
  const records = recorded.map(({ record }) => record);
  const text = `${JSON.stringify(records, null, 2)}\n`;
  const output: NcclImportOutput = {
    records,
    text,
    runs: recorded.map(({ run: { file, line, ranks, devices, hosts } }) => ({ file, line, ranks, devices, hosts })),
    missing,
    left: [...left, ...refused],
    ...(profile === undefined ? {} : { profile }),
    ...(input.output === undefined ? {} : { output: input.output }),
  };
  if (input.output !== undefined) {
    await host.write(input.output, text);
    host.progress(`${records.length} records written to ${input.output}`);
  }
  if (profile !== undefined && input.profile !== undefined) {
    await host.write(input.profile, `${JSON.stringify(profile, null, 2)}\n`);
    host.progress(`profile written to ${input.profile}`);
  }
  return output;
}

/** Name and date of the profile that is asked for. */
function profileFacts({ profile, name, date }: NcclImportInput): { name: string; date: string } | undefined {
  const problems = problemCollector();
  if (date !== undefined && !isDay(date)) {
    problems.add({ path: "--date", message: `"${date}" is no date`, hint: "year-month-day, e.g. 2026-11-22" });
  }
  if (profile === undefined) {
    if (name !== undefined)
      problems.add({ path: "--name", message: "names a profile, and none is asked for", hint: "--profile FILE" });
    problems.throwIfAny();
    return undefined;
  }
  if (name === undefined) problems.add({ path: "--name", message: "a profile has a name", hint: "--name NAME" });
  if (date === undefined) problems.add({ path: "--date", message: "a profile has a date", hint: "--date 2026-11-22" });
  problems.throwIfAny();
  return name === undefined || date === undefined ? undefined : { name, date };
}

/** `2026-11-22`, of the Gregorian calendar. */
function isDay(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

async function readLogs(
  { file, files = [], ...given }: NcclImportInput,
  host: Host,
): Promise<{ readonly runs: readonly NcclRun[]; readonly left: readonly Problem[] }> {
  const options = runOptions(given);
  const runs: NcclRun[] = [];
  const left: Problem[] = [];
  const problems: Problem[] = [];
  for (const path of [file, ...files]) {
    try {
      const log = readNcclLog(await host.read(path), path === "-" ? "stdin" : path, options);
      left.push(...log.left);
      for (const each of log.runs.map(soundRun)) {
        left.push(...each.left);
        if (each.run !== undefined) runs.push(each.run);
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return { runs, left };
}

function recordsOf(
  runs: readonly NcclRun[],
  { node, fabric, nodes, date, url }: NcclImportInput,
): { readonly recorded: Recorded[]; readonly missing: Machines["asked"]; readonly refused: readonly Problem[] } {
  const recorded: Recorded[] = [];
  const refused: Problem[] = [];
  const missing = new Map<string, Machines["asked"][number]>();
  for (const run of runs) {
    const machines = machinesOf(run, {
      ...(node === undefined ? {} : { node }),
      ...(fabric === undefined ? {} : { fabric }),
      ...(nodes === undefined ? {} : { nodes }),
    });
    const record =
      "message" in machines
        ? machines
        : recordOf(run, machines, {
            ...(date === undefined ? {} : { date }),
            ...(url === undefined ? {} : { url }),
          });
    if ("message" in record) refused.push(record);
    else recorded.push({ run, record });
    if ("asked" in machines) for (const asked of machines.asked) missing.set(asked.option + asked.taken, asked);
  }
  return { recorded, missing: [...missing.values()], refused };
}
