/**
 * Acceptance: logs of collective tests against a scenario's machines. Each size of each run passes or fails; a run that
 * is too slow gets the faults that would make it so.
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { NcclLog, NcclRun } from "../nccl-tests/index.ts";
import { type JudgeOptions, judge, type SizeVerdict } from "./judge.ts";
import { type Named, type Question, type QuestionOptions, questionOf } from "./question.ts";
import { slowingSettings } from "./slowing-settings.ts";
import { type Judged, type Suspect, sameTest, suspectsOf } from "./suspects.ts";

export type { SizeVerdict } from "./judge.ts";
export type { Suspect } from "./suspects.ts";

export interface AcceptedRun {
  readonly file: string;
  readonly line: number;
  readonly operation: Question["operation"];
  readonly ranks: number;
  readonly nodes: number;
  readonly hosts: readonly string[];
  readonly library?: string;
  readonly pass: boolean;
  readonly sizes: readonly SizeVerdict[];
  /** Of a run that is too slow, nearest first. */
  readonly suspects: readonly Suspect[];
  readonly assumptions: NcclRun["assumptions"];
  readonly notes: readonly string[];
}

export interface Acceptance {
  readonly pass: boolean;
  readonly runs: readonly AcceptedRun[];
  /** Hosts of every run that failed and of none that passed; empty where that tells nothing. */
  readonly hosts: readonly string[];
  /** Tables of the logs that were not judged, with the reason. */
  readonly left: readonly Problem[];
}

export interface AcceptOptions extends JudgeOptions, QuestionOptions {}

/**
 * Judges all logs together: a run that passed clears what it could not have passed with.
 * @throws ProblemError where no run of any log can be judged, with the reason for each.
 */
export function accept(named: Named, logs: readonly NcclLog[], options: AcceptOptions = {}): Acceptance {
  const left: Problem[] = logs.flatMap((log) => log.left);
  const judged: Judged[] = [];
  for (const run of logs.flatMap(({ runs }) => runs)) {
    const question = questionOf(named, run, options);
    if ("run" in question) judged.push({ question, verdicts: judge(question, options) });
    else left.push(...question);
  }
  if (judged.length === 0) throw new ProblemError(left);
  const runs = judged.map((each) => acceptedRun(each, judged));
  return { pass: runs.every(({ pass }) => pass), runs, hosts: blamedHosts(runs), left };
}

function acceptedRun(judged: Judged, all: readonly Judged[]): AcceptedRun {
  const { question, verdicts } = judged;
  const { run, machines } = question;
  const slow = verdicts.some(({ reason }) => reason === "too slow");
  const others = all.filter((other) => other !== judged);
  return {
    file: run.file,
    line: run.line,
    operation: question.operation,
    ranks: run.ranks,
    nodes: machines.nodes,
    hosts: run.hosts,
    ...(run.library === undefined ? {} : { library: run.library }),
    pass: verdicts.every(({ verdict }) => verdict === "pass"),
    sizes: verdicts,
    suspects: slow ? suspectsOf(judged, others) : [],
    assumptions: machines.assumptions,
    notes: [...question.notes, ...(slow ? slowingSettings(question) : []), ...comesAndGoes(judged, others)],
  };
}

/** The same test with the other verdict. */
function comesAndGoes(judged: Judged, others: readonly Judged[]): readonly string[] {
  const fails = ({ verdicts }: Judged): boolean => verdicts.some(({ verdict }) => verdict === "fail");
  if (!fails(judged)) return [];
  const twin = others.find((other) => sameTest(judged, other) && !fails(other));
  return twin === undefined ? [] : [`the same test passes in ${twin.question.run.file}: the fault comes and goes`];
}

function blamedHosts(runs: readonly AcceptedRun[]): readonly string[] {
  const failed = runs.filter(({ pass }) => !pass);
  const sound = new Set(runs.filter(({ pass }) => pass).flatMap(({ hosts }) => hosts));
  const [first, ...rest] = failed;
  if (first === undefined || sound.size === 0) return [];
  return first.hosts.filter((host) => !sound.has(host) && rest.every(({ hosts }) => hosts.includes(host)));
}
