/** `import chakra`: files of an execution trace, one a rank, as a job of kind traffic that replays what they exchange. */

import { stringify } from "yaml";
import { type Problem, ProblemError } from "../../base/problem.ts";
import { nodes as nodeTypes } from "../../catalog/index.ts";
import type { Assumption } from "../../scenario/index.ts";
import {
  type ChakraImport,
  type ChakraInput,
  type ChakraOptions,
  groupsOfJson,
  replayOf,
  type TraceSummary,
  traceOf,
  traceSummary,
} from "../../workload/chakra/index.ts";
import type { Host } from "../host.ts";
import { type ImportFiles, type ImportKind, pickOptions } from "./kind.ts";
import { launchImport } from "./launch.ts";
import { type LostExchange, replayText } from "./replay-scenario.ts";
import { settingsOf } from "./settings.ts";

export interface ChakraImportOutput {
  readonly format: "chakra";
  readonly version: string;
  readonly summary: TraceSummary;
  /** Types of nodes that were passed over. */
  readonly passed: ChakraImport["passed"];
  readonly lost: readonly LostExchange[];
  readonly missing: readonly { readonly what: string; readonly option: string; readonly taken: string }[];
  readonly assumptions: readonly Assumption[];
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Where the scenario was written; printed otherwise. */
  readonly output?: string;
}

export interface ChakraImportInput extends ImportFiles {
  readonly node?: string;
  readonly nodes?: number;
  readonly set?: readonly string[];
}

export const chakraImport: ImportKind<ChakraImportInput, ChakraImportOutput> = {
  name: "chakra",
  summary: "Chakra execution traces, one file a rank: name.0.et name.1.et ...",
  takes: "several files",
  options: pickOptions(launchImport.options, ["node", "nodes", "set"]),
  examples: [
    { command: "windtunnel import chakra run.*.et --output s.yaml", does: "a job that replays a trace, into a file" },
  ],
  run: importChakra,
};

/** The node taken where nobody names one. */
const usualNode = "hgx-h100";

async function importChakra(input: ChakraImportInput, host: Host): Promise<ChakraImportOutput> {
  const { file, files = [], output } = input;
  const { inputs, groups } = await readInputs([file, ...files], host);
  const settings = optionsOf(settingsOf(input.set ?? []));
  const found = traceOf(inputs, groups.size === 0 ? settings : { ...settings, groups });
  const replay = replayOf(found.trace);
  const { ranks } = found.trace;
  const { phases, lost } = replayText(replay, ranks);
  const allLost = [...replay.lost, ...lost];
  if (phases.length === 0) throw new ProblemError([nothingProblem(file, found, allLost)]);
  const machines = machinesOf(input, ranks);
  const name = traceName(file);
  const job = { name, accelerators: ranks, ...(replay.rounds > 1 ? { rounds: replay.rounds } : {}), phases };
  const scenario = {
    windtunnel: 1,
    name: `${name} on ${machines.nodes} x ${machines.node}`,
    cluster: { node: machines.node, nodes: machines.nodes },
    workload: { kind: "traffic", jobs: [job] },
  };
  const text = stringify(scenario, { lineWidth: 0, flowCollectionPadding: true });
  const answer: ChakraImportOutput = {
    format: "chakra",
    version: found.version,
    summary: traceSummary(found.trace),
    passed: found.passed,
    lost: allLost,
    missing: machines.missing,
    assumptions: assumptionsOf(found, input),
    scenario,
    text,
  };
  if (output === undefined) return answer;
  await host.write(output, text);
  host.progress(`scenario written to ${output}`);
  return { ...answer, output };
}

/** Reasons that are named where nothing is left. */
const reasonsMost = 5;

/** Why no phase is left of a trace. */
function nothingProblem(file: string, { trace, passed }: ChakraImport, lost: readonly LostExchange[]): Problem {
  const { compute } = traceSummary(trace);
  const reasons = [
    ...lost.map(({ what, count, reason }) => `${count} x ${what} (${reason})`),
    ...passed.map(({ type, count }) => `${count} x ${type} (it only passes dependencies on)`),
    ...(compute.untimed > 0 ? [`${compute.untimed} x computation without a time`] : []),
  ];
  if (reasons.length === 0) return { path: file, message: "it has neither exchanges nor computation to replay" };
  const more = reasons.length - reasonsMost;
  const shown = `${reasons.slice(0, reasonsMost).join("; ")}${more > 0 ? `; and ${more} kinds more` : ""}`;
  const message = `nothing of it can be replayed: ${shown}`;
  const alone = trace.recorded.length === 1 && lost.length > 0;
  return alone ? { path: file, message, hint: `one rank is given: ${aloneHint}` } : { path: file, message };
}

const aloneHint =
  "give the files of all ranks, or say how many there are, --set ranks=64, and who is in groups, a file groups.json";

/** Traces, and files of JSON that list groups. */
async function readInputs(
  paths: readonly string[],
  host: Host,
): Promise<{ readonly inputs: readonly ChakraInput[]; readonly groups: ReadonlyMap<string, readonly number[]> }> {
  const inputs: ChakraInput[] = [];
  const groups = new Map<string, readonly number[]>();
  const problems: Problem[] = [];
  for (const path of paths) {
    try {
      if (!/\.json$/i.test(path)) {
        inputs.push({ name: path === "-" ? "stdin" : path, bytes: await host.readBytes(path) });
        continue;
      }
      const found = groupsOfJson(await host.read(path));
      const hint =
        'expected names and ranks, { "1": [0, 1], "2": [2, 3] }; traces in JSON have to be converted to .et files';
      if (found === undefined) problems.push({ path, message: "it lists no groups of ranks", hint });
      for (const [name, members] of found ?? []) groups.set(name, members);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return { inputs, groups };
}

/** `ranks=64`, `dimensions=8x4`. */
function optionsOf(settings: Readonly<Record<string, string>>): ChakraOptions {
  const problems: Problem[] = [];
  const { ranks: ranksText, dimensions: dimensionsText, ...others } = settings;
  const whole = (text: string, path: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= 1 && number <= ranksMost) return number;
    problems.push({ path, message: `found "${text}", expected a whole number from 1 to ${ranksMost}` });
    return 1;
  };
  for (const key of Object.keys(others))
    problems.push({ path: "set", message: `"${key}" is nothing that a trace leaves open`, hint: "ranks, dimensions" });
  const ranks = ranksText === undefined ? undefined : whole(ranksText, "set.ranks");
  const dimensions = dimensionsText?.split("x").map((side) => whole(side.trim(), "set.dimensions"));
  if (problems.length > 0) throw new ProblemError(problems);
  return { ...(ranks === undefined ? {} : { ranks }), ...(dimensions === undefined ? {} : { dimensions }) };
}

const ranksMost = 1_000_000;

/** Nodes enough for all ranks. */
function machinesOf(
  { node, nodes }: Pick<ChakraImportInput, "node" | "nodes">,
  ranks: number,
): { readonly node: string; readonly nodes: number; readonly missing: ChakraImportOutput["missing"] } {
  const type = nodeTypes.find(node ?? usualNode);
  if (type === undefined) throw new ProblemError([nodeTypes.unknown(node ?? usualNode, "--node")]);
  const least = Math.ceil(ranks / type.acceleratorsPerNode);
  if (nodes !== undefined && nodes < least) {
    const message = `${nodes} nodes have ${nodes * type.acceleratorsPerNode} accelerators, the trace has ${ranks} ranks`;
    throw new ProblemError([{ path: "--nodes", message, hint: `at least ${least}` }]);
  }
  const asked = { what: "the kind of node", option: "--node NAME", taken: `${type.name} (${type.label})` };
  return { node: type.name, nodes: nodes ?? least, missing: node === undefined ? [asked] : [] };
}

/** `runs/llama.0.et` is llama. */
function traceName(file: string): string {
  const bare = file.split(/[\\/]/).at(-1) ?? file;
  const stem = bare.replace(/(\.\d+)?(\.et)?$/, "");
  return stem === "" || stem === "-" ? "trace" : stem;
}

function assumptionsOf({ trace, assumptions }: ChakraImport, { node }: ChakraImportInput): readonly Assumption[] {
  const all = assumptions.slice(0, assumptionsMost).map(({ group, reason }): Assumption => {
    const members = trace.groups.get(group) ?? [];
    return { path: `group "${group}"`, value: `${members.length} ranks`, reason };
  });
  const more = assumptions.length - all.length;
  return [
    ...(node === undefined
      ? [{ path: "cluster.node", value: usualNode, reason: "a trace does not name its machines; say --node" }]
      : []),
    ...(trace.recorded.length < trace.ranks
      ? [
          {
            path: "ranks",
            value: `${trace.recorded.length} of ${trace.ranks} recorded`,
            reason: "the others are not in the replay but as members of groups",
          },
        ]
      : []),
    ...all,
    ...(more > 0 ? [{ path: "groups", value: `${more} more`, reason: "nothing lists them either" }] : []),
  ];
}

/** Groups that are named one by one. */
const assumptionsMost = 8;
