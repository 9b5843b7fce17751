/** Runs of nccl-tests as evidence records: a collective scenario each, with what was measured at every size. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Bytes } from "../../base/quantity.ts";
import type { CollectiveOperation } from "../../network/index.ts";
import { resolve, scenarioFromValue } from "../../scenario/index.ts";
import { units } from "../log/format.ts";
import { type EvidenceRecord, type Measured, scenarioOf } from "../record.ts";
import { groupOf, type Machines } from "./machines.ts";
import type { NcclRun } from "./run.ts";

export interface RecordFacts {
  /** Where the log can be read by others. */
  readonly url?: string;
  /** When it was measured: 2026-11-22. */
  readonly date?: string;
}

/** The record of a run; a problem where its collective is not modelled, or nothing can be predicted for it. */
export function recordOf(run: NcclRun, machines: Machines, facts: RecordFacts = {}): EvidenceRecord | Problem {
  const { program, file, line } = run;
  if (program.operation === undefined) {
    const message = `${program.name} is read, but no such collective is modelled`;
    return { path: "", message, location: { file, line, column: 1 } };
  }
  const record = written(run, program.operation, { machines, facts });
  try {
    resolve(scenarioFromValue(scenarioOf(record)));
    return record;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const message = `nothing can be predicted for it: ${error.problems.map((problem) => problem.message).join("; ")}`;
    return { path: "", message, location: { file, line, column: 1 } };
  }
}

function written(
  run: NcclRun,
  operation: CollectiveOperation,
  { machines, facts }: { readonly machines: Machines; readonly facts: RecordFacts },
): EvidenceRecord {
  const { program, file, line, ranks } = run;
  const { node, nodes, fabric } = machines;
  const devices = run.devices.join(", ");
  const bare = file.replace(/^.*[\\/]/, "");
  return {
    windtunnel: 1,
    name: `${operation} over ${ranks} ranks on ${nodes} x ${node.name}`,
    id: `nccl-tests/${bare}:${line}`,
    kind: "collective",
    source: {
      title: `${program.name}_perf of ${bare}${run.library === undefined ? "" : `, ${run.library}`}`,
      url: facts.url ?? "",
      where: `line ${line}`,
      year: Number(facts.date?.slice(0, 4) ?? 0),
    },
    use: "judge",
    cluster: { node: node.name, nodes, ...(fabric === undefined ? {} : { fabric }) },
    workload: {
      kind: "collective",
      operation,
      sizes: run.points.map(({ size }) => sizeText(size)),
      group: groupOf(run, machines),
    },
    measured: run.points.flatMap(measuredOf),
    unconverted: [],
    inferred: machines.asked.some(({ option }) => option.startsWith("--node ")) ? ["cluster.node"] : [],
    assumptions: machines.assumptions.map(({ what, taken, reason }) => ({ path: what, value: taken, reason })),
    quote: "",
    notes: [devices, settingsText(run.settings)].filter((text) => text !== "").join("; "),
  };
}

function settingsText(settings: NcclRun["settings"]): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** Time counts; the bandwidths follow from it and stand beside it as people compare them. */
function measuredOf({ size, time, algorithmBandwidth, busBandwidth }: NcclRun["points"][number]): readonly Measured[] {
  const at = { size: sizeText(size) };
  const digits = (value: number): string => String(Number(value.toPrecision(6)));
  return [
    { metric: "time", value: `${digits(time / units.micro)} us`, primary: true, at },
    { metric: "algorithmBandwidth", value: `${digits(algorithmBandwidth)} B/s`, primary: false, at },
    { metric: "busBandwidth", value: `${digits(busBandwidth)} B/s`, primary: false, at },
  ];
}

/** Exact, in the largest power of 1024 that divides it. */
export function sizeText(size: Bytes): string {
  const units = ["B", "KiB", "MiB", "GiB"] as const;
  let [rest, unit] = [size, 0];
  while (unit < units.length - 1 && rest >= 1024 && rest % 1024 === 0) {
    rest /= 1024;
    unit += 1;
  }
  return `${rest} ${units[unit]}`;
}
